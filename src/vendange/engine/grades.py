"""From points to letters: grades of both sides, the cell of the grid, temperature and category."""

import math
from typing import Any, Final, Literal

from vendange.agreement.maturity import EngagementGrade, FitGrade
from vendange.agreement.terms import Agreement
from vendange.engine.crowd import Column, Crowd
from vendange.engine.plan import WORD, Plan, words_for
from vendange.engine.rows import Warmth

FIT: Final[tuple[FitGrade, ...]] = ("A", "B", "C", "D")
ENGAGEMENT: Final[tuple[EngagementGrade, ...]] = ("1", "2", "3", "4")
WARMTH: Final[tuple[Warmth, ...]] = ("cold", "warm", "hot")
CELLS: Final = tuple(fit + acted for fit in FIT for acted in ENGAGEMENT)
MICRO: Final = 1e6

Category = Literal["suspect", "cold", "warm", "hot", "customer"]


def category_of(relationship: str, temperature: Warmth) -> Category:
    """One of the five: who bought is a customer, who never exchanged with us a suspect, else how warm (R62, R63)."""
    if relationship == "customer":
        return "customer"
    return "suspect" if relationship == "suspect" else temperature


def fits(plan: Plan, crowd: Crowd) -> Column:
    """How well each person matches the target, 0 to 100, in millionths."""
    rules = plan.agreement.fit
    if isinstance(crowd.fit, list):
        return [fit_of(plan, crowd, person) for person in range(crowd.size)]
    import numpy

    words = crowd.fit.reshape(words_for(rules), crowd.size)
    total = numpy.zeros(crowd.size)
    for place, rule in enumerate(rules):
        total += ((words[place // WORD] >> (place % WORD)) & 1) * rule.points
    return numpy.floor(numpy.clip(total, 0.0, 100.0) * MICRO + 0.5) / MICRO


def matching_fit(crowd: Crowd, person: int) -> list[int]:
    """Places of the fit rules that hold."""
    words = (int(crowd.fit[place]) for place in range(person, len(crowd.fit), crowd.size))
    return [word * WORD + bit for word, answers in enumerate(words) for bit in range(WORD) if answers >> bit & 1]


def fit_of(plan: Plan, crowd: Crowd, person: int) -> float:
    total = 0.0
    for rule in matching_fit(crowd, person):
        total += plan.agreement.fit[rule].points
    return in_millionths(max(0.0, min(100.0, total)))


def in_millionths(points: float) -> float:
    return math.floor(points * MICRO + 0.5) / MICRO


def bands(plan: Plan, crowd: Crowd) -> Column:
    """0 to 3 for fit A to D, per person."""
    points: Any = fits(plan, crowd)
    if isinstance(points, list):
        return [FIT.index(fit_grade(plan.agreement, one)) for one in points]
    return 3 - sum((points >= threshold).astype("int64") for threshold in plan.agreement.grades.fit)


def fit_grade(agreement: Agreement, fit: float) -> FitGrade:
    return FIT[sum(fit < threshold for threshold in agreement.grades.fit)]


def grade(thresholds: tuple[float, float, float], engagement: float) -> EngagementGrade:
    return ENGAGEMENT[sum(engagement < threshold for threshold in thresholds)]
