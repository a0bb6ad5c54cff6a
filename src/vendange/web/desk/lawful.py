"""May I call this person, in words, with their local hour beside it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from vendange.agreement.terms import Agreement
from vendange.belong.rules import FREE_MAIL
from vendange.models import Consent, Lead, Person
from vendange.qualify.queries import attempts, months_agreed
from vendange.qualify.rules import MOST_ATTEMPTS, Callee, Lawful, may_call
from vendange.words import word

# Countries on one clock; elsewhere the person's own time zone is needed.
ZONES: Mapping[str, str] = {
    "AT": "Europe/Vienna",
    "BE": "Europe/Brussels",
    "CH": "Europe/Zurich",
    "DE": "Europe/Berlin",
    "DK": "Europe/Copenhagen",
    "ES": "Europe/Madrid",
    "FR": "Europe/Paris",
    "GB": "Europe/London",
    "IE": "Europe/Dublin",
    "IT": "Europe/Rome",
    "LU": "Europe/Luxembourg",
    "NL": "Europe/Amsterdam",
    "PL": "Europe/Warsaw",
    "PT": "Europe/Lisbon",
    "SE": "Europe/Stockholm",
}
ICONS: Mapping[str, str] = {"good": "shield-check", "warn": "shield-alert", "bad": "shield-x"}


@dataclass(frozen=True, slots=True)
class Badge:
    """What stands under the name: the answer, the reason, attempts, the hour there."""

    lawful: Lawful
    icon: str
    answer: str
    because: str
    hour: str
    most: int = MOST_ATTEMPTS

    @property
    def may_call(self) -> bool:
        return self.lawful.state != "bad"


def badge_of(lead: Lead, agreement: Agreement, said: Mapping[str, Consent], now: datetime) -> Badge:
    person = lead.person
    zone, place = clock_of(person, agreement)
    there = now.astimezone(zone)
    stopped = [said[channel].status for channel in ("phone", "all") if channel in said]
    phone = said.get("phone")
    agreed = phone if phone and phone.status == "given" else None
    lawful = may_call(
        Callee(
            regime=person.regime,
            private_mailbox=person.email.rpartition("@")[2].lower() in FREE_MAIL,
            has_number=bool(person.phone or person.phone_raw),
            set_aside=bool(person.set_aside),
            objected=any(status in ("refused", "withdrawn") for status in stopped),
            phone_consent_at=agreed.at if agreed else None,
            phone_consent_months=months_agreed(agreed) if agreed else 12,
            attempts=attempts(person, now),
            there=there,
        ),
        now,
    )
    return Badge(lawful, ICONS[lawful.state], answer(lawful), str(word("lawful", lawful.because)), hour(there, place))


def answer(lawful: Lawful) -> str:
    answers = {"good": _("Callable now:"), "warn": _("Better later:"), "bad": _("Do not call:")}
    return answers[lawful.state]


def hour(there: datetime, place: str) -> str:
    clock = date_format(there, pgettext("format of an hour", "G:i"))
    if not place:
        return _("%(hour)s our time, theirs is not known") % {"hour": clock}
    return _("%(hour)s in %(place)s") % {"hour": clock, "place": place}


def clock_of(person: Person, agreement: Agreement) -> tuple[ZoneInfo, str]:
    """Their time zone and a name for it; ours and "" when it is not known."""
    company = person.organisation
    country = person.country or (company.country if company else "")
    name = person.time_zone or ZONES.get(country, "")
    city = company.city if company and (company.country or country) == country else ""
    try:
        return ZoneInfo(name), city or name.rpartition("/")[2].replace("_", " ")
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo(agreement.calendar.time_zone), ""


def masked(number: str) -> str:
    """What is shown of a number that may not be called.

    >>> masked("+33465710041")
    '+33 4•• ••• •••'
    """
    return f"{number[:3]} {number[3:4]}•• ••• •••" if number else ""


def spaced(number: str) -> str:
    """A French number in pairs; others as they are kept.

    >>> spaced("+33465710041"), spaced("+4930123456")
    ('+33 4 65 71 00 41', '+4930123456')
    """
    if not (number.startswith("+33") and len(number) == 12):
        return number
    rest = number[4:]
    return f"+33 {number[3]} " + " ".join(rest[at : at + 2] for at in range(0, 8, 2))
