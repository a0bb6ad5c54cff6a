"""What routing knows: who may take leads, what they carry, whom they know."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery

from vendange.agreement.stages import IN_SALES
from vendange.models import Absence, Assignment, Lead, Move, Salesperson, User
from vendange.route.rules import Candidate, Wanted

CARRIED = [str(stage) for stage in IN_SALES]


def salespeople(now: datetime) -> QuerySet[Salesperson]:
    """Every active salesperson with `load` (open leads they carry) and `is_away`."""
    away = Absence.objects.filter(salesperson=OuterRef("pk"), starts_at__lte=now, ends_at__gt=now)
    carried = Q(assignments__ended_at__isnull=True, assignments__lead__stage__in=CARRIED)
    return (
        Salesperson.objects.filter(user__is_active=True)
        .select_related("user__team")
        .annotate(load=Count("assignments", filter=carried), is_away=Exists(away))
        .order_by("id")
    )


def candidates(lead: Lead, now: datetime) -> list[Candidate]:
    """Everybody who could be considered for this lead, in three questions to the database."""
    before = set(Assignment.objects.filter(lead=lead).values_list("salesperson_id", flat=True))
    dealings = Assignment.objects.filter(accepted_at__isnull=False).exclude(lead=lead)
    person = set(dealings.filter(lead__person_id=lead.person_id).values_list("salesperson_id", flat=True))
    company = (
        set(dealings.filter(lead__organisation_id=lead.organisation_id).values_list("salesperson_id", flat=True))
        if lead.organisation_id
        else set()
    )
    return [
        Candidate(
            id=one.pk,
            name=one.user.name,
            territory=tuple(one.territory),
            languages=tuple(one.languages),
            lead_types=tuple(one.lead_types),
            capacity=one.capacity,
            load=one.load,  # type: ignore[attr-defined]  # annotated by salespeople()
            away=one.is_away,  # type: ignore[attr-defined]  # annotated by salespeople()
            taking_leads=one.taking_leads and one.capacity > 0,
            had_it_before=one.pk in before,
            knows_person=one.pk in person,
            knows_company=one.pk in company,
        )
        for one in salespeople(now)
    ]


def wanted(lead: Lead) -> Wanted:
    """The lead as routing sees it: type, place, language."""
    person, company = lead.person, lead.organisation
    return Wanted(
        lead_type=lead.lead_type,
        country=(company.country if company else "") or person.country,
        region=company.region if company else "",
        language=person.language,
    )


def loads() -> Mapping[int, Mapping[str, int]]:
    """Open leads of each salesperson by fit, A to D."""
    rows = (
        Assignment.objects.filter(ended_at__isnull=True, lead__stage__in=CARRIED)
        .values_list("salesperson", "lead__grade")
        .annotate(leads=Count("id"))
        .order_by()
    )
    found: dict[int, dict[str, int]] = {}
    for salesperson, grade, leads in rows:
        mine = found.setdefault(salesperson, {})
        mine[grade[:1]] = mine.get(grade[:1], 0) + leads
    return found


def absences(start: datetime, end: datetime) -> Mapping[int, Sequence[Absence]]:
    """Absences that touch a stretch of time, by salesperson."""
    found: dict[int, list[Absence]] = {}
    for one in Absence.objects.filter(starts_at__lt=end, ends_at__gt=start).order_by("starts_at"):
        found.setdefault(one.salesperson_id, []).append(one)
    return found


def sellers() -> QuerySet[User]:
    """Colleagues who sell, whether routing knows of them yet or not; a manager only once routing does."""
    return may_sell().filter(Q(role="sales") | Q(salesperson__isnull=False))


def may_sell() -> QuerySet[User]:
    """Colleagues whom routing may learn of: in a small team the head of sales takes leads too (R18)."""
    active = User.objects.filter(role__in=("sales", "manager"), is_active=True)
    return active.select_related("salesperson", "team").order_by("last_name")


def takers() -> QuerySet[User]:
    """Colleagues to whom a lead can be given by hand, whatever they carry."""
    return sellers().filter(salesperson__isnull=False)


def with_nobody(*, before: datetime | None = None) -> QuerySet[Lead]:
    """Leads that nobody holds, the longest waiting first, with `waiting_since`; those waiting since `before` only."""
    last = Move.objects.filter(lead=OuterRef("pk")).order_by("-at", "-id")
    rows = (
        Lead.objects.filter(holder="nobody", closed_at__isnull=True)
        .select_related("person__organisation", "organisation", "agreement")
        .annotate(waiting_since=Subquery(last.values("at")[:1]))
    )
    return (rows.filter(waiting_since__lt=before) if before else rows).order_by("waiting_since", "id")


def decisions(limit: int = 12) -> Sequence[Assignment]:
    """The latest assignments that routing decided, with what it considered."""
    rows = Assignment.objects.filter(imported=False)
    linked = rows.select_related("lead__person", "lead__organisation", "lead__agreement", "salesperson__user")
    return list(linked.order_by("-at", "-id")[:limit])
