"""Combine decides: how alike two organisations are, and which are worth comparing. It suggests; nobody is merged.

The formula stands in docs/rules/organisations.md. What speaks for one company adds up as independent evidence; what
speaks against it multiplies.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from math import log
from typing import Any, Final

from vendange.engine.likeness import in_threes, jaro_winkler

SUGGESTED: Final = 0.65  # from here on a human is asked
SAME_NAME, NEARLY, INITIALS, DOMAIN, PLACE = 0.85, 0.55, 0.40, 0.60, 0.30
NEARLY_FROM: Final = 0.90  # of Jaro and Winkler; or
THREES_FROM: Final = 0.70  # of the letters in threes
OTHER_NUMBER, OTHER_COUNTRY, OTHER_ID, OTHER_PLACE, OTHER_DOMAIN = 0.10, 0.40, 0.85, 0.88, 0.80
FEWEST: Final = 1_000  # companies: among few, a word that two have is not common yet
COMMON: Final = 0.33  # what a word of COMMON_WORDS or the name of a town tells at the most

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
# What companies of every kind call themselves: it tells little, even where few companies are known yet.
COMMON_WORDS: Final = frozenset(
    """
    agence agency associes associates association atelier ateliers audit auto automation automobile automobiles bat
    batiment boulangerie bureau cabinet center centre club commerce communication concept conseil conseils construction
    constructions consultants consulting creation data design developpement development digital distribution energie
    energies energy engineering entreprise entreprises environnement equipement equipements etudes expert expertise
    experts export fils finance formation france francaise francais freres garage gestion global group groupe gruppe
    holding hotel immobilier import industrial industrie industriel industrielle industriels industries industry
    informatique ingenierie innovation international internationale invest investissement lab labs logistics logistique
    maintenance maison management materiel mecanique media menuiserie net nord ouest participations partner partners
    patrimoine pharmacie plus pro production produits projet protection reseau restaurant sante securite service
    services software solution solutions studio sud system systeme systemes systems team tech technic technique
    techniques technologie technologies technology telecom trading transport transports travaux union web world
    allemagne belgique belgium deutschland espagne espana europe europeenne germany iberica italia italie italy
    luxembourg nederland polska portugal schweiz suisse switzerland uk usa
    """.split()  # noqa: SIM905 (a list of words is read more easily than a list of strings)
)
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
    if one.name != one.domain:
        return core(one.name)
    label = label_of(one.domain)
    return (label,) if label else ()


def initials(words: tuple[str, ...]) -> str:
    return "".join(word[0] for word in words) if len(words) >= 3 else ""


@dataclass(frozen=True, slots=True)
class Known:
    """How many of all `firms` have a word in their name, a postcode or town, a domain of that name; and the towns."""

    firms: int = 0
    words: Mapping[str, int] = field(default_factory=dict)
    places: Mapping[str, int] = field(default_factory=dict)
    labels: Mapping[str, int] = field(default_factory=dict)
    towns: Collection[str] = frozenset()

    def of_word(self, word: str) -> float:
        """How much it tells that two names have this word, from 0 to 1."""
        told = rarity(self.words.get(word, 1), self.firms)
        return min(told, COMMON) if word in COMMON_WORDS or word in self.towns else told

    def of_place(self, place: str) -> float:
        return rarity(self.places.get(place, 1), self.firms)

    def of_label(self, label: str) -> float:
        return rarity(self.labels.get(label, 1), self.firms)


NOBODY: Final = Known()


def rarity(times: int, firms: int) -> float:
    """What it tells that two companies share what so many of all have: 1 of the rarest, 0 of what all have.

    The logarithm of how seldom it is (K. Spärck Jones, J. Documentation 28, 1972), as a share of the most it can be.

    >>> rarity(1, 100_000), round(rarity(2, 100_000), 2), round(rarity(8_000, 100_000), 2)
    (1.0, 0.94, 0.22)
    """
    return max(0.0, 1 - log(max(1, times)) / log(max(firms, FEWEST)))


def likeness(one: Firm, other: Firm, known: Known = NOBODY) -> Likeness:
    """How likely two organisations are one, by a rule of thumb that a human reads; symmetric."""
    named, told = _named_alike(one, other, known)
    place = _place_told(one, other, known) if told else 0.0
    domain = _domain_told(one, other, known, same_name=named == "name")
    speaks = {
        "name": told * (named == "name"),
        "nearly": told * (named == "nearly"),
        "initials": told * (named == "initials"),
        "domain": DOMAIN * domain,
        "place": PLACE * place,
    }
    doubts = {
        "other_number": OTHER_NUMBER if _differ(one.siren, other.siren) else 1.0,
        "other_country": OTHER_COUNTRY if _differ(one.country, other.country) else 1.0,
        "other_domain": OTHER_DOMAIN if _other_domain(one, other) else 1.0,
        "other_id": OTHER_ID if _differ(one.external_id, other.external_id) else 1.0,
        "other_place": OTHER_PLACE if not place and _other_place(one, other) else 1.0,
    }
    unlike = against = 1.0
    for weight in speaks.values():
        unlike *= 1 - weight
    for factor in doubts.values():
        against *= factor
    said = [code for code, weight in speaks.items() if weight] + [code for code, factor in doubts.items() if factor < 1]
    return Likeness(round((1 - unlike) * against, 3), tuple(said))


def most_alike(
    *, name: Any, shared: Any, rest: Any, domain: Any, place: Any,
    other_number: Any, other_country: Any, other_id: Any,
) -> Any:  # fmt: skip
    """The score that such a pair can have at the most: no pair above it is missed. Numbers, or arrays of them.

    `name`: what the whole name tells where both have the same; `shared`: what the words tell that both have; `rest`:
    what all words of the one tell of which less is told; from 0 to 1 each. `domain`, `place`: as they tell in
    `likeness`. The others say whether that speaks against it.
    """
    import numpy as np

    nearly = np.maximum(NEARLY * np.minimum(1, rest) + (SAME_NAME - NEARLY) * np.minimum(1, shared), INITIALS)
    named = np.maximum(SAME_NAME * np.minimum(1, name), nearly)
    against = 1.0
    for differs, factor in ((other_number, OTHER_NUMBER), (other_country, OTHER_COUNTRY), (other_id, OTHER_ID)):
        against = against * (1 - (1 - factor) * differs)
    return (1 - (1 - named) * (1 - DOMAIN * domain) * (1 - PLACE * place)) * against


def _named_alike(one: Firm, other: Firm, known: Known) -> tuple[str, float]:
    """How their names are alike, and what that tells; the town where both are is told by the place already.

    name: the same words in any order or the same letters; nearly; initials: one is the initials of the other.
    """
    mine, theirs = words_of(one), words_of(other)
    if not mine or not theirs:
        return "", 0.0
    left, right = "".join(mine), "".join(theirs)
    there = frozenset(core(one.city)) if _same_town(one, other) else frozenset()
    if left == right or sorted(mine) == sorted(theirs):
        return "name", SAME_NAME * min(_told(mine, known, there), _told(theirs, known, there))
    if left == initials(theirs) or right == initials(mine):
        return "initials", INITIALS
    if min(len(left), len(right)) < 5:  # of few letters, another is another name
        return "", 0.0
    # What both say tells nothing of the rest: two builders are not one because they build.
    if not _nearly(_rest(mine, theirs, known), _rest(theirs, mine, known)):
        return "", 0.0
    shared = _told(set(mine) & set(theirs), known, there)
    least = min(_told(mine, known, there), _told(theirs, known, there))
    return "nearly", NEARLY * least + (SAME_NAME - NEARLY) * shared


def _told(words: Collection[str], known: Known, but: Collection[str]) -> float:
    """What these words tell together, at the most 1: each is a piece of evidence of its own."""
    return min(1.0, sum(known.of_word(word) for word in sorted(set(words)) if word not in but))


def _rest(words: tuple[str, ...], others: tuple[str, ...], known: Known) -> str:
    """The words that the other has not; common ones only where there is nothing else."""
    rest = sorted(set(words) - set(others))
    return " ".join([word for word in rest if known.of_word(word) > COMMON] or rest)


@lru_cache(maxsize=20_000)
def _nearly(mine: str, theirs: str) -> bool:
    if not (mine and theirs):
        return False
    return jaro_winkler(mine, theirs) >= NEARLY_FROM or in_threes(mine, theirs) >= THREES_FROM


def _same_town(one: Firm, other: Firm) -> bool:
    town = core(one.city)
    return bool(town and town == core(other.city))


def place_keys(one: Firm) -> tuple[str, str]:
    """Its postcode and its town, under which places are counted; "" for none."""
    return (f"p:{one.postal_code}" if one.postal_code else "", " ".join(("t:", *core(one.city))) if one.city else "")


def _place_told(one: Firm, other: Firm, known: Known) -> float:
    """What it tells that they are in one place: the rarer of postcode and town."""
    both = zip(place_keys(one), place_keys(other), strict=True)
    return max((known.of_place(mine) for mine, theirs in both if mine and mine == theirs), default=0.0)


def _domain_told(one: Firm, other: Firm, known: Known, *, same_name: bool) -> float:
    """What their domains tell: both bear one name, or one is the name of the other, which has another one."""
    mine, theirs = label_of(one.domain), label_of(other.domain)
    if mine and mine == theirs and not _names_the_other(one, other):
        return known.of_label(mine)
    return 1.0 if _names_the_other(one, other) and (mine == theirs or not same_name) else 0.0


def _names_the_other(one: Firm, other: Firm) -> bool:
    mine, theirs = label_of(one.domain), label_of(other.domain)
    return bool((mine and mine == "".join(words_of(other))) or (theirs and theirs == "".join(words_of(one))))


def _other_domain(one: Firm, other: Firm) -> bool:
    """Two domains, of which neither is a part of the other or the name of the other company."""
    mine, theirs = label_of(one.domain), label_of(other.domain)
    apart = bool(mine and theirs) and mine not in theirs and theirs not in mine
    return apart and not _names_the_other(one, other)


def _other_place(one: Firm, other: Firm) -> bool:
    """Two postcodes or two towns, and nothing of it the same."""
    if _same_town(one, other) or (one.postal_code and one.postal_code == other.postal_code):
        return False
    return _differ(one.postal_code, other.postal_code) or bool(one.city and other.city)


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
