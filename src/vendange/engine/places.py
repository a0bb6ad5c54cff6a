"""Where somebody is, as far as country, region and telephone number tell: clocks, languages. Plain Python.

Clocks of countries come from `zone.tab` of the IANA time zone database, those of numbers from libphonenumber.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from importlib.resources import files
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

import phonenumbers
from phonenumbers import timezone as clocks

NO_CLOCK: Final = "Etc/Unknown"
# French departments overseas, by the first three digits of a postal code (ISO 3166-2:FR has letters for some).
OVERSEAS: Final = {
    "971": "America/Guadeloupe", "972": "America/Martinique", "973": "America/Cayenne", "974": "Indian/Reunion",
    "975": "America/Miquelon", "976": "Indian/Mayotte", "977": "America/St_Barthelemy", "978": "America/Marigot",
    "986": "Pacific/Wallis", "987": "Pacific/Tahiti", "988": "Pacific/Noumea",
}  # fmt: skip
# Countries where nearly everybody is written to in one language.
LANGUAGES: Final = {
    "AR": "es", "AT": "de", "AU": "en", "BR": "pt", "CL": "es", "CO": "es", "CZ": "cs", "DE": "de", "DK": "da",
    "ES": "es", "FI": "fi", "FR": "fr", "GB": "en", "GF": "fr", "GP": "fr", "GR": "el", "HU": "hu", "IE": "en",
    "IT": "it", "JP": "ja", "MC": "fr", "MQ": "fr", "MX": "es", "NL": "nl", "NO": "nb", "NZ": "en", "PL": "pl",
    "PT": "pt", "RE": "fr", "RO": "ro", "SE": "sv", "TR": "tr", "UA": "uk", "US": "en", "YT": "fr",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Clock:
    """On which clocks somebody may be; `because`: said, phone, region, country, or "" when nothing tells."""

    names: tuple[str, ...]
    because: str

    @property
    def is_inferred(self) -> bool:
        return self.because not in ("", "said")


def clock_of(*, said: str, country: str, region: str = "", phone: str = "") -> Clock:
    """What a person says; else what the region tells, a number of the same country, the country itself (C79).

    >>> clock_of(said="", country="FR", region="974"), clock_of(said="", country="US", phone="+12125551234").names
    (Clock(names=('Indian/Reunion',), because='region'), ('America/New_York',))
    >>> clock_of(said="Paris", country="", phone="+33612345678"), len(clock_of(said="", country="US").names) > 4
    (Clock(names=('Europe/Paris',), because='phone'), True)
    """
    if said in _known():
        return Clock((said,), "said")
    if country in ("", "FR") and region in OVERSEAS:
        return Clock((OVERSEAS[region],), "region")
    of_phone = _of_phone(phone, country)
    if of_phone and (not country or len(of_phone) < len(_of_country(country))):
        return Clock(of_phone, "phone")
    found = _of_country(country)
    return Clock(found, "country" if found else "")


def is_clock(name: str) -> bool:
    return name in _known()


@lru_cache(maxsize=1)
def _known() -> frozenset[str]:
    return frozenset(available_timezones())


@lru_cache(maxsize=20_000)
def _of_phone(phone: str, country: str) -> tuple[str, ...]:
    """A number of another country says nothing: people keep theirs when they move."""
    number = _read(phone, "")
    if number is None or (country and phonenumbers.region_code_for_number(number) != country):
        return ()
    return tuple(name for name in clocks.time_zones_for_number(number) if name != NO_CLOCK)


@lru_cache(maxsize=1)
def _table() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    lines = (files("tzdata.zoneinfo") / "zone.tab").read_text("utf-8").splitlines()
    for line in lines:
        if line and not line.startswith("#"):
            country, _place, name = line.split("\t")[:3]
            found[country] = (*found.get(country, ()), name)
    return found


def _of_country(country: str) -> tuple[str, ...]:
    return _table().get(country.upper(), ())


def is_country(code: str) -> bool:
    """Whether ISO 3166-1 has these two letters.

    >>> is_country("FR"), is_country("ZZ"), is_country("fr")
    (True, False, False)
    """
    return code in _countries()


@lru_cache(maxsize=1)
def _countries() -> frozenset[str]:
    lines = (files("tzdata.zoneinfo") / "iso3166.tab").read_text("utf-8").splitlines()
    return frozenset(line[:2] for line in lines if line and not line.startswith("#"))


def moments(clock: Clock, now: datetime) -> list[datetime]:
    """What their clocks may show now, each time of day once."""
    seen = {now.astimezone(ZoneInfo(name)).replace(tzinfo=None): name for name in reversed(clock.names)}
    return [now.astimezone(ZoneInfo(name)) for name in sorted(seen.values())]


def language_of(country: str) -> str:
    return LANGUAGES.get(country.upper(), "")


@dataclass(frozen=True, slots=True)
class Phone:
    """A number as it was read. `wrong`: no_country (nobody says of which country it is), unreadable, or ""."""

    number: str
    extension: str
    country: str
    mobile: bool
    wrong: str


@lru_cache(maxsize=20_000)
def phone_of(raw: str, country: str) -> Phone:
    """What of a number as it was written can be dialled (C78).

    >>> phone_of("06 12 34 56 78", "FR")
    Phone(number='+33612345678', extension='', country='FR', mobile=True, wrong='')
    >>> phone_of("06 12 34 56 78", "").wrong, phone_of("call me", "FR").wrong
    ('no_country', 'unreadable')
    """
    number = _read(raw, country)
    if number is None:
        digits = sum(one.isdigit() for one in raw)
        wrong = (
            "no_country" if not country and digits >= 6 and not raw.strip().startswith(("+", "00")) else "unreadable"
        )
        return Phone("", "", "", mobile=False, wrong=wrong)
    kind = phonenumbers.number_type(number)
    return Phone(
        phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164),
        number.extension or "",
        phonenumbers.region_code_for_number(number) or "",
        mobile=kind == phonenumbers.PhoneNumberType.MOBILE,
        wrong="",
    )


def _read(raw: str, country: str) -> phonenumbers.PhoneNumber | None:
    try:
        number = phonenumbers.parse(raw, country or None)
    except phonenumbers.NumberParseException:
        return None
    return number if phonenumbers.is_valid_number(number) else None
