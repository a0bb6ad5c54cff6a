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
        marks=[Mark(y(top * part / 4), number(top * part / 4)) for part in range(0, 5, 2)],
        months=list(_months([one.start for one in whole], x, parts=4 if width < 600 else 6)),
        capacity_y=y(drawn) if drawn else "",
        months_y=_at(height - 4),
    )


def _months(starts: Sequence[date], x: Callable[[int], str], parts: int) -> Iterator[Mark]:
    """The month of the first and last week, and of some between; the year beside the outer ones."""
    last = len(starts) - 1
    places = sorted({round(last * part / parts) for part in range(parts + 1)})
    for place in places:
        outer = place in (0, last)
        shape = pgettext("format of a month and year in a chart", "M y") if outer else _month()
        yield Mark(x(place), date_format(starts[place], shape), "start" if not place else "end" if outer else "middle")


def _month() -> str:
    return pgettext("format of a month in a chart", "M")


def scale(most: float) -> int:
    """The end of an axis: round, in four whole steps, at least as high.

    >>> scale(3), scale(17), scale(61)
    (4, 20, 80)
    """
    step = 1
    while step * 4 < most:
        step = step * 5 // 2 if str(step)[0] == "2" else step * 2
    return step * 4


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


def interval_of(one: Share, of: str) -> Interval:
    """`of`: the words "{count} of {of}" in the reader's language, with gaps."""
    if one.value is None or one.interval is None:
        return Interval("–", "", "", few=False)
    low, high = (100 * side for side in one.interval)
    return Interval(
        text=f"{number(100 * one.value)}{SPACE}%",
        between=f"{number(low)}–{number(high)}{SPACE}%",
        base=of.format(count=number(one.count), of=number(one.of)),
        few=one.few,
        at=within(100 * one.value),
        low=within(low),
        width=within(high - low),
    )


def _at(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".")
