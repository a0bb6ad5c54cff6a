"""Leads: one buying intention each, with its stage, its owner, its next date and its evidence."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from vendange.agreement.stages import Stage
from vendange.api.access import allowed, key_of_request
from vendange.api.answers import MISSING, REFUSALS, Instant, Named, NotFound, Page, Slice, Word, page
from vendange.api.standing import called_by
from vendange.identify import queries as identified
from vendange.models import Lead

router = Router(tags=["leads"])
RELATED = ("person", "organisation", "owner", "agreement", "deal")


class Colleague(Schema):
    id: UUID
    username: str
    name: str


class Known(Schema):
    id: UUID
    name: str


class CalledBy(Schema):
    """What called a human: `label` is empty when a colleague or a file spoke of them."""

    way: str = Field(description="act, pattern, change, score, dimension, report or import.")
    rule: str
    label: Named


class PersonOfLead(Known):
    email: str


class AgreementOfLead(Schema):
    number: int
    sha: str


class DealOfLead(Schema):
    status: str
    amount_cents: int | None
    currency: str
    expected_on: date | None
    closed_at: datetime | None


class LeadOut(Schema):
    id: UUID
    lead_type: str
    stage: str
    way: str
    reason: str
    called_by: CalledBy
    grade: str
    fit: float
    engagement: float
    propensity: float | None
    raised_at: datetime
    opened_at: datetime
    closed_at: datetime | None
    holder: str
    owner: Colleague | None
    nobody_because: str
    next_at: datetime | None
    next_step: str
    person: PersonOfLead
    organisation: Known | None
    agreement: AgreementOfLead
    deal: DealOfLead | None


class LeadDetail(LeadOut):
    evidence: list[dict[str, Any]]


class LeadFilters(Slice):
    stage: Stage | None = None
    owner: Word | None = Field(None, description="Username of the colleague who has it.")
    lead_type: Word | None = None
    raised_after: Instant | None = None


@router.get("", response={200: Page[LeadOut], **REFUSALS}, summary="Leads, oldest first")
@allowed("marketing", "ldr", "sales", "manager", "admin")
def leads(request: HttpRequest, filters: Query[LeadFilters]) -> Any:
    rows = identified.leads_visible_to(key_of_request(request)).select_related(*RELATED)
    wanted: dict[str, Any] = {
        "stage": filters.stage and str(filters.stage),
        "owner__username": filters.owner,
        "lead_type": filters.lead_type,
        "raised_at__gt": filters.raised_after,
    }
    rows = rows.filter(**{name: value for name, value in wanted.items() if value is not None})
    found, paging = page(rows, filters)
    return {"results": [lead_out(lead) for lead in found], "paging": paging}


@router.get("/{lead_id}", response={200: LeadDetail, **MISSING}, summary="One lead with its evidence")
@allowed("marketing", "ldr", "sales", "manager", "admin")
def one_lead(request: HttpRequest, lead_id: UUID) -> Any:
    lead = (
        identified.leads_visible_to(key_of_request(request)).select_related(*RELATED).filter(public_id=lead_id).first()
    )
    if lead is None:
        raise NotFound
    return {**lead_out(lead), "evidence": lead.evidence}


def lead_out(lead: Lead) -> dict[str, Any]:
    columns = ("lead_type", "stage", "way", "reason", "grade", "fit", "engagement", "propensity")
    dates = ("raised_at", "opened_at", "closed_at", "holder", "nobody_because", "next_at", "next_step")
    owner, organisation, deal = lead.owner, lead.organisation, getattr(lead, "deal", None)
    return {
        "id": lead.public_id,
        "called_by": called_by(lead.agreement, lead.way, lead.reason, lead.evidence),
        **{name: getattr(lead, name) for name in (*columns, *dates)},
        "owner": {"id": owner.public_id, "username": owner.username, "name": owner.name} if owner else None,
        "person": {"id": lead.person.public_id, "name": lead.person.name, "email": lead.person.email},
        "organisation": {"id": organisation.public_id, "name": organisation.name} if organisation else None,
        "agreement": {"number": lead.agreement.number, "sha": lead.agreement.sha},
        "deal": {name: getattr(deal, name) for name in DealOfLead.model_fields} if deal else None,
    }
