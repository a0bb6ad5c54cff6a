"""What routing knows: who may take leads, what they carry, whom they know."""

from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from vendange.agreement.stages import IN_SALES
from vendange.models import Absence, Assignment, Lead, Salesperson
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
