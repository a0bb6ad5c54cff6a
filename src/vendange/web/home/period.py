"""The period that a figure speaks of: twelve months until now, unless the address says otherwise."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils.timezone import get_current_timezone, localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from vendange.web.moments import day

USUAL = 12
CHOICES = (3, 6, 12, 24)
MOST = 120


@dataclass(frozen=True, slots=True)
class Period:
    start: datetime
    end: datetime
    months: int | None  # None when two dates were given
    problem: str = ""  # what was wrong with the address, in words

    @property
    def before(self) -> "Period":
        """The period of the same length that ends where this one starts."""
        if self.months:
            return Period(months_before(self.start, self.months), self.start, self.months)
        return Period(self.start - (self.end - self.start), self.start, None)


def period_of(asked: Mapping[str, str], now: datetime) -> Period:
    """From `?months=`, or `?from=` and `?to=` (both days included). What cannot be read is said, never guessed."""
    if asked.get("from") or asked.get("to"):
        return between(asked.get("from", ""), asked.get("to", ""), now)
    text = asked.get("months", "")
    if text.isascii() and text.isdigit() and 1 <= int(text) <= MOST:
        return last(int(text), now)
    usual = last(USUAL, now)
    if not text:
        return usual
    problem = _("The number of months must be between 1 and 120. These are the last twelve.")
    return Period(usual.start, usual.end, usual.months, problem)


def last(months: int, now: datetime) -> Period:
    return Period(months_before(now, months), now, months)


def between(first: str, final: str, now: datetime) -> Period:
    try:
        start = midnight(date.fromisoformat(first)) if first else months_before(now, USUAL)
        end = midnight(date.fromisoformat(final) + timedelta(days=1)) if final else now
    except (ValueError, OverflowError):
        start, end = now, now
    usual = last(USUAL, now)
    if start > now and not (final and start >= end):
        problem = _("These days have not come yet: choose a first day that has. These are twelve months.")
        return Period(usual.start, usual.end, usual.months, problem)
    if start < end:
        return Period(start, end, None)
    problem = _(
        "These dates do not make a period: write year-month-day, the earlier one first. These are twelve months."
    )
    return Period(usual.start, usual.end, usual.months, problem)


def midnight(of: date) -> datetime:
    return datetime.combine(of, time(), tzinfo=get_current_timezone())


def months_before(moment: datetime, months: int) -> datetime:
    """The same day so many months earlier, or the last day of a shorter month."""
    here = localtime(moment)
    years, month = divmod(here.year * 12 + here.month - 1 - months, 12)
    for last_day in (here.day, 30, 29, 28):
        try:
            return here.replace(year=years, month=month + 1, day=last_day)
        except ValueError:
            continue
    return here.replace(year=years, month=month + 1, day=28)


def month_of(moment: datetime) -> tuple[datetime, datetime]:
    """First moment of the calendar month, and of the next one."""
    first = localtime(moment).date().replace(day=1)
    return midnight(first), midnight((first + timedelta(days=32)).replace(day=1))


def said(period: Period, now: datetime) -> str:
    """12 months, to 21 Nov · 1 Mar to 30 Jun."""
    if period.months:
        count = ngettext("%(n)s month", "%(n)s months", period.months) % {"n": period.months}
        return _("%(count)s, to %(day)s") % {"count": count, "day": day(period.end, now)}
    final = period.end - timedelta(microseconds=1)
    return _("%(first)s to %(last)s") % {"first": day(period.start, now), "last": day(final, now)}
