"""Two small charts of facts: what was passed and sold each month, and the share that the desk passes each week."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import pgettext

from vendange.report.rules import FEW_PROMISES
from vendange.web.figures import number, rate, within

WIDE, LEFT, BASE = 436.0, 34.0, 144.0  # units of the drawings, which are 168 high
SMALL = 5  # fewer judged in a week: a hollow point


@dataclass(frozen=True, slots=True)
class Bar:
    x: str
    y: str
    width: str
    height: str
    label: str
    passed: int
    sold: int
    sold_x: str
    current: bool


@dataclass(frozen=True, slots=True)
class Mark:
    y: str
    label: str


@dataclass(frozen=True, slots=True)
class Months:
    bars: Sequence[Bar]
    marks: Sequence[Mark]
    promised_y: str
    promised: int


@dataclass(frozen=True, slots=True)
class Point:
    x: str
    y: str
    label: str
    judged: int
    passed: int
    share: str
    small: bool


@dataclass(frozen=True, slots=True)
class Weeks:
    points: Sequence[Point]
    lines: Sequence[str]
    mean_y: str
    mean: str
    judged: int
    few: bool
    first: str
    last: str


def month_starts(now: datetime, count: int) -> list[date]:
    first = localtime(now).date().replace(day=1)
    found = [first]
    while len(found) < count:
        found.append((found[-1] - timedelta(days=1)).replace(day=1))
    return found[::-1]


def week_starts(now: datetime, count: int) -> list[date]:
    today = localtime(now).date()
    monday = today - timedelta(days=today.weekday())
    return [monday - timedelta(weeks=weeks) for weeks in range(count - 1, -1, -1)]


def by_day(series: Mapping[datetime, tuple[int, int]]) -> dict[date, tuple[int, int]]:
    return {localtime(moment).date(): counts for moment, counts in series.items()}


def rounded_up(most: int) -> int:
    """A scale that ends on a round number, in four equal steps."""
    step = 1
    while step * 4 < most:
        step = step * 5 // 2 if str(step)[0] == "2" else step * 2
    return step * 4


def months(series: Mapping[datetime, tuple[int, int]], starts: Sequence[date], promised: int) -> Months:
    found = by_day(series)
    top = rounded_up(max([promised, *(passed for passed, _ in found.values())], default=0))
    column = (WIDE - LEFT) / len(starts)
    bars = []
    for place, start in enumerate(starts):
        passed, sold = found.get(start, (0, 0))
        y = height(passed, top)
        x = LEFT + place * column
        label = date_format(start, pgettext("format of a month in a chart", "M"))
        bars.append(
            Bar(
                at(x + 4),
                at(y),
                at(column - 8),
                at(BASE - y),
                label,
                passed,
                sold,
                at(x + column / 2),
                place == len(starts) - 1,
            )
        )
    marks = [Mark(at(height(step * top // 4, top)), number(step * top // 4)) for step in range(5)]
    return Months(bars, marks, at(height(promised, top)) if promised else "", promised)


def weeks(series: Mapping[datetime, tuple[int, int]], starts: Sequence[date]) -> Weeks:
    found = by_day(series)
    judged = sum(counts[0] for counts in found.values())
    passed = sum(counts[1] for counts in found.values())
    step = (WIDE - LEFT - 12) / max(len(starts) - 1, 1)
    points: list[Point] = []
    lines: list[list[str]] = []
    line: list[str] = []
    for place, start in enumerate(starts):
        all_judged, all_passed = found.get(start, (0, 0))
        if not all_judged:
            lines, line = [*lines, line], []
            continue
        x, y = LEFT + 6 + place * step, height(all_passed, all_judged)
        label = date_format(start, pgettext("format of a day", "j M"))
        share = rate(all_passed, all_judged)
        points.append(Point(at(x), at(y), label, all_judged, all_passed, share, all_judged < SMALL))
        line.append(f"{at(x)} {at(y)}")
    paths = ["M" + "L".join(one) for one in [*lines, line] if len(one) > 1]
    said = [date_format(start, pgettext("format of a day", "j M")) for start in (starts[0], starts[-1])]
    mean_y = at(height(passed, judged))
    return Weeks(points, paths, mean_y, rate(passed, judged), judged, judged < FEW_PROMISES, *said)


def height(value: int, top: int) -> float:
    return BASE - (BASE - 12) * (value / top if top else 0)


def at(value: float) -> str:
    return within(value, WIDE)
