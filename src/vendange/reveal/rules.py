"""Reveal decides: what a file of networks says of an address, whether that is a company, how sure. Plain Python.

The formula stands in docs/rules/companies.md. When in doubt it is no company: a provider that is taken for one costs
more than a company that nobody sees.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any, Final

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

LEAST: Final = 0.5  # below, nothing is kept: it would be a guess
HIGH: Final = 0.8  # from here on a visitor counts for the company, in its patterns and its heat
MOST: Final = 0.95  # an address alone never makes it certain
NARROWEST: Final = {4: 28, 6: 56}  # networks that are kept hold at least 16 addresses, or 256 networks of a site

# What speaks for a company, and against it. The first that holds of the first three is where it starts.
WEIGHTS: Final[Mapping[str, float]] = {
    "apart_from_provider": 0.55,
    "own_network": 0.40,
    "provider_not_known": 0.35,
    "domain_alone": 0.20,
    "domain_like_name": 0.25,
    "domain": 0.10,
    "corporate": 0.10,
    "business": 0.15,
    "home_line": -0.10,
    "wide_network": -0.10,
    "shared_exit": -0.25,
}
NEVER: Final = (
    "anonymous", "hosting", "mobile", "consumer", "provider", "education", "government", "shared_offices",
    "nothing_said",
)  # fmt: skip

# Our field, and the names that makers of such files give it: MaxMind and DB-IP (`traits.…`), IPinfo (`as_…`).
FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "organisation": ("organization", "traits.organization", "company.name", "company_name"),
    "isp": ("isp", "traits.isp"),
    "carrier": (
        "autonomous_system_organization", "traits.autonomous_system_organization", "as_name", "asn_name", "asn.name",
    ),
    "domain": ("domain", "traits.domain", "company.domain", "company_domain"),
    "carrier_domain": ("as_domain", "asn_domain", "asn.domain"),
    "connection": ("connection_type", "traits.connection_type"),
    "user": ("user_type", "traits.user_type", "usage_type", "company.type", "company_type"),
    "carrier_type": ("as_type", "asn_type", "asn.type"),
}  # fmt: skip
FLAGS: Final[Mapping[str, str]] = {
    **dict.fromkeys(
        ("anonymous", "anonymous_vpn", "vpn", "public_proxy", "residential_proxy", "proxy", "tor_exit_node", "tor",
         "relay", "anonymous_proxy"), "anonymous"),
    **dict.fromkeys(("hosting_provider", "hosting", "anycast"), "hosting"),
    **dict.fromkeys(("mobile", "mobile_country_code"), "mobile"),
    "satellite": "consumer", "satellite_provider": "consumer", "legitimate_proxy": "shared_exit",
}  # fmt: skip
USERS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("hosting", "content_delivery_network", "cdn", "search_engine_spider", "data_center"), "hosting"),
    **dict.fromkeys(("residential", "consumer", "dialup", "traveler", "cafe", "router", "inactive"), "consumer"),
    **dict.fromkeys(("cellular", "mobile"), "mobile"),
    **dict.fromkeys(("school", "college", "university", "library", "education"), "education"),
    **dict.fromkeys(("government", "military"), "government"),
    **dict.fromkeys(("business", "corporate", "commercial", "enterprise"), "business"),
    "consumer_privacy_network": "anonymous", "isp": "provider",
}  # fmt: skip
CONNECTIONS: Final[Mapping[str, str]] = {
    "corporate": "corporate", "cable/dsl": "home_line", "cellular": "mobile", "dialup": "consumer",
    "satellite": "consumer",
}  # fmt: skip

LEGAL: Final = frozenset(
    """inc llc ltd limited sa sas sarl eurl gmbh ag ab bv nv plc corp corporation co company cie srl spa oy as aps kg
    llp lp pty ltda de cv the of and et des du la le les""".split()  # noqa: SIM905 (words are read more easily)
)
GENERIC: Final = frozenset(
    """national international global services service solutions group groupe technology technologies system systems
    network networks france china asia pacific america american united royal bank business information data online
    first general central europe european world new north south east west centre center office beijing shanghai
    paris london digital tecnology informatica internet communications communication telecom mobile customer
    """.split()  # noqa: SIM905 (as above)
)
PROVIDER_WORDS: Final = re.compile(
    r"\b(?:telecom\w*|telekom\w*|telco|telephon\w*|telefon\w*|communications?|telecommunications?|isp|wisp|wi-?fi"
    r"|wimax|gprs|[345]g|lte|[av]?dsl|dslam|ftth|ftto|fib(?:er|re|ra)\w*|cable|mobiles?|cellular|hosting|host(?:s|ed)?"
    r"|clouds?|data ?cent(?:er|re)s?|servers?|serveurs?|vps|vds|colo(?:cation)?|cdn|vpn|prox(?:y|ies)|tor|dial ?up"
    r"|pool|dynamic|static|dhcp|c?gnat|wan|customers?|cliente?s?|subscribers?|abonnes?|residential|backbone|satellite"
    r"|provider|provedor|fournisseur|idc|allocations?|transit|carrier|peering|broadband|internet|wireless|hebergement"
    r"|gestion de direccionamiento|ip numbers)\b"
    r"|\w(?:telecom|broadband|wireless|hosting|fiber|adsl|tel)\b"
)
NETWORK_NAME: Final = re.compile(r"(?i:[-.]net\b)|[a-z0-9]Net\b|[A-Z]{2,}NET\b")
NOT_A_NETWORK: Final = re.compile(r"(?i)\bcabinet\b")
SHARED_WORDS: Final = re.compile(
    r"\b(?:cowork\w*|wework|regus|iwg|wojo|deskeo|morning coworking|business cent(?:er|re)|centre d affaires|hot?els?"
    r"|pepiniere|incubat\w*|airports?|aeroports?|caf[e]|ciber|cyber ?cafe|guests?|invites|hotspots?|restaurants?)\b"
)
EDUCATION_WORDS: Final = re.compile(
    r"\b(?:universit\w*|univ|colleges?|schools?|ecoles?|lycees?|hochschule|polytechnic|academic|campus|universidad"
    r"|institute of technology|education|librar(?:y|ies)|bibliotheque|mediatheque)\b"
)
GOVERNMENT_WORDS: Final = re.compile(
    r"\b(?:ministr(?:y|ies)|ministere|governments?|gouvernement|prefecture|mairie|communaute de communes|municipal\w*"
    r"|city of|county|department of|departement de|army|navy|air force|police|military|defen[cs]e)\b"
)
EDUCATION_DOMAIN: Final = re.compile(r"\.edu(?:\.[a-z]{2})?$|\.ac\.[a-z]{2}$|(?:^|[.-])univ-")
GOVERNMENT_DOMAIN: Final = re.compile(r"\.(?:gov|mil)(?:\.[a-z]{2})?$|\.gouv\.[a-z]{2}$")
NO_DOMAIN: Final = re.compile(r"\.arpa$|^[^.]*$")


@dataclass(frozen=True, slots=True)
class Seen:
    """What the files say of one address, under our names; "" where they say nothing."""

    organisation: str = ""
    isp: str = ""
    carrier: str = ""  # who runs the autonomous system
    domain: str = ""
    carrier_domain: str = ""
    connection: str = ""
    user: str = ""
    carrier_type: str = ""
    flags: frozenset[str] = frozenset()
    network: str = ""  # the narrowest network that says any of it


@dataclass(frozen=True, slots=True)
class Company:
    """What an address comes to. `never` is the code of why it is no company, "" when it may be one."""

    name: str = ""
    domain: str = ""
    network: str = ""
    confidence: float = 0.0
    because: tuple[str, ...] = ()
    never: str = ""

    @property
    def is_one(self) -> bool:
        return not self.never and self.confidence >= LEAST


@dataclass(frozen=True, slots=True)
class Barred:
    """What we may not recognise: a network, or a company by its name or domain (`NotRevealed`)."""

    network: str
    name: str
    reason: str


def read(record: Mapping[str, Any]) -> Mapping[str, str]:
    """The fields of one record that we understand, under our names; flags as `flag.<code>`.

    >>> dict(read({"traits": {"isp": "Cogent", "organization": "GHD", "is_anycast": True}, "city": {}}))
    {'organisation': 'GHD', 'isp': 'Cogent', 'flag.hosting': 'anycast'}
    """
    flat = _flat(record)
    found = {ours: said for ours, names in FIELDS.items() if (said := _first(flat, names))}
    if name := flat.get("name"):  # IPinfo: of the system in its file of systems, of the company in that of companies
        if flat.get("asn") and "as_name" not in flat:
            found |= {"carrier": name, "carrier_domain": found.pop("domain", ""), "carrier_type": flat.get("type", "")}
        else:
            found |= {"organisation": name, "user": flat.get("type", "")}
    for raw, said in flat.items():
        code = FLAGS.get(raw.rpartition(".")[2].removeprefix("is_"))
        if code and said.casefold() not in ("", "0", "false", "no"):
            found.setdefault(f"flag.{code}", raw.rpartition(".")[2].removeprefix("is_"))
    return {name: said for name, said in found.items() if said}


def _flat(record: Mapping[str, Any]) -> dict[str, str]:
    flat: dict[str, str] = {}
    for name, value in record.items():
        if isinstance(value, Mapping):
            flat |= {f"{name}.{inner}": str(one).strip() for inner, one in value.items() if _plain(one)}
        elif _plain(value):
            flat[str(name)] = str(value).strip()
    return flat


def _plain(value: object) -> bool:
    return isinstance(value, str | int | float | bool)


def _first(flat: Mapping[str, str], names: Iterable[str]) -> str:
    return next((flat[name] for name in names if flat.get(name)), "")


def together(said: Iterable[tuple[Mapping[str, str], int]], address: Address) -> Seen:
    """What several files say of one address; where two say the same field, the first does. With each, its prefix."""
    fields: dict[str, str] = {}
    prefix = 0
    for found, length in said:
        if any(not name.startswith("flag.") for name in found):
            prefix = max(prefix, length)
        fields = {**found, **fields}
    flags = frozenset(name.removeprefix("flag.") for name in fields if name.startswith("flag."))
    told = {name: fields[name][:200] for name in FIELDS if name in fields}
    return Seen(**told, flags=flags, network=kept_network(address, prefix))


def kept_network(address: Address, prefix: int) -> str:
    """The network that is kept of an address: never so narrow that it is the address itself."""
    length = min(prefix or NARROWEST[address.version], NARROWEST[address.version])
    return str(ip_network((address, length), strict=False))


def company_of(seen: Seen, providers: Collection[str] = ()) -> Company:
    """Whether that is a company, how sure and why. `providers`: compact names of who is the provider of others."""
    domain = _domain(seen)
    if never := _never(seen, domain, providers):
        return Company(seen.organisation, domain, seen.network, 0.0, (never,), never)
    because = tuple(_because(seen, domain))
    confidence = sum(WEIGHTS[code] for code in because)
    return Company(
        seen.organisation or domain, domain, seen.network, round(min(MOST, max(0.0, confidence)), 2), because
    )


def _never(seen: Seen, domain: str, providers: Collection[str]) -> str:
    user = USERS.get(seen.user.casefold(), "")
    line = CONNECTIONS.get(seen.connection.casefold(), "")
    carrier = USERS.get(seen.carrier_type.casefold(), "")
    said = {*seen.flags, user, line, carrier if carrier in ("hosting", "education", "government") else ""}
    for code in ("anonymous", "hosting", "mobile", "consumer", "provider", "education", "government"):
        if code in said:
            return code
    if not seen.organisation and not domain:
        return "nothing_said"
    return _of_name(seen, domain, providers, business=user == "business" and line == "corporate")


def _of_name(seen: Seen, domain: str, providers: Collection[str], *, business: bool) -> str:
    name = plain(seen.organisation)
    if EDUCATION_WORDS.search(name) or EDUCATION_DOMAIN.search(domain):
        return "education"
    if GOVERNMENT_WORDS.search(name) or GOVERNMENT_DOMAIN.search(domain):
        return "government"
    if SHARED_WORDS.search(name):
        return "shared_offices"
    if not seen.organisation:
        return ""
    looks = PROVIDER_WORDS.search(name) or NETWORK_NAME.search(NOT_A_NETWORK.sub("", seen.organisation))
    if looks or compact(seen.organisation) in providers:
        return "provider"
    same = same_house(seen.organisation, seen.isp) or same_house(seen.organisation, seen.carrier)
    return "provider" if same and not business else ""


def _because(seen: Seen, domain: str) -> Iterable[str]:
    """The codes of WEIGHTS that hold."""
    provider = seen.isp or seen.carrier
    if not seen.organisation:
        yield "domain_alone"
    elif same_house(seen.organisation, seen.isp) or same_house(seen.organisation, seen.carrier):
        yield "own_network"
    else:
        yield "apart_from_provider" if provider else "provider_not_known"
    if domain and seen.organisation:
        yield "domain_like_name" if domain_like(seen.organisation, domain) else "domain"
    line, user = CONNECTIONS.get(seen.connection.casefold(), ""), USERS.get(seen.user.casefold(), "")
    yield from (code for code in (line, user) if code in WEIGHTS)
    if seen.network and ip_network(seen.network).prefixlen < (20 if ":" not in seen.network else 32):
        yield "wide_network"
    if "shared_exit" in seen.flags:
        yield "shared_exit"


def _domain(seen: Seen) -> str:
    """The domain of who sits there: not that of the provider, and none of the names that only number addresses."""
    domain = seen.domain.strip().lower().rstrip(".")
    if NO_DOMAIN.search(domain) or domain == seen.carrier_domain.lower():
        return ""
    return "" if domain_like(seen.isp, domain) or domain_like(seen.carrier, domain) else domain[:190]


def plain(name: str) -> str:
    """Lower case, no accents, words apart by one space; letters around an ampersand are one word."""
    name = re.sub(r"(?<=\w)&(?=\w)", "", name)
    folded = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().casefold()
    return re.sub(r"[^a-z0-9]+", " ", folded).strip()


@lru_cache(maxsize=20_000)
def words_of(name: str) -> tuple[str, ...]:
    """The words that tell one company from another: without its legal form."""
    return tuple(word for word in plain(name).split() if word not in LEGAL and len(word) > 1)


def compact(name: str) -> str:
    """
    >>> compact("Global Mobile Corp."), compact("Globalmobile")
    ('globalmobile', 'globalmobile')
    """
    return "".join(words_of(name))


def same_house(name: str, other: str) -> bool:
    """Whether two names are most likely of one house: they share a word that is not common, or begin alike.

    >>> same_house("AT&T Worldnet Services", "AT&T Services"), same_house("GHD", "Cogent Communications")
    (True, False)
    """
    mine, theirs = words_of(name), words_of(other)
    if not mine or not theirs:
        return False
    one, two = "".join(mine), "".join(theirs)
    if one == two or (min(len(one), len(two)) >= 4 and (one.startswith(two) or two.startswith(one))):
        return True
    if {word for word in mine if len(word) >= 4} & {word for word in theirs if len(word) >= 4} - GENERIC:
        return True
    if mine[0] == theirs[0] and len(mine[0]) >= 3 and mine[0] not in GENERIC:
        return True
    return len(mine) > 1 and len(theirs) > 1 and mine[:2] == theirs[:2]


def domain_like(name: str, domain: str) -> bool:
    """Whether a domain is made of a name: "atelier-nova.example" of "Atelier Nova SAS".

    >>> domain_like("Bredband2 AB", "bredband2.com"), domain_like("GHD", "bredband2.com")
    (True, False)
    """
    label = re.sub(r"[^a-z0-9]", "", domain.partition(".")[0])
    whole = compact(name)
    if len(label) < 3 or len(whole) < 3:
        return False
    if label == whole or (len(label) >= 4 and (whole.startswith(label) or label.startswith(whole))):
        return True
    return any(len(word) >= 5 and word not in GENERIC and word in label for word in words_of(name))


def address_of(text: str) -> Address | None:
    """An address of the public internet; None for private ones, for networks, and for what is no address.

    >>> address_of("::ffff:38.105.0.64"), address_of("10.1.2.3"), address_of("38.105.0.0/24")
    (IPv4Address('38.105.0.64'), None, None)
    """
    try:
        found = ip_address(text.strip())
    except ValueError:
        return None
    found = getattr(found, "ipv4_mapped", None) or found
    return found if found.is_global and not found.is_multicast else None


def network_of(text: str) -> Network | None:
    """A network as people write it, or one address; None when it is neither."""
    try:
        return ip_network(text.strip(), strict=False)
    except ValueError:
        return None


def forbidden(found: Company, address: Address | None, exceptions: Iterable[Barred]) -> str:
    """Why this company may not be recognised from there (office, provider, objection); "" when it may."""
    named = {found.name.casefold(), found.domain.casefold()} - {""}
    for one in exceptions:
        if one.name and one.name.casefold() in named:
            return one.reason
        network = network_of(one.network) if one.network else None
        if network and address and network.version == address.version and address in network:
            return one.reason
    return ""


def overlap(one: str, other: str) -> bool:
    mine, theirs = network_of(one), network_of(other)
    return bool(mine and theirs and mine.version == theirs.version and mine.overlaps(theirs))


def sureness(confidence: float) -> str:
    """The word for a confidence, as a code: high | likely | perhaps."""
    return "high" if confidence >= HIGH else "likely" if confidence >= 0.65 else "perhaps"
