"""Organisations: the companies that people work for."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Query, Router, Schema

from vendange.api.access import allowed, key_of_request
from vendange.api.answers import MISSING, REFUSALS, NotFound, Page, Slice, Word, page
from vendange.identify import queries as identified
from vendange.models import Organisation

router = Router(tags=["organisations"])


class OrganisationOut(Schema):
    id: UUID
    name: str
    domain: str | None
    registry_number: str
    external_id: str | None
    country: str
    postal_code: str
    city: str
    region: str
    industry: str
    employees: int | None
    tier: str
    created_at: datetime


class OrganisationFilters(Slice):
    domain: Word | None = None


@router.get("", response={200: Page[OrganisationOut], **REFUSALS}, summary="Organisations, oldest first")
@allowed("marketing", "ldr", "sales", "manager", "admin")
def organisations(request: HttpRequest, filters: Query[OrganisationFilters]) -> Any:
    rows = identified.organisations_visible_to(key_of_request(request))
    if filters.domain is not None:
        rows = rows.filter(domain=filters.domain.lower())
    found, paging = page(rows, filters)
    return {"results": [organisation_out(one) for one in found], "paging": paging}


@router.get("/{organisation_id}", response={200: OrganisationOut, **MISSING}, summary="One organisation")
@allowed("marketing", "ldr", "sales", "manager", "admin")
def one_organisation(request: HttpRequest, organisation_id: UUID) -> Any:
    found = identified.organisations_visible_to(key_of_request(request)).filter(public_id=organisation_id).first()
    if found is None:
        raise NotFound
    return organisation_out(found)


def organisation_out(one: Organisation) -> dict[str, Any]:
    names = [name for name in OrganisationOut.model_fields if name != "id"]
    return {"id": one.public_id, **{name: getattr(one, name) for name in names}}
