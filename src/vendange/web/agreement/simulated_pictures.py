"""The pictures of a simulation as shapes of SVG: alerts week by week, and shares with their intervals."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final, NamedTuple

from django.utils.formats import date_format
from django.utils.translation import pgettext

from vendange.engine.shares import Share
from vendange.web.figures import SPACE, number, within

if TYPE_CHECKING:
    from vendange.simulate.rules import Week

LEFT: Final = 30.0
TOP: Final = 10.0
FOOT: Final = 24.0  # under the lowest line, for the months
FAR: Final = 2.0  # a capacity further above the highest week than this is told and not drawn


class Mark(NamedTuple):
    """One label of an axis, and where it stands."""

    place: str
    label: str
    anchor: str = "middle"


@dataclass(frozen=True, slots=True)
class Weeks:
    """Alerts of each whole week: ours as line and area, the other as a line, the capacity as a height."""

    width: str
    height: str
    draft: str
    current: str
    area: str
    marks: Sequence[Mark]
    months: Sequence[Mark]
    capacity_y: str  # "" when it is not stated, or too high to draw
    months_y: str


def weeks_picture(weeks: Sequence["Week"], capacity: float | None, width: int, height: int) -> Weeks | None:
    """None when fewer than two whole weeks can be joined by a line."""
    whole = [one for one in weeks if one.whole]
    if len(whole) < 2:
        return None
    most = max(max(one.draft, one.current) for one in whole)
    drawn = capacity if capacity and capacity <= FAR * max(most, 1) else None
    top = scale(max(most, drawn or 0))
    base = height - FOOT
    step = (width - LEFT - 4) / (len(whole) - 1)

    def x(place: int) -> str:
        return _at(LEFT + 2 + place * step)

    def y(value: float) -> str:
        return _at(base - (base - TOP) * value / top)

    ours = "L".join(f"{x(place)} {y(one.draft)}" for place, one in enumerate(whole))
    other = "L".join(f"{x(place)} {y(one.current)}" for place, one in enumerate(whole))
    return Weeks(
        width=str(width),
        height=str(height),
        draft=f"M{ours}",
        current=f"M{other}",
        area=f"M{ours}L{x(len(whole) - 1)} {_at(base)}L{x(0)} {_at(base)}Z",
        marks=[Mark(y(top * part / 2), number(top * part / 2)) for part in range(3)],
        months=list(_months([one.start for one in whole], x, parts=4 if width < 600 else 6)),
        capacity_y=y(drawn) if drawn else "",
        months_y=_at(height - 4),
    )


def _months(starts: Sequence[date], x: Callable[[int], str], parts: int) -> Iterator[Mark]:
    """The month of the first and last week with their years, and of some between; none twice."""
    last = len(starts) - 1
    told = [starts[0], starts[last]]
    yield Mark(x(0), date_format(starts[0], _month_and_year()), "start")
    for place in sorted({round(last * part / parts) for part in range(1, parts)}):
        if all((one.year, one.month) != (starts[place].year, starts[place].month) for one in told):
            told.append(starts[place])
            yield Mark(x(place), date_format(starts[place], _month()))
    yield Mark(x(last), date_format(starts[last], _month_and_year()), "end")


def _month_and_year() -> str:
    return pgettext("format of a month and year in a chart", "M y")


def _month() -> str:
    return pgettext("format of a month under a line in a chart", "M")


STEPS: Final = (1, 2, 3, 4, 5, 6, 8)


def scale(most: float) -> int:
    """The end of an axis: round, in two whole steps, at least as high.

    >>> scale(3), scale(17), scale(24), scale(61)
    (4, 20, 30, 80)
    """
    tens = 1
    while True:
        for step in STEPS:
            if step * 2 * tens >= most:
                return step * 2 * tens
        tens *= 5 if tens == 1 else 10


def share_scale(highest: float) -> float:
    """Up to which share bars are drawn, so that small ones can be told apart: 0.25, 0.5 or 1."""
    return next(one for one in (0.25, 0.5, 1.0) if one >= min(highest, 1.0))


@dataclass(frozen=True, slots=True)
class Interval:
    """A share with its doubt: in words, and as places between 0 and 100 of a bar; `low` is "" without a case."""

    text: str
    between: str  # "57\u202f–\u202f70 %"
    base: str  # "131 of 206"
    few: bool
    at: str = ""
    low: str = ""
    width: str = ""


def interval_of(one: Share, of: str, whole: float = 1.0) -> Interval:
    """`of`: the words "{count} of {of}" in the reader's language, with gaps; `whole`: the share that fills the bar."""
    if one.value is None or one.interval is None:
        return Interval("–", "", "", few=False)
    low, high = (100 * side for side in one.interval)
    return Interval(
        text=f"{number(100 * one.value)}{SPACE}%",
        between=f"{number(low)}–{number(high)}{SPACE}%",
        base=of.format(count=number(one.count), of=number(one.of)),
        few=one.few,
        at=within(100 * one.value / whole),
        low=within(low / whole),
        width=within((high - low) / whole),
    )


def _at(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".")
