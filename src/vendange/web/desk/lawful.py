"""May I call this person, in words, with their local hour beside it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from vendange.agreement.terms import Agreement
from vendange.belong.rules import FREE_MAIL
from vendange.engine import places
from vendange.engine.places import Clock
from vendange.models import Consent, Lead, Person
from vendange.qualify.queries import attempts, months_agreed
from vendange.qualify.rules import MOST_ATTEMPTS, Callee, Lawful, may_call
from vendange.vouch.queries import is_stated_professional
from vendange.words import word

STATES = ("good", "warn", "bad")  # from what is allowed to what is not
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
    """Where somebody may be on several clocks, they may be called when all of these allow it (C79)."""
    person = lead.person
    there, place = moments_of(person, agreement, now)
    stopped = [said[channel].status for channel in ("phone", "all") if channel in said]
    phone = said.get("phone")
    agreed = phone if phone and phone.status == "given" else None
    callee = Callee(
        regime=person.regime,
        private_mailbox=is_private(person) and not is_stated_professional(person),
        has_number=bool(person.phone or person.phone_raw),
        set_aside=bool(person.set_aside),
        objected=any(status in ("refused", "withdrawn") for status in stopped),
        phone_consent_at=agreed.at if agreed else None,
        phone_consent_months=months_agreed(agreed) if agreed else 12,
        attempts=attempts(person, now),
        there=there[0],
    )
    found = [(may_call(replace(callee, there=moment), now), moment) for moment in there]
    lawful, moment = max(found, key=lambda one: STATES.index(one[0].state))
    return Badge(lawful, ICONS[lawful.state], answer(lawful), str(word("lawful", lawful.because)), hour(moment, place))


def is_private(person: Person) -> bool:
    """Known by a mailbox of a provider for private persons."""
    return person.email.rpartition("@")[2].lower() in FREE_MAIL


def answer(lawful: Lawful) -> str:
    answers = {"good": _("Callable now:"), "warn": _("Better later:"), "bad": _("Do not call:")}
    return answers[lawful.state]


def hour(there: datetime, place: str) -> str:
    clock = date_format(there, pgettext("format of an hour", "G:i"))
    if not place:
        return _("%(hour)s our time, theirs is not known") % {"hour": clock}
    return _("%(hour)s in %(place)s") % {"hour": clock, "place": place}


def clock_of(person: Person) -> Clock:
    """On which clocks they may be, and what tells so."""
    company = person.organisation
    country = person.country or (company.country if company else "")
    at_home = company is not None and company.country in ("", country)
    region = company.region if company and at_home else ""
    return places.clock_of(said=person.time_zone, country=country, region=region, phone=person.phone)


def moments_of(person: Person, agreement: Agreement, now: datetime) -> tuple[list[datetime], str]:
    """What their clocks may show, and a name for their place; ours and "" when it is not known."""
    clock = clock_of(person)
    found = places.moments(clock, now)
    if not found:
        return [now.astimezone(ZoneInfo(agreement.calendar.time_zone))], ""
    company = person.organisation
    country = person.country or (company.country if company else "")
    city = company.city if company and (company.country or country) == country else ""
    if len(found) > 1:
        return found, country
    return found, city or clock.names[0].rpartition("/")[2].replace("_", " ")


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
