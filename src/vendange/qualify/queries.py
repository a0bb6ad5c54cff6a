"""The desk's queue, and what leads like this one became."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Case, Count, F, IntegerField, Q, QuerySet, Value, When

from vendange.agreement.conditions import holds
from vendange.agreement.stages import ON_DESK
from vendange.agreement.terms import Agreement
from vendange.models import Lead, Review
from vendange.qualify.rules import propensity


@dataclass(frozen=True, slots=True)
class Worth:
    """What became of the leads of one cell: how many were judged, how many became an opportunity."""

    judged: int
    opportunities: int
    average: float
    average_of: int

    @property
    def rate(self) -> float:
        return self.opportunities / self.judged if self.judged else self.average

    @property
    def propensity(self) -> float:
        return propensity(self.opportunities, self.judged, self.average)


def worth_by_cell() -> Mapping[tuple[str, str], Worth]:
    """For each (way, grade), and ("", "") for all, what became of the leads that were judged."""
    rows = (
        Lead.objects.filter(reviews__outcome__gt="")
        .values("way", "grade")
        .annotate(
            judged=Count("id", distinct=True),
            opportunities=Count("id", filter=Q(deal__isnull=False), distinct=True),
        )
    )
    found = [(row["way"], row["grade"], row["judged"], row["opportunities"]) for row in rows]
    judged, opportunities = sum(row[2] for row in found), sum(row[3] for row in found)
    average = opportunities / judged if judged else 0.0
    worths = {(way, grade): Worth(n, won, average, judged) for way, grade, n, won in found}
    return {**worths, ("", ""): Worth(judged, opportunities, average, judged)}


def queue(now: datetime) -> QuerySet[Review]:
    """Alerts to judge, late first, then the best chance, then the earliest promise (marketing sets this order, R53)."""
    late = Case(When(due_at__lt=now, then=Value(0)), default=Value(1), output_field=IntegerField())
    return (
        Review.objects.filter(outcome="", lead__stage__in=[str(stage) for stage in ON_DESK])
        .select_related("lead__person__organisation", "lead__agreement", "taken_by")
        .annotate(late=late)
        .order_by("late", F("lead__propensity").desc(nulls_last=True), "due_at", "id")
    )


def criteria_met(agreement: Agreement, profile: Mapping[str, object]) -> list[str]:
    """Criteria that what is already known answers with yes."""
    return [c.id for c in agreement.desk.criteria if c.met_when is not None and holds(c.met_when, profile)]
