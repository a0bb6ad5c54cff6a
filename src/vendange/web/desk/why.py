"""Why a lead is here: its cell, both scores with lines that add up, and what a lead like it has been worth."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.timezone import localtime
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from vendange.agreement.terms import Agreement
from vendange.engine.grades import grade
from vendange.models import Lead
from vendange.score.queries import moment
from vendange.web.called import Called, called
from vendange.web.points import Points, in_tenths, limits_of, points_of
from vendange.web.worth import Said, worth_of_lead
from vendange.words import line_label

LINES = 5
ROUNDING = 0.001  # points


@dataclass(frozen=True, slots=True)
class Line:
    label: str
    note: str
    points: float


@dataclass(frozen=True, slots=True)
class Side:
    """Fit or engagement: tenths of a point, whose lines add up to the total."""

    grade: str
    total: float
    lines: Sequence[Line]


@dataclass(frozen=True, slots=True)
class Cell:
    code: str
    css: str  # here | al | ""


@dataclass(frozen=True, slots=True)
class Why:
    called: Called
    cells: Sequence[Cell]
    is_alert_cell: bool
    fit: Side
    engagement: Side
    points: Points
    worth: Said


def why_of(lead: Lead, agreement: Agreement, now: datetime) -> Why:
    return Why(
        called=called(lead, agreement),
        cells=grid(lead.grade, agreement),
        is_alert_cell=lead.grade in agreement.alert,
        fit=side_of("fit", lead.fit, lead.grade[:1], lead.evidence, agreement, now),
        engagement=side_of("engagement", *engagement_of(lead, agreement), lead.evidence, agreement, now),
        points=points_of(lead.evidence, agreement, now, at=lead.raised_at),
        worth=worth_of_lead(lead, now),
    )


def engagement_of(lead: Lead, agreement: Agreement) -> tuple[float, str]:
    """What the lines add up to, and its grade: a lead that a dimension called carries that dimension's cell."""
    total = math.fsum(line["points"] for line in lead.evidence if line["side"] == "engagement")
    if lead.way != "dimension" or abs(total - lead.engagement) < ROUNDING:
        return lead.engagement, lead.grade[1:]
    return total, grade(agreement.grades.engagement, total)


def grid(here: str, agreement: Agreement) -> list[Cell]:
    """Fit downwards from A, engagement rightwards up to 1: the best corner is on the upper right."""
    codes = [fit + engagement for fit in "ABCD" for engagement in "4321"]
    return [Cell(code, "here" if code == here else "al" if code in agreement.alert else "") for code in codes]


def side_of(
    side: str, total: float, grade: str, evidence: Sequence[Mapping[str, Any]], agreement: Agreement, now: datetime
) -> Side:
    shown = in_tenths(evidence, side, total)
    lines = [
        Line(label_of(line, side, agreement), note_of(line, side, agreement, now), left)
        for line, left in shown.lines
        if left
    ]
    return Side(grade, shown.total, shortened(lines))


def shortened(lines: Sequence[Line]) -> list[Line]:
    if len(lines) <= LINES:
        return list(lines)
    rest = lines[LINES - 1 :]
    text = ngettext("%(n)s more reason", "%(n)s more reasons", len(rest)) % {"n": len(rest)}
    return [*lines[: LINES - 1], Line(text, "", round(sum(line.points for line in rest), 1))]


def label_of(line: Mapping[str, Any], side: str, agreement: Agreement) -> str:
    return line_label(agreement, side, line["rule"]).in_language(get_language() or "en")


def note_of(line: Mapping[str, Any], side: str, agreement: Agreement, now: datetime, *, full: bool = False) -> str:
    """How often, how long ago, and which limits of the agreement held something back (`full`: each by its figure)."""
    if side == "fit" or not line["count"]:
        return ""
    notes = [f"×{line['count']}"] if line["count"] > 1 else []
    rule = next((rule for rule in agreement.engagement if rule.id == line["rule"]), None)
    limits = limits_of(rule) if line["capped"] and rule else []
    if line["capped"]:
        notes.append(", ".join(limits) if limits and (full or len(limits) == 1) else _("limited"))
    elif line["last_at"] is not None:
        notes.append(days_ago(moment(line["last_at"]), now))
    return " · ".join(notes)


def days_ago(at: datetime, now: datetime) -> str:
    days = (localtime(now).date() - localtime(at).date()).days
    return _("today") if days <= 0 else ngettext("%(days)s day", "%(days)s days", days) % {"days": days}
