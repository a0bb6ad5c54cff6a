"""The same agreement with other thresholds: stricter, more generous, or with one cell of the grid more or fewer."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from vendange.agreement.maturity import Grades
from vendange.agreement.terms import Agreement
from vendange.engine.grades import CELLS, ENGAGEMENT

STEPS: Final = (0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.3, 1.4, 1.6)


@dataclass(frozen=True, slots=True)
class Variant:
    """`thresholds`: the engagement grades 1, 2 and 3 of this variant; `cell`: the one that was turned, "" for none."""

    agreement: Agreement
    thresholds: tuple[float, float, float]
    cell: str
    own: bool  # nothing is changed


def by_threshold(agreement: Agreement) -> list[Variant]:
    """The engagement thresholds moved together, in whole points, lowest first; the agreement's own is among them."""
    found: dict[tuple[float, float, float], Variant] = {}
    for step in STEPS:
        own = step == 1.0
        grades = agreement.grades.engagement if own else _moved(agreement.grades.engagement, step)
        if grades[0] <= agreement.engagement_cap and (own or grades not in found):
            found[grades] = Variant(_with(agreement, grades), grades, "", own)
    return sorted(found.values(), key=lambda one: one.thresholds)


def _moved(grades: tuple[float, float, float], step: float) -> tuple[float, float, float]:
    first, second, third = (float(max(1, round(threshold * step))) for threshold in grades)
    return first, second, third


def _with(agreement: Agreement, grades: tuple[float, float, float]) -> Agreement:
    return replace(agreement, grades=Grades(agreement.grades.fit, grades))


def by_cell(agreement: Agreement) -> list[Variant]:
    """One variant for each cell: it calls where it did not, or no longer does."""
    grades = agreement.grades.engagement
    return [Variant(replace(agreement, alert=agreement.alert ^ {cell}), grades, cell, False) for cell in CELLS]


def calls_from(agreement: Agreement) -> Sequence[tuple[str, float]]:
    """(letter of fit, engagement) from which a score calls, best letter first; grade 4 begins at 0."""
    floors: dict[str, float] = dict(zip(ENGAGEMENT, (*agreement.grades.engagement, 0.0), strict=True))
    letters = sorted({cell[0] for cell in agreement.alert})
    return [(letter, min(floors[cell[1]] for cell in agreement.alert if cell[0] == letter)) for letter in letters]
