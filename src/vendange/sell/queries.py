"""A salesperson's leads, and what is owed."""

from datetime import datetime

from django.db.models import Count, Prefetch, Q, QuerySet, Sum

from vendange.agreement.stages import IN_SALES
from vendange.models import Assignment, Deal, Lead, User

CARRIED = [str(stage) for stage in IN_SALES]


def leads_of(user: User) -> QuerySet[Lead]:
    """What this salesperson carries, most urgent first; `assignments` holds only the open one."""
    mine = Assignment.objects.filter(ended_at__isnull=True).select_related("salesperson__user")
    return (
        Lead.objects.filter(owner=user, stage__in=CARRIED)
        .select_related("person__organisation", "organisation", "agreement", "deal")
        .prefetch_related(Prefetch("assignments", queryset=mine))
        .annotate(attempts=Count("calls", filter=Q(calls__by=user), distinct=True))
        .order_by("next_at", "id")
    )


def signed_by(user: User, since: datetime) -> tuple[int, int]:
    """What their passed leads became since then: total in cents, and number of sales (R95)."""
    won = Deal.objects.filter(status="won", closed_at__gte=since, lead__assignments__salesperson__user=user)
    won = won.filter(lead__assignments__ended_because="won")
    found = won.aggregate(total=Sum("amount_cents"), sales=Count("id"))
    return found["total"] or 0, found["sales"]
