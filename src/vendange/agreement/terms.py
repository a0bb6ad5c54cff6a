"""What marketing and sales agreed, as frozen values. Built by `vendange.agreement.language`, read by everyone.

Amounts of points are plain floats. Durations are `Span`: never seconds, because "24 hours" and "24 working hours"
are two different promises. Labels exist in English and in French.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from vendange.agreement.conditions import Condition

Unit = Literal["minutes", "hours", "days", "working_minutes", "working_hours", "working_days"]
Team = Literal["marketing", "sales"]
FitGrade = Literal["A", "B", "C", "D"]
EngagementGrade = Literal["1", "2", "3", "4"]


@dataclass(frozen=True, slots=True)
class Label:
    """A text in both languages; French falls back on English when only one was written."""

    en: str
    fr: str

    def in_language(self, language: str) -> str:
        return self.fr if language.startswith("fr") else self.en


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
class LeadType:
    id: str
    label: Label


@dataclass(frozen=True, slots=True)
class SetAside:
    """People whom both teams agreed never to bother a human with (R32)."""

    id: str
    label: Label
    where: Condition


@dataclass(frozen=True, slots=True)
class FitRule:
    id: str
    label: Label
    where: Condition
    points: float


@dataclass(frozen=True, slots=True)
class EngagementRule:
    """Each matching signal gives `points`, halved every `half_life_days`; the rule never gives more than `cap`."""

    id: str
    label: Label
    on: tuple[str, ...]
    where: Condition | None
    points: float
    cap: float | None
    half_life_days: float


@dataclass(frozen=True, slots=True)
class Act:
    """A revealing act: one such signal is enough to call a human (R36)."""

    id: str
    label: Label
    on: tuple[str, ...]
    where: Condition | None
    lead_type: str


@dataclass(frozen=True, slots=True)
class Grades:
    """Thresholds, highest first: fit A ≥ B ≥ C, else D; engagement 1 ≥ 2 ≥ 3, else 4. All above 0."""

    fit: tuple[float, float, float]
    engagement: tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Temperature:
    """Engagement at or above which an interest is called hot, warm; below: cold."""

    hot: float
    warm: float


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

    def labels(self) -> Mapping[str, Label]:
        """Every rule, type, reason and track by `section/id`, for pages and letters."""
        return {
            f"{section}/{item.id}": item.label
            for section, items in (
                ("lead_types", self.lead_types),
                ("target", self.set_aside),
                ("fit", self.fit),
                ("engagement", self.engagement),
                ("acts", self.acts),
                ("criteria", self.desk.criteria),
                ("returns", self.returns),
                ("tracks", self.recycling.tracks),
                ("off_target", self.recycling.off_target),
                ("reports", self.reports),
                ("volumes", self.volumes),
            )
            for item in items
        }
