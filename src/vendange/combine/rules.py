"""Combine decides: how alike two organisations are, and which are worth comparing. It suggests; nobody is merged.

The formula stands in docs/rules/organisations.md. What speaks for one company adds up as independent evidence; what
speaks against it multiplies.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from vendange.engine.likeness import in_threes, jaro_winkler

SUGGESTED: Final = 0.65  # from here on a human is asked
SAME_NAME, NEARLY, INITIALS, DOMAIN, PLACE = 0.75, 0.55, 0.40, 0.60, 0.30
NEARLY_FROM: Final = 0.90  # of Jaro and Winkler; or
THREES_FROM: Final = 0.70  # of the letters in threes
OTHER_NUMBER, OTHER_COUNTRY, OTHER_ID, OTHER_PLACE = 0.10, 0.40, 0.85, 0.88

# What a company is in law: it tells no two companies apart. Letters with points between them are joined before.
LEGAL_FORMS: Final = frozenset(
    """
    sa sas sasu sarl eurl sca scs snc sci scop scic selarl gie eirl sem semop societe ets etablissements ste cie
    compagnie ltd limited plc llp llc lp inc incorporated corp corporation co company pty pte
    gmbh ag kg kgaa ohg ug ev eg mbh se gbr bv nv cv vof bvba sprl srl spa sapa snca sl slu slne sau scl ltda lda
    eireli me ab as asa aps oy oyj hb kb sp zoo kft zrt ood eood doo dd sro
    """.split()  # noqa: SIM905 (a list of words is read more easily than a list of strings)
)
JOINING: Final = frozenset("and et und y e i the le la les l of de du des d und der die das van von".split())  # noqa: SIM905
FEW_NAMES: Final = 60  # a key that more companies share is common, and says nothing


@dataclass(frozen=True, slots=True)
class Firm:
    """What is compared of an organisation. A site has the SIREN of its company here."""

    id: int
    name: str = ""
    domain: str = ""
    siren: str = ""
    external_id: str = ""
    country: str = ""
    postal_code: str = ""
    city: str = ""
    group: int = 0  # the head of its group: a site is not its company twice


@dataclass(frozen=True, slots=True)
class Likeness:
    """`score` from 0 to 1; `because`: codes of what speaks for one company, and of what speaks against it."""

    score: float
    because: tuple[str, ...]


@lru_cache(maxsize=50_000)
def core(name: str) -> tuple[str, ...]:
    """The words that tell a company from others: small, without accents, legal form and joining words.

    >>> core("Sté Générale d'Équipement, S.A.S."), core("A.B.C. GmbH & Co. KG"), core("S.A.")
    (('generale', 'equipement'), ('abc',), ('sa',))
    """
    letters = unicodedata.normalize("NFKD", name.casefold().replace("œ", "oe").replace("æ", "ae").replace("ß", "ss"))
    bare = "".join(one for one in letters if not unicodedata.combining(one))
    joined = re.sub(r"\b(?:\w\.){2,}(?:\w\b)?", lambda found: found[0].replace(".", "") + " ", bare)
    words = re.findall(r"\w+", joined)
    kept = tuple(word for word in words if word not in LEGAL_FORMS and word not in JOINING)
    return kept or tuple(words)


def label_of(domain: str) -> str:
    """The name that a domain bears, without what belongs to its country.

    >>> label_of("atelier-nova.co.uk"), label_of("")
    ('ateliernova', '')
    """
    return re.sub(r"[^a-z0-9]", "", domain.partition(".")[0]) if domain else ""


def words_of(one: Firm) -> tuple[str, ...]:
    """Of a company known by its domain alone, the name that it bears."""
    return (label_of(one.domain),) if one.name == one.domain else core(one.name)


def initials(words: tuple[str, ...]) -> str:
    return "".join(word[0] for word in words) if len(words) >= 3 else ""


def likeness(one: Firm, other: Firm) -> Likeness:
    """How likely two organisations are one, by a rule of thumb that a human reads; symmetric."""
    named = _named_alike(one, other)
    place = named and _same_place(one, other)
    mine, theirs = label_of(one.domain), label_of(other.domain)
    labels = {mine: "".join(words_of(other)), theirs: "".join(words_of(one))}
    speaks = {
        "name": SAME_NAME * (named == "name"),
        "nearly": NEARLY * (named == "nearly"),
        "initials": INITIALS * (named == "initials"),
        "domain": DOMAIN
        * bool((mine and mine == theirs) or any(label and label == said for label, said in labels.items())),
        "place": PLACE * bool(place),
    }
    doubts = {
        "other_number": OTHER_NUMBER if _differ(one.siren, other.siren) else 1.0,
        "other_country": OTHER_COUNTRY if _differ(one.country, other.country) else 1.0,
        "other_id": OTHER_ID if _differ(one.external_id, other.external_id) else 1.0,
        "other_place": OTHER_PLACE if _differ(one.postal_code, other.postal_code) and not place else 1.0,
    }
    unlike = against = 1.0
    for weight in speaks.values():
        unlike *= 1 - weight
    for factor in doubts.values():
        against *= factor
    said = [code for code, weight in speaks.items() if weight] + [code for code, factor in doubts.items() if factor < 1]
    return Likeness(round((1 - unlike) * against, 3), tuple(said))


def worth(one: Firm, other: Firm) -> bool:
    """Whether they could be suggested at all, asked at little cost: nearly the same name alone is not enough."""
    mine, theirs = words_of(one), words_of(other)
    left, right = "".join(mine), "".join(theirs)
    if left == right or _same_place(one, other) or sorted(mine) == sorted(theirs):
        return True
    labels = {label_of(one.domain), label_of(other.domain)}
    return len(labels) == 1 or not labels.isdisjoint((left, right))


def _named_alike(one: Firm, other: Firm) -> str:
    """name: the same words in any order or the same letters; nearly; initials: one is the initials of the other."""
    mine, theirs = words_of(one), words_of(other)
    if not mine or not theirs:
        return ""
    left, right = "".join(mine), "".join(theirs)
    if left == right or sorted(mine) == sorted(theirs):
        return "name"
    if left == initials(theirs) or right == initials(mine):
        return "initials"
    if min(len(left), len(right)) < 5:  # of few letters, another is another name
        return ""
    # What both say tells nothing of the rest: two builders are not one because they build.
    rest, other_rest = (" ".join(sorted(set(ours) - set(others))) for ours, others in ((mine, theirs), (theirs, mine)))
    nearly = jaro_winkler(rest, other_rest) >= NEARLY_FROM or in_threes(rest, other_rest) >= THREES_FROM
    return "nearly" if rest and other_rest and nearly else ""


def _same_place(one: Firm, other: Firm) -> bool:
    town = core(one.city)
    return bool((one.postal_code and one.postal_code == other.postal_code) or (town and town == core(other.city)))


def _differ(mine: str, theirs: str) -> bool:
    return bool(mine and theirs) and mine.casefold() != theirs.casefold()


def compared_by(one: Firm) -> Iterator[str]:
    """Under which keys this organisation is compared with others; a key of more than `FEW_NAMES` is left out."""
    words = words_of(one)
    whole = "".join(words)
    yield f"n:{' '.join(sorted(words))}"
    yield f"n:{whole}"
    for word in {word for word in words if len(word) >= 4}:
        yield f"w:{word}"
    if len(whole) >= 5:
        yield f"b:{whole[:4]}"
        yield f"e:{whole[-4:]}"
    if letters := initials(words):
        yield f"n:{letters}"
    if one.domain:
        yield f"n:{label_of(one.domain)}"
