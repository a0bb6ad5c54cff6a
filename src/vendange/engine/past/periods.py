"""A stretch of time cut into the weeks and the months of one time zone. Inside, microseconds since 1970, UTC."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

from vendange.engine.rows import DAY

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def moment(at: int) -> datetime:
    return EPOCH + timedelta(microseconds=at)


def micros(at: datetime) -> int:
    return (at - EPOCH) // timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Period:
    """From `start` up to, not including, `end`. Weeks begin on Monday, in the time zone of the draft's calendar."""

    start: int
    end: int
    zone: str

    def has(self, at: int) -> bool:
        return self.start <= at < self.end

    @property
    def weeks(self) -> float:
        return (self.end - self.start) / (7 * DAY)

    def by_week(self) -> list[tuple[int, int, bool]]:
        """(start, end, whether it is a whole week) of each week or part of one."""
        borders = [self.start, *self._borders(next_monday), self.end]
        return [(low, high, high - low >= 7 * DAY - DAY // 24) for low, high in pairwise(borders) if high > low]

    def whole_months(self) -> list[tuple[int, int]]:
        borders = list(self._borders(next_month))
        first = moment(self.start).astimezone(ZoneInfo(self.zone))
        if (first.day, first.time()) == (1, time()):
            borders.insert(0, self.start)
        last = moment(self.end).astimezone(ZoneInfo(self.zone))
        if (last.day, last.time()) == (1, time()):
            borders.append(self.end)
        return list(pairwise(borders))

    def _borders(self, following: Callable[[date], date]) -> Iterator[int]:
        """Beginnings of weeks or months after the start and before the end."""
        zone = ZoneInfo(self.zone)
        day = following(moment(self.start).astimezone(zone).date())
        while (at := micros(datetime.combine(day, time(), zone))) < self.end:
            yield at
            day = following(day)


def next_monday(day: date) -> date:
    return day + timedelta(days=7 - day.weekday())


def next_month(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1)
