"""Business time: when a promise made now falls due, and how much of a stretch of time was working time.

Moments come in and go out as aware UTC datetimes. Opening hours are wall-clock hours of the calendar's time zone, so
that an opening hour stays an hour when the clocks change. A period is open from its first minute up to, not including,
its last.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

import holidays

from vendange.agreement.sentence import Cannot, sentence
from vendange.agreement.terms import Calendar, Span

Period = tuple[datetime, datetime]

LONGEST_CLOSURE: Final = 400  # days
DAYS_KEPT: Final = 20_000
ONE_DAY: Final = timedelta(days=1)
ELAPSED: Final = {"minutes": timedelta(minutes=1), "hours": timedelta(hours=1), "days": ONE_DAY}
WORKING: Final = {"working_minutes": timedelta(minutes=1), "working_hours": timedelta(hours=1)}


class NeverOpen(Cannot, ValueError):
    """The calendar has no opening hours within reach: working time cannot be counted on it."""

    def __init__(self) -> None:
        told = sentence(
            "This calendar has no opening hour in the next {days} days: give it opening hours.", days=LONGEST_CLOSURE
        )
        super().__init__(told)


def due(start: datetime, span: Span, calendar: Calendar) -> datetime:
    """The moment, in UTC, at which a promise made at `start` falls due.

    Elapsed units are real time. Working minutes and hours are counted inside opening hours; a promise made when closed
    starts at the next opening. Working days end at the same time of day so many working days later, brought into the
    opening hours of that day. Raises NeverOpen.
    """
    if span.unit in ELAPSED:
        return _utc(start) + span.amount * ELAPSED[span.unit]
    opening = next_opening(start, calendar)
    if span.unit == "working_days":
        return _same_time_later(opening, span.amount, _days_of(calendar))
    return _after_working(opening, span.amount * WORKING[span.unit], _days_of(calendar))


def working_minutes_between(start: datetime, end: datetime, calendar: Calendar) -> int:
    """Whole minutes of opening hours from start to end; 0 when the end is not after the start."""
    days = _days_of(calendar)
    start, end = _utc(start), _utc(end)
    total, day, last = timedelta(), days.local(start).date(), days.local(end).date()
    while day <= last:
        for opens, closes in days.periods(day):
            total += max(min(closes, end) - max(opens, start), timedelta())
        day += ONE_DAY
    return total // timedelta(minutes=1)


def is_open(at: datetime, calendar: Calendar) -> bool:
    days = _days_of(calendar)
    return any(opens <= at < closes for opens, closes in days.periods(days.local(_utc(at)).date()))


def next_opening(at: datetime, calendar: Calendar) -> datetime:
    """The moment itself when open, else the next opening, in UTC. Raises NeverOpen."""
    at = _utc(at)
    opens, _ = next(_days_of(calendar).periods_from(at))
    return max(opens, at)


def _after_working(opening: datetime, amount: timedelta, days: "_Days") -> datetime:
    left = amount
    for opens, closes in days.periods_from(opening):
        begins = max(opens, opening)
        if closes - begins >= left:
            return begins + left
        left -= closes - begins
    raise NeverOpen


def _same_time_later(opening: datetime, amount: int, days: "_Days") -> datetime:
    start = days.local(opening)
    day = start.date()
    for _ in range(amount):
        day = days.next_working(day)
    wanted = datetime.combine(day, start.time(), tzinfo=days.zone).astimezone(UTC)
    for opens, closes in days.periods(day):
        if wanted <= closes:
            return max(opens, wanted)
    return days.periods(day)[-1][1]


def _utc(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError(f"{at} has no time zone: pass an aware datetime.")
    return at.astimezone(UTC)


class _Days:
    """The opening periods of each day of one calendar, in UTC."""

    def __init__(self, calendar: Calendar) -> None:
        self.zone = ZoneInfo(calendar.time_zone)
        self.country = calendar.holidays
        self.hours = {hours.weekday: hours.periods for hours in calendar.hours}
        self.known: dict[date, tuple[Period, ...]] = {}

    def local(self, at: datetime) -> datetime:
        return at.astimezone(self.zone)

    def periods(self, day: date) -> tuple[Period, ...]:
        found = self.known.get(day)
        if found is None:
            if len(self.known) >= DAYS_KEPT:
                self.known.clear()
            found = self.known[day] = self._periods(day)
        return found

    def _periods(self, day: date) -> tuple[Period, ...]:
        periods = self.hours.get(day.weekday(), ())
        if not periods or day in _holidays_of(self.country, day.year):
            return ()
        return tuple((self._at(day, opens), self._at(day, closes)) for opens, closes in periods)

    def _at(self, day: date, minute: int) -> datetime:
        wall = datetime.combine(day, time(), tzinfo=self.zone) + timedelta(minutes=minute)  # wall-clock arithmetic
        return wall.astimezone(UTC)

    def periods_from(self, at: datetime) -> Iterator[Period]:
        """The periods that end after `at`, without end; raises NeverOpen when none follows."""
        day, closed = self.local(at).date(), 0
        while closed <= LONGEST_CLOSURE:
            for opens, closes in self.periods(day):
                if closes > at:
                    closed = 0
                    yield opens, closes
            day += ONE_DAY
            closed += 1
        raise NeverOpen

    def next_working(self, day: date) -> date:
        for _ in range(LONGEST_CLOSURE):
            day += ONE_DAY
            if self.periods(day):
                return day
        raise NeverOpen


@lru_cache(maxsize=128)
def _days_of(calendar: Calendar) -> _Days:
    return _Days(calendar)


@lru_cache(maxsize=1024)
def _holidays_of(country: str, year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays(country, years=year)) if country else frozenset()
