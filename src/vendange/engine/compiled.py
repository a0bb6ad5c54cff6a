"""An agreement made ready to run: conditions become closures, rules are looked up by kind of signal."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import attrgetter
from typing import Any, Final, TypeVar

from vendange.agreement.conditions import Condition, Leaf, as_known, wanted_values
from vendange.agreement.terms import Agreement, EngagementGrade, FitGrade
from vendange.engine.rows import DAY, Profile, SignalRow, Warmth

Row = TypeVar("Row")
Test = Callable[[Row], bool]
Getter = Callable[[str], Callable[[Row], object]]

FIT_GRADES: Final[tuple[FitGrade, ...]] = ("A", "B", "C")
ENGAGEMENT_GRADES: Final[tuple[EngagementGrade, ...]] = ("1", "2", "3")


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything of one agreement that the kernel needs, in the order in which it needs it."""

    agreement: Agreement
    set_aside: tuple[Test[Profile], ...]
    fit: tuple[Test[Profile], ...]
    rules_by_kind: Mapping[str, tuple[tuple[int, Test[SignalRow] | None], ...]]
    acts_by_kind: Mapping[str, tuple[tuple[int, Test[SignalRow] | None], ...]]
    rates: tuple[float, ...]  # per rule: decay per microsecond
    points: tuple[float, ...]
    caps: tuple[float, ...]  # inf: none
    cool_down: int  # microseconds

    def fit_grade(self, fit: float) -> FitGrade:
        for grade, threshold in zip(FIT_GRADES, self.agreement.grades.fit, strict=True):
            if fit >= threshold:
                return grade
        return "D"

    def engagement_grade(self, engagement: float) -> EngagementGrade:
        for grade, threshold in zip(ENGAGEMENT_GRADES, self.agreement.grades.engagement, strict=True):
            if engagement >= threshold:
                return grade
        return "4"

    def warmth(self, engagement: float) -> Warmth:
        temperature = self.agreement.temperature
        if engagement >= temperature.hot:
            return "hot"
        return "warm" if engagement >= temperature.warm else "cold"


def plan_of(agreement: Agreement) -> Plan:
    """The plan of an agreement; made once per agreement and kept."""
    return _plan_of(agreement)


@lru_cache(maxsize=64)
def _made(sha: str, agreement: "_SameSha") -> Plan:
    return _make(agreement.agreement)


@dataclass(frozen=True, slots=True)
class _SameSha:
    """Lets the cache compare agreements by their identity instead of by all their contents."""

    agreement: Agreement

    def __hash__(self) -> int:
        return hash(self.agreement.sha)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _SameSha) and other.agreement.sha == self.agreement.sha
