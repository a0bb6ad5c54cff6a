"""Organisations: the companies that people work for."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from vendange.api.access import allowed, key_of_request
from vendange.api.answers import MISSING, REFUSALS, NotFound, Page, Slice, Word, page
from vendange.api.standing import heat_of
from vendange.find.queries import Wanted, search_for, wanted_rows
from vendange.identify import queries as identified
from vendange.models import Organisation

router = Router(tags=["organisations"])


class HeatOut(Schema):
    """Where the company stands as a whole; it calls nobody by itself."""

    temperature: str
    engaged: int = Field(description="How many of its people are engaged.")
    roles: dict[str, str] = Field(description="For each wanted part: engaged, silent or missing.")
    disagreement: bool = Field(description="Somebody is engaged, and a wanted part is known and silent.")
    as_of: datetime
    agreement: int = Field(description="Number of the version of the agreement that judged.")


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
    heat: HeatOut | None


class OrganisationFilters(Slice):
    domain: Word | None = None
    q: Word | None = Field(None, description="Words of name, town, domain or registry number, as one types them.")
    temperature: Word | None = Field(None, description="hot, warm or cold: where the company stands as a whole.")
    tier: Word | None = Field(None, description="core, target_1 or target_2.")
    owner: Word | None = Field(None, description="The login of a colleague who holds an open lead of this company.")


@router.get("", response={200: Page[OrganisationOut], **REFUSALS}, summary="Organisations, oldest first")
@allowed("marketing", "ldr", "sales", "manager", "admin")
def organisations(request: HttpRequest, filters: Query[OrganisationFilters]) -> Any:
    wanted = Wanted(
        filters.q or "", temperature=filters.temperature or "", tier=filters.tier or "", owner=filters.owner or ""
    )
    visible = identified.organisations_visible_to(key_of_request(request)).select_related("heat__agreement")
    rows = wanted_rows(visible, "organisation", wanted, search_for("organisation", wanted.q))
    if filters.domain is not None:
        rows = rows.filter(domain=filters.domain.lower())
    found, paging = page(rows, filters)
    return {"results": [organisation_out(one) for one in found], "paging": paging}


@router.get("/{organisation_id}", response={200: OrganisationOut, **MISSING}, summary="One organisation")
@allowed("marketing", "ldr", "sales", "manager", "admin")
def one_organisation(request: HttpRequest, organisation_id: UUID) -> Any:
    mine = identified.organisations_visible_to(key_of_request(request)).select_related("heat__agreement")
    found = mine.filter(public_id=organisation_id).first()
    if found is None:
        raise NotFound
    return organisation_out(found)


def organisation_out(one: Organisation) -> dict[str, Any]:
    names = [name for name in OrganisationOut.model_fields if name not in {"id", "heat"}]
    return {"id": one.public_id, **{name: getattr(one, name) for name in names}, "heat": heat_of(one)}
