"""The common metric: one cohort, one definition per step, the same numbers for everyone (R11, R99, R101, R103)."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import BooleanField, Case, Count, Exists, F, OuterRef, Q, QuerySet, Sum, Value, When

from vendange.models import Assignment, Lead, Review


@dataclass(frozen=True, slots=True)
class Metric:
    """Leads raised in a period, and how far they have come by now.

    raised: a human was called · judged: the desk gave at least one outcome · passed: at least once to sales ·
    accepted: a salesperson took it · called: reached or not, at least one attempt · called_in_time: the first attempt
    came before the date promised · timed: accepted leads whose times are known (those of an imported past are not) ·
    opportunities: a deal was opened · won: a deal was won. Detours say where the others stand now.
    """

    start: datetime
    end: datetime
    raised: int
    judged: int
    passed: int
    accepted: int
    timed: int
    called: int
    called_in_time: int
    opportunities: int
    won: int
    won_cents: int
    waiting: int
    recycled: int
    eliminated: int
    in_sales: int
    returned: int
    lost: int


def common_metric(start: datetime, end: datetime) -> Metric:
    """One question to the database, whatever the volume."""
    figures = _cohort(start, end).aggregate(
        raised=Count("id"),
        judged=Count("id", filter=Q(was_judged=True)),
        passed=Count("id", filter=Q(was_passed=True)),
        accepted=Count("id", filter=Q(was_accepted=True)),
        timed=Count("id", filter=Q(was_passed=True, is_imported=False)),
        called=Count("id", filter=Q(was_called=True, is_imported=False)),
        called_in_time=Count("id", filter=Q(was_called_in_time=True, is_imported=False)),
        opportunities=Count("id", filter=Q(deal__isnull=False)),
        won=Count("id", filter=Q(stage="won")),
        won_cents=Sum("deal__amount_cents", filter=Q(stage="won")),
        waiting=Count("id", filter=Q(stage__in=("alert", "judging"))),
        recycled=Count("id", filter=Q(stage="recycled")),
        eliminated=Count("id", filter=Q(stage="eliminated")),
        in_sales=Count("id", filter=Q(stage__in=("passed", "accepted", "working", "opportunity"))),
        returned=Count("id", filter=Q(stage="returned")),
        lost=Count("id", filter=Q(stage="lost")),
    )
    figures["won_cents"] = figures["won_cents"] or 0
    return Metric(start=start, end=end, **figures)


def _cohort(start: datetime, end: datetime) -> QuerySet[Lead]:
    reviews = Review.objects.filter(lead=OuterRef("pk"))
    given = Assignment.objects.filter(lead=OuterRef("pk"))
    called = given.filter(first_called_at__isnull=False)
    return Lead.objects.filter(raised_at__gte=start, raised_at__lt=end).annotate(
        was_judged=_yes(Exists(reviews.filter(outcome__gt=""))),
        was_passed=_yes(Exists(reviews.filter(outcome="pass"))),
        was_accepted=_yes(Exists(given.filter(accepted_at__isnull=False))),
        was_called=_yes(Exists(called)),
        was_called_in_time=_yes(Exists(called.filter(first_called_at__lte=F("call_by")))),
        is_imported=_yes(Exists(given.filter(imported=True))),
    )


def _yes(condition: Exists) -> Case:
    return Case(When(condition, then=Value(True)), default=Value(False), output_field=BooleanField())
