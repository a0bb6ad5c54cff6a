"""Report decides: how a cohort splits so that every step adds up, and how far a month has gone. Plain Python."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from vendange.agreement.calendars import working_minutes_between
from vendange.agreement.label import Label
from vendange.agreement.terms import Calendar, Span

FEW: Final = 30  # below this many cases a rate moves too much to be read as a habit
FEW_PROMISES: Final = 10
NEARLY: Final = 0.95  # a promise kept less often is shown in amber

# For each step, in order: the figure that counts it, and the detours of those who did not reach the next step.
PATH: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("raised", ("unjudged",)),
    ("judged", ("kept_recycled", "kept_eliminated", "kept_on_desk")),
    ("passed", ("to_accept", "nobody", "refused")),
    ("accepted", ("called_late", "untimed", "uncalled", "gone_uncalled")),
    ("called_in_time", ("in_work", "given_back", "lost_early")),
    ("opportunities", ("deal_open", "deal_lost", "deal_given_back")),
    ("won", ()),
)


@dataclass(frozen=True, slots=True)
class Detour:
    code: str
    count: int


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a cohort: `count` = the next step's count − the next step's `joined` + all `detours`.

    `joined` counts those who reach this step without the one before: called late, or at a time that is not known.
    """

    code: str
    count: int
    before: int | None  # what the rate rests on
    joined: int
    detours: tuple[Detour, ...]

    @property
    def few(self) -> bool:
        return self.before is not None and self.before < FEW


def steps(figures: Mapping[str, int]) -> tuple[Step, ...]:
    """The cohort as steps that add up; `figures` names each step, each detour and `joined`."""
    found, before = [], None
    for code, detours in PATH:
        joined = figures["joined"] if code == "opportunities" else 0
        parts = tuple(Detour(name, figures[name]) for name in detours)
        found.append(Step(code, figures[code], before, joined, parts))
        before = figures[code]
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Signed:
    """What a cohort brought in, in one currency, and the equation that explains it.

    cents = passed × (sales / passed) × (cents / sales) holds exactly. `unknown` sales came from a file without their
    amount: they are in `sales` of no currency and are told apart.
    """

    passed: int
    sales: int
    cents: int
    currency: str
    unknown: int
    others: tuple[tuple[str, int, int], ...]  # currency, cents, sales

    @property
    def each_cents(self) -> float | None:
        return self.cents / self.sales if self.sales else None


@dataclass(frozen=True, slots=True)
class Kept:
    """A promise of time in one month: of the `due` ones, how many were `kept`."""

    code: str  # judge | accept | call | report
    within: Span
    kept: int
    due: int

    @property
    def state(self) -> str:
        if not self.due:
            return ""
        return "good" if self.kept >= NEARLY * self.due else "warn"

    @property
    def few(self) -> bool:
        return self.due < FEW_PROMISES


@dataclass(frozen=True, slots=True)
class Delivered:
    """A promise of volume in one month: `passed` so far, of `at_least` by its end; `expected` by now."""

    id: str
    label: Label
    passed: int
    at_least: int
    expected: int

    @property
    def state(self) -> str:
        return "good" if self.passed >= self.expected else "warn"


def expected_by(now: datetime, start: datetime, end: datetime, at_least: int, calendar: Calendar) -> int:
    """What a promise of the month comes to by now, in proportion to opening hours gone; rounded down."""
    whole = working_minutes_between(start, end, calendar)
    return at_least * working_minutes_between(start, now, calendar) // whole if whole else at_least
