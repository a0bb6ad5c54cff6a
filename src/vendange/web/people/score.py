"""The score, line by line: tenths of a point that add up to the total, and what a cell like this has been worth."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import ngettext

from vendange.agree.queries import terms_of
from vendange.agreement.terms import Agreement
from vendange.models import AgreementVersion, Measure
from vendange.web.desk.why import label_of, note_of
from vendange.web.points import Points, in_tenths, points_of, when_measured
from vendange.web.worth import Said, worth_of_cell

LINES = 6


@dataclass(frozen=True, slots=True)
class Line:
    """`now` in points, one decimal; `given` and `half_life` only of engagement."""

    label: str
    note: str
    given: float | None
    half_life: float | None
    now: float


@dataclass(frozen=True, slots=True)
class Side:
    lines: Sequence[Line]
    total: float
    grade: str
    begins_at: float | None  # points from which this grade is given; None for the lowest


@dataclass(frozen=True, slots=True)
class Score:
    measure: Measure
    version: AgreementVersion
    is_alert_cell: bool
    moment: str  # head of the columns of points: now, or the day of the measure
    fit: Side
    engagement: Side
    points: Points
    worth: Said


def score_of(measure: Measure, now: datetime) -> Score:
    agreement = terms_of(measure.agreement).agreement
    return Score(
        measure=measure,
        version=measure.agreement,
        is_alert_cell=measure.grade in agreement.alert,
        moment=when_measured(measure.as_of, now),
        fit=side_of("fit", measure.fit, measure, agreement, now),
        engagement=side_of("engagement", measure.engagement, measure, agreement, now),
        points=points_of(measure.lines, agreement, now, at=measure.as_of),
        worth=worth_of_cell(measure.grade, now),
    )


def side_of(side: str, total: float, measure: Measure, agreement: Agreement, now: datetime) -> Side:
    shown = in_tenths(measure.lines, side, total)
    lines = [line_of(line, side, left, agreement, now) for line, left in shown.lines if left]
    letter = measure.grade[:1] if side == "fit" else measure.grade[1:]
    return Side(shortened(lines), shown.total, letter, begins_at(side, letter, agreement))


def shortened(lines: Sequence[Line]) -> list[Line]:
    """At most LINES; the smallest reasons become one line, so that all still add up."""
    if len(lines) <= LINES:
        return list(lines)
    rest = lines[LINES - 1 :]
    text = ngettext("%(n)s more reason", "%(n)s more reasons", len(rest)) % {"n": len(rest)}
    return [*lines[: LINES - 1], Line(text, "", None, None, round(sum(line.now for line in rest), 1))]


def line_of(line: Mapping[str, Any], side: str, left: float, agreement: Agreement, now: datetime) -> Line:
    fades = line["half_life_days"] is not None
    return Line(
        label=label_of(line, side, agreement),
        note=note_of(line, side, agreement, now, full=True),
        given=line["given"] if fades else None,
        half_life=line["half_life_days"] if fades else None,
        now=left,
    )


def begins_at(side: str, letter: str, agreement: Agreement) -> float | None:
    letters, thresholds = ("ABC", agreement.grades.fit) if side == "fit" else ("123", agreement.grades.engagement)
    return thresholds[letters.index(letter)] if letter in letters else None
