"""A salesperson's leads, and what is owed."""

from datetime import datetime

from django.db.models import Count, OuterRef, Prefetch, Q, QuerySet, Subquery, Sum

from vendange.agreement.stages import IN_SALES
from vendange.models import Assignment, Call, Consent, Deal, Lead, Report, Review, User

CARRIED = [str(stage) for stage in IN_SALES]


def leads_of(user: User) -> QuerySet[Lead]:
    """What this salesperson carries, most urgent first; `assignments` holds only the open one."""
    return _with_what_is_told(Lead.objects.filter(owner=user, stage__in=CARRIED)).annotate(
        attempts=Count("calls", filter=Q(calls__by=user), distinct=True)
    )


def readable_by(user: User) -> QuerySet[Lead]:
    """A salesperson reads the leads that are theirs; marketing, the desk and managers read all."""
    leads = Lead.objects.filter(owner=user) if user.role == "sales" else Lead.objects.all()
    return _with_what_is_told(leads)


def once_held_by(user: User) -> QuerySet[Lead]:
    """Leads that this person carries or has carried: to these an act of theirs may come too late."""
    given = Assignment.objects.filter(salesperson__user=user).values("lead_id")
    return _with_what_is_told(Lead.objects.filter(Q(owner=user) | Q(pk__in=given)))


def _with_what_is_told(leads: QuerySet[Lead]) -> QuerySet[Lead]:
    """`assignments` holds only the open one, `reviews` those that passed it, newest last; `phone_said` is the latest
    word of the person on being called: given, refused, withdrawn or nothing."""
    mine = Assignment.objects.filter(ended_at__isnull=True).select_related("salesperson__user")
    passes = Review.objects.filter(outcome="pass").select_related("decided_by").order_by("decided_at")
    said = Consent.objects.filter(person=OuterRef("person"), channel__in=("phone", "all")).order_by("-at", "-id")
    return (
        leads.select_related("person__organisation", "organisation", "agreement", "deal", "owner")
        .prefetch_related(Prefetch("assignments", queryset=mine), Prefetch("reviews", queryset=passes))
        .annotate(phone_said=Subquery(said.values("status")[:1]))
        .order_by("next_at", "id")
    )


def attempts_on(lead: Lead) -> list[Call]:
    """Every attempt of sales on this lead, oldest first."""
    return list(lead.calls.filter(side="sales").select_related("by").order_by("at", "id"))


def last_report(lead: Lead) -> Report | None:
    return lead.reports.select_related("by").order_by("-at", "-id").first()


def signed_by(user: User, since: datetime) -> tuple[int, int]:
    """What their passed leads became since then: total in cents, and number of sales (R95)."""
    theirs = Q(lead__assignments__salesperson__user=user, lead__assignments__ended_because="won")
    won = Deal.objects.filter(theirs, status="won", closed_at__gte=since)
    found = won.aggregate(total=Sum("amount_cents"), sales=Count("id"))
    return found["total"] or 0, found["sales"]
