"""From points to letters: grades of both sides, the cell of the grid, and the temperature."""

from typing import Final

from vendange.agreement.maturity import EngagementGrade, FitGrade
from vendange.agreement.terms import Agreement
from vendange.engine.rows import Warmth

FIT: Final[tuple[FitGrade, ...]] = ("A", "B", "C")
ENGAGEMENT: Final[tuple[EngagementGrade, ...]] = ("1", "2", "3")


def fit_grade(agreement: Agreement, fit: float) -> FitGrade:
    for grade, threshold in zip(FIT, agreement.grades.fit, strict=True):
        if fit >= threshold:
            return grade
    return "D"


def engagement_grade(agreement: Agreement, engagement: float) -> EngagementGrade:
    for grade, threshold in zip(ENGAGEMENT, agreement.grades.engagement, strict=True):
        if engagement >= threshold:
            return grade
    return "4"


def cell_of(agreement: Agreement, fit: float, engagement: float) -> str:
    return fit_grade(agreement, fit) + engagement_grade(agreement, engagement)


def warmth_of(agreement: Agreement, engagement: float) -> Warmth:
    if engagement >= agreement.temperature.hot:
        return "hot"
    return "warm" if engagement >= agreement.temperature.warm else "cold"


def borders(agreement: Agreement) -> tuple[float, ...]:
    """Every engagement at which a grade or a temperature changes."""
    return (*agreement.grades.engagement, agreement.temperature.hot, agreement.temperature.warm)
