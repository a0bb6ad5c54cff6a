"""A learnt card as it is kept and shown: plain values, each rule with the points that a draft would write."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from vendange.agreement.label import Label
from vendange.agreement.maturity import EngagementRule, FitRule, Grades
from vendange.engine.before import Acts, as_engagement, as_fit, is_of_acts, split
from vendange.engine.learning.learned import Asked, Calibration, Compared, Judged, Learned, Part, Refused, Warned
from vendange.engine.learning.learned import Condition as Learnt

FORM: Final = 1  # of what is kept; another number cannot be read any more
LONGEST: Final = 40  # characters of an id, a number may follow


@dataclass(frozen=True, slots=True)
class CardRule:
    """`points` as learnt; `gives` as the draft would write them (0: cannot be written), for each signal up to `cap`."""

    id: str
    column: str
    operator: str
    value: float | str | bool | list[str]
    points: int
    n: int
    rate: float
    rest: float
    newest_n: int
    newest_rate: float | None
    gives: float = 0.0
    cap: float | None = None

    @property
    def condition(self) -> Learnt:
        value: Any = tuple(self.value) if isinstance(self.value, list) else self.value
        operator: Any = self.operator
        return Learnt(self.column, operator, value)

    @property
    def can_be_written(self) -> bool:
        """Points that fade cannot be negative in an agreement."""
        return self.points > 0 or not is_of_acts(self.column)


@dataclass(frozen=True, slots=True)
class Card:
    """What was learnt of an agreement's leads. `fault`: why nothing could be ("" when it could)."""

    sha: str
    outcome: str
    within_days: int
    leads: int
    reached: int
    too_young: int
    fault: str = ""
    fault_figures: tuple[tuple[str, int], ...] = ()
    verdict: str = ""
    rules: tuple[CardRule, ...] = ()
    calibration: Calibration | None = None
    judged: Judged | None = None
    compared: Compared | None = None
    oldest: Part | None = None
    newest: Part | None = None
    refused: tuple[Refused, ...] = ()
    asked: tuple[Asked, ...] = ()
    warned: tuple[Warned, ...] = ()
    included: tuple[str, ...] = ()
    time_unknown: tuple[str, ...] = ()
    fit_grades: tuple[float, float, float] | None = None
    engagement_grades: tuple[float, float, float] | None = None
    people: int = 0
    alerts_before: int = 0
    alerts_after: int = 0
    form: int = FORM

    @property
    def offered(self) -> bool:
        """Only what beats the points in force may become a draft."""
        return self.verdict == "signal" and any(one.gives for one in self.rules)

    @property
    def unwritten(self) -> tuple[CardRule, ...]:
        return tuple(one for one in self.rules if not one.can_be_written)


def card_rules(learned: Learned) -> tuple[CardRule, ...]:
    found: list[CardRule] = []
    for one in learned.rules:
        value: Any = one.condition.value
        found.append(
            CardRule(
                id=name_of(one.condition, {rule.id for rule in found}),
                column=one.condition.column,
                operator=one.condition.operator,
                value=list(value) if isinstance(value, tuple) else value,
                points=one.points,
                n=one.n,
                rate=one.rate,
                rest=one.rest,
                newest_n=one.newest_n,
                newest_rate=one.newest_rate,
            )
        )
    return tuple(found)


def name_of(condition: Learnt, taken: set[str]) -> str:
    """The id of a rule: that of the rule of acts it comes from, or its field; a number when it is taken."""
    if is_of_acts(condition.column):
        name = split(condition.column)[0].partition("/")[2]
    else:
        name = "learned-" + condition.column.rpartition(".")[2]
    name = name.replace("_", "-")[:LONGEST].rstrip("-")
    return next(one for one in (name, *(f"{name}-{n}" for n in range(2, 99))) if one not in taken)


def as_rules(
    rules: Sequence[CardRule], acts: Sequence[Acts], label: Callable[[CardRule], Label]
) -> tuple[list[FitRule], list[EngagementRule]]:
    """As the agreement would write them; with the points of the draft once these are known."""
    fit: list[FitRule] = []
    engagement: list[EngagementRule] = []
    for one in rules:
        if not one.can_be_written:
            continue
        if not is_of_acts(one.column):
            fit.append(as_fit(one.condition, one.gives or float(one.points), one.id, label(one)))
            continue
        jar = as_engagement(one.condition, float(one.points), one.id, label(one), acts)
        engagement.append(replace(jar, points=one.gives, cap=one.cap) if one.gives else jar)
    return fit, engagement


def with_points(
    rules: Sequence[CardRule], fit: Sequence[FitRule], engagement: Sequence[EngagementRule]
) -> tuple[CardRule, ...]:
    """The card with what the stretched rules give."""
    gives = {one.id: (one.points, None) for one in fit} | {one.id: (one.points, one.cap) for one in engagement}
    return tuple(
        replace(one, gives=gives[one.id][0], cap=gives[one.id][1]) if one.can_be_written else one for one in rules
    )


def grades_of(card: Card) -> Grades | None:
    if card.fit_grades is None or card.engagement_grades is None:
        return None
    return Grades(card.fit_grades, card.engagement_grades)
