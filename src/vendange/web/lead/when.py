"""Moments that a salesperson chooses: a few good ones to pick, or another one typed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from django.utils.formats import date_format
from django.utils.timezone import get_current_timezone, localtime
from django.utils.translation import pgettext

from vendange.agreement.calendars import next_opening
from vendange.agreement.sentence import Cannot, sentence
from vendange.agreement.terms import Calendar

MORNING: Final = time(9)
OTHER: Final = "other"


class NotAMoment(Cannot):
    """What was typed is not a date, or not an hour of it."""


@dataclass(frozen=True, slots=True)
class Pick:
    value: str
    label: str


def soon(now: datetime, calendar: Calendar) -> list[Pick]:
    """The next two working mornings and the one in a week."""
    first = morning_after(now, 1, calendar)
    moments = [first, morning_after(first, 1, calendar), morning_after(now, 7, calendar)]
    return [
        Pick(one.isoformat(), date_format(localtime(one), pgettext("format of a day and hour", "D j, G:i")))
        for one in moments
    ]


def morning_after(moment: datetime, days: int, calendar: Calendar) -> datetime:
    day = localtime(moment).date() + timedelta(days=days)
    return next_opening(datetime.combine(day, MORNING, tzinfo=get_current_timezone()), calendar)


def later(now: datetime, calendar: Calendar) -> list[Pick]:
    """First days of months to come: in about two, four and six months."""
    found = []
    first = localtime(now).date().replace(day=1)
    for ahead in (2, 4, 6):
        year, month = divmod(first.year * 12 + first.month - 1 + ahead, 12)
        opening = next_opening(
            datetime.combine(date(year, month + 1, 1), MORNING, tzinfo=get_current_timezone()), calendar
        )
        found.append(Pick(opening.isoformat(), date_format(localtime(opening), pgettext("format of a month", "F Y"))))
    return found


def moment_of(sent: Mapping[str, str], name: str) -> datetime | None:
    """The pick, or what was typed beside it; None when neither was given. Raises NotAMoment."""
    picked, typed = sent.get(name, ""), sent.get(f"{name}_other", "").strip()
    text = typed if picked in ("", OTHER) else picked
    if not text:
        if picked == OTHER:
            raise NotAMoment(sentence("Give the day you have in mind."))
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise NotAMoment(sentence("Write the date as year-month-day, with an hour if it matters.")) from None
    if len(text) == len("2027-03-01"):
        found = datetime.combine(found.date(), MORNING)
    return found if found.tzinfo else found.replace(tzinfo=get_current_timezone())
