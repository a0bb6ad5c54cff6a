"""Belong decides: what names a company, what of it is read how, where a group stands. Plain Python.

The rules stand in docs/rules/organisations.md.
"""

import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Protocol

from publicsuffixlist import PublicSuffixList

from vendange.agreement.sentence import Sentence, sentence
from vendange.agreement.vocabulary import PERSON_DIMENSIONS
from vendange.engine.company_numbers import Number, read_number

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
# Columns that rules of agreements read: when one changes, all people of the company are measured anew.
MEASURED: Final = frozenset(
    name.removeprefix("organisation.") for name in PERSON_DIMENSIONS if name.startswith("organisation.")
)
ORGANISATION_TRAITS: Final = (*ORGANISATION_FIELDS, "organisation_id", "domain", "parent_organisation")

WRONG_NUMBER: Final[Mapping[str, Sentence]] = {
    "length": sentence("A French number has 9 digits (SIREN) or 14 (SIRET)."),
    "digits": sentence("This number is not right: one of its digits is wrong."),
    "vat_key": sentence("The key of this VAT number does not belong to its SIREN."),
}

LABEL: Final = r"[^\W_](?:[^\W_]|-)*"
HOST: Final = re.compile(rf"(?:[\w-]+\.)*{LABEL}\.(?=\D){LABEL}")  # an address of numbers is none
LOOK_ALIKE: Final = frozenset({"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC"})

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


def company_domain(address: str) -> str:
    """The registrable domain of a mail address, host name or web address, or "" when it names no company.

    >>> company_domain("c.moreau@achats.atelier-nova.example"), company_domain("paul@gmail.com")
    ('atelier-nova.example', '')
    >>> company_domain("https://www.nova.example/contact?x=1"), company_domain("*.com"), company_domain("nоva.example")
    ('nova.example', '', '')
    """
    return _company_domain(address.rpartition("@")[2].strip().lower())


@lru_cache(maxsize=50_000)
def _company_domain(host: str) -> str:
    host = re.split(r"[/?#:]", host.rpartition("://")[2], maxsplit=1)[0].rstrip(".")
    domain = str(_suffixes().privatesuffix(host) or "") if HOST.fullmatch(host) else ""
    return "" if domain in FREE_MAIL or _looks_like_another(domain) else domain


def _looks_like_another(domain: str) -> bool:
    """Whether letters of alphabets that look alike are mixed, as a Cyrillic a among Latin letters."""
    if domain.isascii() and "xn--" not in domain:
        return False
    try:
        said = [one[4:].encode().decode("punycode") if one.startswith("xn--") else one for one in domain.split(".")]
    except UnicodeError:
        return True
    scripts = {unicodedata.name(one, "").partition(" ")[0] for one in "".join(said) if one.isalpha()}
    return len(scripts & LOOK_ALIKE) > 1


def number_of(traits: Mapping[str, str]) -> Number:
    """The number in the company's register that these traits say."""
    return read_number(traits.get("registry_number", ""), traits.get("organisation_country", "").strip().upper())


def key_of_parent(traits: Mapping[str, str]) -> tuple[str, str] | None:
    """What a file says of the company above: its number, its domain, else its name.

    >>> key_of_parent({"parent_organisation": "732 829 320"}), key_of_parent({"parent_organisation": "Nova.com"})
    (('siren', '732829320'), ('domain', 'nova.com'))
    """
    text = traits.get("parent_organisation", "").strip()
    if not text:
        return None
    number = read_number(text, "")
    if number.siren:
        return "siren", number.siren
    domain = company_domain(text) if " " not in text and "." in text.strip(".") else ""
    return ("domain", domain) if domain else ("name", text.lower()[:190])


def keys_of(named: Named) -> list[tuple[str, str]]:
    """What names a company, in the order in which it decides: see docs/rules/organisations.md.

    Its id elsewhere, its site's number, its own number, its domain (its own, else of a professional mail address), its
    exact name. The address of a private person names no company.
    """
    traits = named.traits
    private = "consumer" in (traits.get("regime"), traits.get("regime_said"))
    number = number_of(traits)
    domain = (
        company_domain("@" + traits["domain"])
        if traits.get("domain")
        else ""
        if private
        else company_domain(named.email)
    )
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


def value_of(trait: str, column: str, traits: Mapping[str, str]) -> str | int | None:
    """What is said of a column; a number that is wrong is only a fact of who said it."""
    if column == "employees":
        return whole_number(traits.get(trait, ""))
    if column == "registry_number" and number_of(traits).wrong:
        return None
    return traits.get(trait)


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
