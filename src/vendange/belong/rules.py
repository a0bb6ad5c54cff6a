"""Belong decides: what names a company, which two may be one, where a group stands. Plain Python.

The rules stand in docs/rules/organisations.md.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Protocol

from publicsuffixlist import PublicSuffixList

from vendange.engine.company_numbers import Number, read_number
from vendange.engine.likeness import in_threes, jaro_winkler

# Mailbox providers for private persons: such a domain never names a company.
FREE_MAIL: Final = frozenset(
    """
    gmail.com googlemail.com outlook.com outlook.fr hotmail.com hotmail.fr live.com live.fr msn.com yahoo.com yahoo.fr
    ymail.com icloud.com me.com mac.com aol.com gmx.com gmx.de gmx.fr web.de t-online.de mail.com proton.me
    protonmail.com pm.me tutanota.com zoho.com orange.fr wanadoo.fr free.fr sfr.fr neuf.fr laposte.net bbox.fr
    numericable.fr club-internet.fr aliceadsl.fr libero.it virgilio.it alice.it telefonica.net skynet.be telenet.be
    bluewin.ch uol.com.br bol.com.br terra.com.br ig.com.br mail.ru yandex.ru qq.com 163.com
    """.split()  # noqa: SIM905 (a list of words is read more easily than a list of strings)
)

ORGANISATION_FIELDS: Final = {
    "organisation": "name",
    "organisation_country": "country",
    "employees": "employees",
    "industry": "industry",
    "postal_code": "postal_code",
    "city": "city",
    "region": "region",
    "tier": "tier",
    "registry_number": "registry_number",
}
ORGANISATION_TRAITS: Final = (*ORGANISATION_FIELDS, "organisation_id", "domain")


# A number with groups of three or none, alone, "1000+", or the start of a range.
COUNT: Final = re.compile(
    r"(?P<least>\d{1,3}(?:[ .,'\u00a0\u202f]\d{3})+|\d{1,7})(?:\.0+)?\s*(?:\+|(?:-|–|à|to|a)\s*[\d .,'\u00a0\u202f]+)?"
    r"(?:\s*(?:employees|salariés|people|personnes))?",
    re.IGNORECASE,
)


class Named(Protocol):
    """What is read of one incoming thing to know its company: a mail address and declared traits."""

    @property
    def email(self) -> str: ...
    @property
    def traits(self) -> Mapping[str, str]: ...


@lru_cache(maxsize=1)
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()


@lru_cache(maxsize=20_000)
def company_domain(address: str) -> str:
    """The registrable domain of a mail address or host name, or "" when it names no company.

    >>> company_domain("c.moreau@achats.atelier-nova.example"), company_domain("paul@gmail.com")
    ('atelier-nova.example', '')
    """
    host = address.rpartition("@")[2].strip().lower().rstrip(".")
    domain = _suffixes().privatesuffix(host) or ""
    return "" if domain in FREE_MAIL else str(domain)


def number_of(traits: Mapping[str, str]) -> Number:
    """The number in the company's register that these traits say."""
    return read_number(traits.get("registry_number", ""), traits.get("organisation_country", "").strip().upper())


def keys_of(named: Named) -> list[tuple[str, str]]:
    """What names a company, in the order in which it decides: see docs/rules/organisations.md.

    Its id elsewhere, its site's number, its own number, its domain (its own, else of a professional mail address), its
    exact name.
    """
    traits = named.traits
    number = number_of(traits)
    domain = company_domain("@" + traits["domain"]) if traits.get("domain") else company_domain(named.email)
    found = (
        ("external_id", traits.get("organisation_id", "").strip()),
        ("siret", number.siret),
        ("siren", number.siren),
        ("domain", domain),
        ("name", traits.get("organisation", "").strip().lower()),
    )
    return [(kind, value[:190]) for kind, value in found if value]


def region_of(country: str, postal_code: str) -> str:
    """The French department of a postal code, "" elsewhere: territories are written in departments.

    >>> region_of("FR", "69003"), region_of("FR", "97411"), region_of("FR", "20200"), region_of("DE", "69115")
    ('69', '974', '2B', '')
    """
    if country != "FR" or len(postal_code) != 5 or not postal_code.isdigit():
        return ""
    if postal_code.startswith(("97", "98")):
        return postal_code[:3]
    if postal_code.startswith("20"):
        return "2A" if postal_code < "20200" else "2B"
    return postal_code[:2]


def whole_number(raw: str) -> int | None:
    """A count of people as written: "1 200", "1,200", or a range, of which the lower bound counts; else None.

    >>> whole_number("1 200"), whole_number("51-200"), whole_number("50 to 200"), whole_number("1000+")
    (1200, 51, 50, 1000)
    >>> whole_number("many"), whole_number("1.5k"), whole_number("-3"), whole_number("call 12 or 34")
    (None, None, None, None)
    """
    found = COUNT.fullmatch(raw.strip())
    return int(re.sub(r"\D", "", found["least"])) if found else None


# Which two may be one

SUGGESTED: Final = 0.65  # from here on a human is asked
SAME_NAME, NEARLY, INITIALS, DOMAIN, PLACE = 0.75, 0.55, 0.40, 0.60, 0.30
NEARLY_FROM: Final = 0.90  # of Jaro and Winkler; or
THREES_FROM: Final = 0.70  # of the letters in threes
OTHER_NUMBER, OTHER_COUNTRY, OTHER_ID, OTHER_PLACE = 0.10, 0.40, 0.85, 0.70

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
    ordered, other_way = " ".join(sorted(mine)), " ".join(sorted(theirs))
    nearly = jaro_winkler(left, right) >= NEARLY_FROM or in_threes(ordered, other_way) >= THREES_FROM
    return "nearly" if nearly else ""


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


# A group

WARMTH: Final = ("cold", "warm", "hot")
COVER: Final = ("missing", "silent", "engaged")


@dataclass(frozen=True, slots=True)
class Stand:
    """Where one site stands: what `Heat` keeps of it."""

    temperature: str
    engaged: int
    roles: Mapping[str, str]  # role -> engaged | silent | missing
    disagreement: bool


def together(stands: Collection[Stand]) -> Stand | None:
    """A group as one: as warm as its warmest site, and each part as far as anybody in it has come. None: nobody.

    No score changes by it; it is for reading.
    """
    if not stands:
        return None
    roles: dict[str, str] = {}
    for one in stands:
        for role, state in one.roles.items():
            roles[role] = max(roles.get(role, "missing"), state, key=COVER.index)
    engaged = sum(one.engaged for one in stands)
    return Stand(
        temperature=max((one.temperature for one in stands), key=WARMTH.index),
        engaged=engaged,
        roles=roles,
        disagreement=engaged > 0 and "silent" in roles.values(),
    )


def makes_a_circle(child: int, parent: int, parents: Mapping[int, int | None]) -> bool:
    """Whether `child` would be above itself. `parents`: of each organisation the one above it."""
    above: int | None = parent
    seen = set[int]()
    while above is not None and above not in seen:
        if above == child:
            return True
        seen.add(above)
        above = parents.get(above)
    return False
