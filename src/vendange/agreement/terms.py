"""What marketing and sales agreed, as frozen values. Built by `vendange.agreement.language`, read by everyone.

Amounts of points are plain floats. Durations are `Span`: never seconds, because "24 hours" and "24 working hours"
are two different promises. Labels exist in English and in French.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from vendange.agreement.conditions import Condition
from vendange.agreement.label import Label
from vendange.agreement.maturity import (
    Act,
    Dimension,
    EngagementRule,
    FitRule,
    Grades,
    Heat,
    Interests,
    LeadType,
    Pattern,
    Persona,
    RuleGroup,
    SetAside,
    Temperature,
)

Unit = Literal["minutes", "hours", "days", "working_minutes", "working_hours", "working_days"]
Team = Literal["marketing", "sales"]
# A field that came later: left out of the identity while it says what was always so.
SINCE: Final = {"left_out_as_default": True}


@dataclass(frozen=True, slots=True)
class Span:
    """A promise of time, e.g. 24 elapsed hours or 1 working hour; see `vendange.agreement.calendars`."""

    amount: int
    unit: Unit


@dataclass(frozen=True, slots=True)
class Hours:
    """Opening hours of one weekday (0 = Monday): wall-clock minutes since midnight, as (from, to) pairs."""

    weekday: int
    periods: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Calendar:
    """The business calendar that working spans are counted on."""

    time_zone: str
    holidays: str  # ISO country code, "" for none
    hours: tuple[Hours, ...]


@dataclass(frozen=True, slots=True)
class Criterion:
    """What the receiving side asks to know at handover (R3, R5). `met_when` reads what is known of the person."""

    id: str
    label: Label
    asked_by: Team
    ask: Label | None
    met_when: Condition | None


@dataclass(frozen=True, slots=True)
class Desk:
    judge_within: Span
    criteria: tuple[Criterion, ...]
    minutes_per_lead: int = 15  # what judging one alert takes
    minutes_per_week: int | None = None  # what the LDRs have together; None: not stated
    # Nobody judges: whoever calls for a human goes to a salesperson at once (R18).
    straight_to_sales: bool = field(default=False, metadata=SINCE)


@dataclass(frozen=True, slots=True)
class Delays:
    """Who owes what to whom within which delay, once a lead is passed."""

    accept: Span
    call: Span
    reassign: Span
    report: Span


ReturnEffect = Literal["wake_up", "nurture", "keep", "linked_lead", "cool"]


@dataclass(frozen=True, slots=True)
class ReturnReason:
    """Why sales gives a lead back, and what that does (R7).

    wake_up: recycled until a date the salesperson gives · nurture: recycled for `after_days` · keep: the lead stays,
    another contact is added · linked_lead: this one closes, another opens, linked · cool: nurtured, no call.
    """

    id: str
    label: Label
    effect: ReturnEffect
    after_days: int


@dataclass(frozen=True, slots=True)
class Track:
    """Where a recycled lead is nurtured."""

    id: str
    label: Label


@dataclass(frozen=True, slots=True)
class OffTarget:
    """Why a lead is eliminated: only because it is off target (R51)."""

    id: str
    label: Label


@dataclass(frozen=True, slots=True)
class Recycling:
    default_days: int
    tracks: tuple[Track, ...]
    off_target: tuple[OffTarget, ...]


@dataclass(frozen=True, slots=True)
class Volume:
    """A promise per calendar month: how many leads of which grades marketing passes (R6)."""

    id: str
    label: Label
    grades: tuple[str, ...]  # empty: any
    at_least: int


@dataclass(frozen=True, slots=True)
class ReportField:
    id: str
    label: Label
    kind: Literal["choice", "text", "date"]
    required: bool
    choices: tuple[tuple[str, Label], ...]


@dataclass(frozen=True, slots=True)
class Routing:
    """First form: who may be offered a lead. The routing rules themselves stand in `vendange.route.rules`."""

    default_capacity: int  # open leads one salesperson can carry


@dataclass(frozen=True, slots=True)
class PressureLimit:
    """Not more than so many contacts with one person within so many days, over these channels together."""

    id: str
    label: Label
    channels: tuple[str, ...]  # of vocabulary.CHANNELS; empty: all
    at_most: int
    within_days: float


@dataclass(frozen=True, slots=True)
class Price:
    """What one lead costs who receives it, in cents; empty `grades` or `lead_types`: any."""

    id: str
    label: Label
    lead_types: tuple[str, ...]
    grades: tuple[str, ...]
    amount_cents: int


@dataclass(frozen=True, slots=True)
class Prices:
    currency: str  # ISO 4217
    levels: tuple[Price, ...]  # the first that fits a lead is its price


@dataclass(frozen=True, slots=True)
class Agreement:
    """One agreement, valid and complete. `sha` is the identity: sha256 of its canonical form."""

    sha: str
    name: str
    calendar: Calendar
    lead_types: tuple[LeadType, ...]
    set_aside: tuple[SetAside, ...]
    fit: tuple[FitRule, ...]
    engagement: tuple[EngagementRule, ...]
    acts: tuple[Act, ...]
    grades: Grades
    alert: frozenset[str]  # cells of the grid that call a human, e.g. {"A1", "A2"}
    alert_lead_type: str  # type of a lead that a score opens
    cool_down_days: float  # after an alert, a score alone does not alert the same person again for so long
    temperature: Temperature
    desk: Desk
    delays: Delays
    returns: tuple[ReturnReason, ...]
    recycling: Recycling
    volumes: tuple[Volume, ...]
    reports: tuple[ReportField, ...]  # at most six
    routing: Routing
    personas: tuple[Persona, ...] = ()
    engagement_cap: float = 100.0  # the common engagement and each dimension never count for more
    engagement_per_day: float | None = None  # most points that one day may pour in, all rules together
    groups: tuple[RuleGroup, ...] = ()
    weights: tuple[tuple[str, float], ...] = ()  # (origin, share of the points it gives), those not named: 1 (R23)
    dimensions: tuple[Dimension, ...] = ()
    interests: Interests | None = None
    patterns: tuple[Pattern, ...] = ()
    heat: Heat | None = None
    pressure: tuple[PressureLimit, ...] = ()
    prices: Prices | None = None

    def labels(self) -> Mapping[str, Label]:
        """Every rule, type, reason and track by `section/id`, for pages and letters."""
        return {
            f"{section}/{item.id}": item.label
            for section, items in (
                ("lead_types", self.lead_types),
                ("target", self.set_aside),
                ("personas", self.personas),
                ("fit", self.fit),
                ("engagement", self.engagement),
                ("groups", self.groups),
                ("dimensions", self.dimensions),
                ("topics", self.interests.topics if self.interests else ()),
                ("acts", self.acts),
                ("patterns", self.patterns),
                ("criteria", self.desk.criteria),
                ("returns", self.returns),
                ("tracks", self.recycling.tracks),
                ("off_target", self.recycling.off_target),
                ("reports", self.reports),
                ("volumes", self.volumes),
                ("pressure", self.pressure),
                ("prices", self.prices.levels if self.prices else ()),
            )
            for item in items
        }
