"""What goes into the engine and what comes out of it, as plain values. Times are int64 microseconds since 1970, UTC."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from vendange.agreement.maturity import EngagementGrade, FitGrade

DAY: Final = 86_400_000_000  # microseconds

# The dimensions of vocabulary.PERSON_DIMENSIONS; a missing key, None and "" all mean: not known.
Profile = Mapping[str, object]
Side = Literal["fit", "engagement"]
Warmth = Literal["hot", "warm", "cold"]
Way = Literal["act", "pattern", "change", "score", "dimension"]

LIMIT: Final = "limit"  # name of the line that brings a side back into its limits; "limit:ID" for a group of rules
OUTSIDE: Final = "outside"  # set aside because none of the personas can be theirs
EVIDENCE_KEPT: Final = 20  # signals named by one line or one alert


class SignalRow(NamedTuple):
    """One signal of one person; the fields after `kind` are what rules may read (vocabulary.SIGNAL_DIMENSIONS)."""

    id: int
    at: int
    kind: str
    path: str | None = None
    asset: str | None = None
    campaign: str | None = None
    channel: str | None = None
    topic: str | None = None
    value: float | None = None
    origin: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One reason of a measure. The `points` of all lines of a side add up exactly to what is shown for that side."""

    side: Side
    rule: str  # id of the rule, or LIMIT
    points: float  # worth now
    given: float  # before any decay, after the cap
    count: int  # signals that matched, 0 for fit
    last_at: int | None
    half_life_days: float | None
    capped: bool  # the cap held something back
    signal_ids: tuple[int, ...]  # newest first, at most EVIDENCE_KEPT


@dataclass(frozen=True, slots=True)
class Measure:
    """Where one person stands at one moment: fit and engagement from 0 to 100, and why."""

    as_of: int
    fit: float
    fit_grade: FitGrade
    engagement: float
    engagement_grade: EngagementGrade
    grade: str  # fit and engagement together, e.g. "A2"
    temperature: Warmth
    set_aside: str  # id of the reason, "" when the person is in the target
    lines: tuple[Line, ...]
    next_change_at: int | None  # when grade, temperature or a change falls if nothing more comes
    dimensions: Mapping[str, tuple[float, str]]  # by id: engagement and cell of its own
    interests: Mapping[str, float]  # by topic
    changes: tuple[str, ...]  # topics in which a burst holds


@dataclass(frozen=True, slots=True)
class Alert:
    """A moment at which the agreement calls a human, with its evidence."""

    at: int
    way: Way
    rule: str  # id of the act, or the cell of the grid
    lead_type: str
    fit: float
    engagement: float
    grade: str
    signal_ids: tuple[int, ...]  # newest first
    lines: tuple[Line, ...]
