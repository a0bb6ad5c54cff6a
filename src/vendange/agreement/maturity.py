"""What a mature lead is, as frozen values: whom we want, what their acts are worth, when a human is called."""

from dataclasses import dataclass
from typing import Literal

from vendange.agreement.conditions import Condition
from vendange.agreement.label import Label

FitGrade = Literal["A", "B", "C", "D"]
EngagementGrade = Literal["1", "2", "3", "4"]


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
class Persona:
    """One typical person of the target (R32). Who can be none of them is set aside; who is unknown is not."""

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
class RuleGroup:
    """Rules that are limited together: never more than `cap` points now, never more than `per_day` poured in a day."""

    id: str
    label: Label
    cap: float | None
    per_day: float | None


@dataclass(frozen=True, slots=True)
class EngagementRule:
    """Each matching signal gives `points`, halved every `half_life_days`; the rule never holds more than `cap`.

    `per_content`: what the signals about one content may hold together; `per_day`: what one day may pour in.
    """

    id: str
    label: Label
    on: tuple[str, ...]
    where: Condition | None
    points: float
    cap: float | None
    half_life_days: float
    group: str = ""  # id of a RuleGroup, "" for none
    per_day: float | None = None
    per_content: float | None = None


@dataclass(frozen=True, slots=True)
class Dimension:
    """A product or a topic: the engagement of the signals that concern it, beside the common one.

    `alert`: the cells that call a human for this dimension, with its own engagement thresholds; empty: shown only.
    """

    id: str
    label: Label
    where: Condition
    grades: tuple[float, float, float]
    alert: frozenset[str]
    lead_type: str


@dataclass(frozen=True, slots=True)
class Topic:
    """What they like to read about. Moves the interest in the topic, never the score (R28)."""

    id: str
    label: Label
    on: tuple[str, ...]
    where: Condition | None
    points: float


@dataclass(frozen=True, slots=True)
class Change:
    """A burst in one topic against the person's own past (R29).

    At least `at_least` signals within `within_days`, and `times` as many as the pace of the `against_days` before.
    `lead_type` "": reported only, calls nobody.
    """

    within_days: float
    against_days: float
    at_least: int
    times: float
    lead_type: str


@dataclass(frozen=True, slots=True)
class Interests:
    half_life_days: float
    topics: tuple[Topic, ...]
    change: Change | None


@dataclass(frozen=True, slots=True)
class Act:
    """A revealing act: one such signal is enough to call a human (R36)."""

    id: str
    label: Label
    on: tuple[str, ...]
    where: Condition | None
    lead_type: str


@dataclass(frozen=True, slots=True)
class Term:
    """At least so many signals of these kinds; one part of a pattern."""

    on: tuple[str, ...]
    where: Condition | None
    at_least: int


@dataclass(frozen=True, slots=True)
class Pattern:
    """Several acts close together, of one person or of the people of one organisation (R35, R70).

    `people`: how many different people the acts must come from at least; 1 for a person's pattern.
    """

    id: str
    label: Label
    of: Literal["person", "organisation"]
    within_days: float
    terms: tuple[Term, ...]
    people: int
    lead_type: str


@dataclass(frozen=True, slots=True)
class Heat:
    """Where the organisation stands (R41): how many of its people are engaged, and which roles are.

    A person counts from `engagement` points on; the organisation is warm with `warm` such people, hot with `hot`.
    """

    engagement: float
    warm: int
    hot: int
    roles: tuple[str, ...]  # parts in the buying group that we want to know, of vocabulary.ROLES


@dataclass(frozen=True, slots=True)
class Grades:
    """Thresholds, highest first: fit A ≥ B ≥ C, else D; engagement 1 ≥ 2 ≥ 3, else 4. All above 0."""

    fit: tuple[float, float, float]
    engagement: tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Temperature:
    """Engagement at or above which an interest becomes hot, warm; it stays so until `margin` points below."""

    hot: float
    warm: float
    margin: float = 0.0
