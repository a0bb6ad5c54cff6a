"""Unite decides: how alike two records are, and which are worth comparing. It suggests; nobody is merged by a guess.

The formula stands in docs/rules/twins.md. What speaks for one person adds up as independent evidence; what speaks
against it multiplies.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

SUGGESTED: Final = 0.65  # from here on a human is asked
FEW: Final = 3  # a telephone number of more people is a switchboard, and says nothing
ADDRESS, CLAIM, PHONE, NAME, NEARLY, EMPLOYER = 0.9, 0.8, 0.5, 0.6, 0.4, 0.45
OTHER_ID, OTHER_FIRST_NAME, OTHER_EMPLOYER = 0.85, 0.2, 0.4
WORDS: Final = re.compile(r"\w+")

# Letters of other alphabets that look like ours.
LOOKALIKES: Final = str.maketrans("асеорхуіјѕһԁԛԝɡмткοανρτικ", "aceopxyijshdqwgmtkoavptik")
WITHOUT_DOTS: Final = frozenset({"gmail.com", "googlemail.com"})
# Mailboxes of a function, not of a person (RFC 2142, and what companies use).
ROLES: Final = frozenset(
    """
    abuse accounting accueil achats admin administration bonjour booking career careers comptabilite compta commercial
    contact direction facturation finance hello help hr info information infos invoice jobs kontakt mail marketing news
    newsletter noreply no-reply office orders postmaster presse privacy purchasing rh sales secretariat security service
    services support team vente ventes webmaster
    """.split()  # noqa: SIM905 (a list of words is read more easily than a list of strings)
)


@dataclass(frozen=True, slots=True)
class Record:
    """What is compared. `claims`: addresses that were said to be theirs; `phone_shared`: too many people have it."""

    id: int
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    phone: str = ""
    phone_shared: bool = False
    organisation: int | None = None
    claims: frozenset[str] = frozenset()
    external_ids: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Likeness:
    """`score` from 0 to 1; `because`: codes of what speaks for one person, and of what speaks against it."""

    score: float
    because: tuple[str, ...]


@lru_cache(maxsize=20_000)
def folded(name: str) -> str:
    """Small letters without accents, signs or lookalikes.

    >>> folded("Élodie  LEFÈVRE-Roux"), folded("Маrtin")
    ('elodie lefevre roux', 'martin')
    """
    if name.isascii():
        return " ".join(WORDS.findall(name.lower()))
    small = unicodedata.normalize("NFKD", name.casefold()).translate(LOOKALIKES)
    letters = "".join(one for one in small if not unicodedata.combining(one))
    return " ".join(WORDS.findall(letters))


@lru_cache(maxsize=20_000)
def looks_like_ours(text: str) -> bool:
    """Whether letters of another alphabet stand among ours that they look like: nobody writes so by chance.

    >>> looks_like_ours("Jеan"), looks_like_ours("Jean"), looks_like_ours("Владимир")
    (True, False, False)
    """
    words = re.findall(r"[^\W\d_]+", text.casefold())
    return any(one.translate(LOOKALIKES) != one and re.search("[a-z]", one) for one in words)


@lru_cache(maxsize=20_000)
def mailbox(email: str) -> str:
    """The mailbox that an address leads to, as far as its spelling tells; "" for none, or of a function.

    >>> mailbox("Jean.Martin+salon@GMail.com"), mailbox("j.martin@nova.example"), mailbox("info@nova.example")
    ('jeanmartin@gmail.com', 'j.martin@nova.example', '')
    """
    small = email.lower() if email.isascii() else unicodedata.normalize("NFKC", email).casefold().translate(LOOKALIKES)
    local, _, domain = small.strip().rpartition("@")
    local = local.partition("+")[0]
    if domain in WITHOUT_DOTS:
        local, domain = local.replace(".", ""), "gmail.com"
    return f"{local}@{domain}" if local and domain and local not in ROLES else ""


def one_letter_apart(one: str, other: str) -> bool:
    """Whether a single slip of the pen makes one of the other: a letter more, less, another, or two swapped.

    >>> one_letter_apart("lefevre", "lefebvre"), one_letter_apart("martin", "matrin"), one_letter_apart("roux", "rous")
    (True, True, False)
    """
    short, long = sorted((one, other), key=len)
    if short == long or len(short) < 5 or len(long) - len(short) > 1:  # of few letters, another is another name
        return False
    at = next((n for n, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    if len(short) < len(long):
        return short[at:] == long[at + 1 :]
    swapped = short[at : at + 2] == long[at : at + 2][::-1] and short[at + 2 :] == long[at + 2 :]
    return swapped or short[at + 1 :] == long[at + 1 :]


def names_alike(one: Record, other: Record) -> float:
    """How much their names speak for one person: the same words in any order, nearly so, or an initial."""
    mine, theirs = words_of(one), words_of(other)
    if not (mine and theirs) or min(len(mine), len(theirs)) < 2:
        return 0.0
    if mine == theirs:
        return NAME
    return NEARLY if _nearly(mine, theirs) else 0.0


def words_of(one: Record) -> list[str]:
    """The words of the name, folded, in an order of their own."""
    return sorted(f"{folded(one.first_name)} {folded(one.last_name)}".split())


def _nearly(mine: list[str], theirs: list[str]) -> bool:
    """All words but one are the same, and that one is a slip or an initial."""
    if len(mine) != len(theirs):
        return False
    left, right = [one for one in mine if one not in theirs], [one for one in theirs if one not in mine]
    if len(left) != 1 or len(right) != 1:
        return False
    initial = min(len(left[0]), len(right[0])) == 1 and left[0][0] == right[0][0]
    return initial or one_letter_apart(left[0], right[0])


def likeness(one: Record, other: Record) -> Likeness:
    """How likely two records are one person, by a rule of thumb that a human reads; symmetric."""
    named = names_alike(one, other)
    employer = named and one.organisation is not None and one.organisation == other.organisation
    speaks = {
        "address": ADDRESS * bool(mailbox(one.email) and mailbox(one.email) == mailbox(other.email)),
        "claim": CLAIM * _claimed(one, other),
        "phone": PHONE * bool(one.phone and one.phone == other.phone and not (one.phone_shared or other.phone_shared)),
        "name": NAME * (named == NAME),
        "nearly": NEARLY * (named == NEARLY),
        "employer": EMPLOYER * bool(employer),
    }
    doubts = {
        "other_id": OTHER_ID if one.external_ids and other.external_ids - one.external_ids else 1.0,
        "other_first_name": OTHER_FIRST_NAME if _other_first_name(one, other) else 1.0,
        "other_employer": OTHER_EMPLOYER if _other_employer(one, other) and not speaks["address"] else 1.0,
    }
    unlike = against = 1.0
    for weight in speaks.values():
        unlike *= 1 - weight
    for factor in doubts.values():
        against *= factor
    said = [code for code, weight in speaks.items() if weight] + [code for code, factor in doubts.items() if factor < 1]
    return Likeness(round((1 - unlike) * against, 3), tuple(said))


def most_alike(*, mailbox: Any, phone: Any, name: Any, nearly: Any, employer: Any, other_employer: Any) -> Any:
    """The score that such a pair can have at the most, when nobody claims an address: no pair above it is missed.

    Each argument says whether that may hold: a bool, or an array with one for each pair; so does the answer, with
    numbers. See `likeness`.
    """
    unlike = (1 - ADDRESS * mailbox) * (1 - PHONE * phone) * (1 - NAME * name) * (1 - NEARLY * nearly)
    unlike = unlike * (1 - EMPLOYER * employer)
    return (1 - unlike) * (1 - (1 - OTHER_EMPLOYER) * other_employer)


def _claimed(one: Record, other: Record) -> bool:
    mine, theirs = mailbox(one.email), mailbox(other.email)
    return bool((mine and mine in other.claims) or (theirs and theirs in one.claims))


def _other_first_name(one: Record, other: Record) -> bool:
    mine, theirs = folded(one.first_name), folded(other.first_name)
    return bool(mine and theirs and mine[0] != theirs[0]) and names_alike(one, other) == 0.0


def _other_employer(one: Record, other: Record) -> bool:
    return None not in (one.organisation, other.organisation) and one.organisation != other.organisation


def keys_of(one: Record) -> Iterator[tuple[str, int]]:
    """Under which keys this record is compared with others, and how many at most may share one to be compared."""
    for address in {mailbox(one.email), *one.claims} - {""}:
        yield f"a:{address}", 50
    if one.phone:
        yield f"p:{one.phone}", FEW
    words = words_of(one)
    if len(words) >= 2:
        yield f"n:{' '.join(words)}", 30
        if one.organisation is not None:
            for word in {folded(one.last_name)[:3], folded(one.first_name)[:3]} - {""}:
                yield f"o:{one.organisation}:{word}", 60
