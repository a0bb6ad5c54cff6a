"""People: who they are, what the engine last measured of them, and the story of each."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Prefetch, QuerySet
from django.db.models.functions import Lower
from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from vendange.api.access import allowed, key_of_request
from vendange.api.answers import MISSING, REFUSALS, Named, NotFound, Page, Slice, Word, page
from vendange.api.standing import standing_of
from vendange.find.queries import Wanted, search_for, wanted_rows
from vendange.identify import queries as identified
from vendange.models import Identity, Person

router = Router(tags=["people"])
COLUMNS = (
    "first_name",
    "last_name",
    "email",
    "phone",
    "job_title",
    "level",
    "role",
    "language",
    "country",
    "regime",
    "source",
    "relationship",
    "set_aside",
    "created_at",
    "last_signal_at",
)


NARROWING = ("relationship", "temperature", "tier", "source", "owner")
MEASURED = ("grade", "fit", "engagement", "as_of", "lines")


class Employer(Schema):
    id: UUID
    name: str


class DimensionOut(Schema):
    """Engagement of the signals that concern one product or topic."""

    id: str
    label: Named
    engagement: float
    grade: str


class InterestOut(Schema):
    """What they like to read about; not part of the score."""

    id: str
    label: Named
    points: float
    has_burst: bool = Field(description="Whether they read much more about it than usual.")


class MeasureOut(Schema):
    grade: str
    fit: float
    engagement: float
    category: str = Field(description="suspect, cold, warm, hot or customer.")
    temperature: str
    next_change_at: datetime | None = Field(description="When something falls if nothing more comes.")
    set_aside: str
    dimensions: list[DimensionOut]
    interests: list[InterestOut]
    as_of: datetime
    agreement: int = Field(description="Number of the version of the agreement that judged.")


class MeasureDetail(MeasureOut):
    lines: list[dict[str, Any]] = Field(description="What adds up to fit and to engagement.")


class PersonOut(Schema):
    id: UUID
    external_ids: list[str]
    first_name: str
    last_name: str
    email: str
    phone: str
    job_title: str
    level: str
    role: str
    language: str
    country: str
    regime: str
    source: str
    relationship: str
    set_aside: str
    created_at: datetime
    last_signal_at: datetime | None
    organisation: Employer | None
    organisation_confidence: float | None = Field(
        None, description="0 to 1 when only the network of a visit names the organisation; null when it was said."
    )
    measure: MeasureOut | None


class PersonDetail(PersonOut):
    measure: MeasureDetail | None


class PeopleFilters(Slice):
    email: Word | None = Field(None, description="The whole address, in capitals or not.")
    external_id: Word | None = Field(None, description="The id that another system gives this person.")
    q: Word | None = Field(None, description="Words of name, e-mail, number, company or job title, as one types them.")
    relationship: Word | None = Field(None, description="suspect, prospect or customer.")
    temperature: Word | None = Field(None, description="hot, warm or cold.")
    tier: Word | None = Field(None, description="core, target_1 or target_2.")
    source: Word | None = Field(None, description="The first source, as it is called.")
    owner: Word | None = Field(None, description="The login of a colleague who holds an open lead of this person.")


@router.get("", response={200: Page[PersonOut], **REFUSALS}, summary="People, oldest first")
@allowed("marketing", "ldr", "sales", "manager", "admin")
def people(request: HttpRequest, filters: Query[PeopleFilters]) -> Any:
    wanted = Wanted(filters.q or "", *(getattr(filters, name) or "" for name in NARROWING))
    search = search_for("person", wanted.q)
    rows = with_related(wanted_rows(identified.visible_to(key_of_request(request)), "person", wanted, search))
    if filters.email is not None:
        rows = rows.alias(folded=Lower("email")).filter(folded=filters.email.strip().lower())
    if filters.external_id is not None:
        rows = rows.filter(
            identities__kind__in=("external_id", "user_id"), identities__value=filters.external_id
        ).distinct()
    found, paging = page(rows, filters)
    return {"results": [person_out(person) for person in found], "paging": paging}


@router.get("/{person_id}", response={200: PersonDetail, **MISSING}, summary="One person, with the lines")
@allowed("marketing", "ldr", "sales", "manager", "admin")
def one_person(request: HttpRequest, person_id: UUID) -> Any:
    return person_out(person_called(request, person_id))


def person_called(request: HttpRequest, person_id: UUID) -> Person:
    """The person under this id; an id that was merged away leads to who it is now. Raises NotFound."""
    mine = with_related(identified.visible_to(key_of_request(request)))
    person = mine.filter(public_id=person_id).first() or mine.filter(aliases__public_id=person_id).first()
    if person is None:
        raise NotFound
    return person


def with_related(rows: "QuerySet[Person]") -> "QuerySet[Person]":
    keys = Identity.objects.filter(kind__in=("external_id", "user_id")).order_by("id")
    return rows.select_related("organisation", "measure__agreement").prefetch_related(
        Prefetch("identities", queryset=keys, to_attr="external_keys")
    )


def person_out(person: Person) -> dict[str, Any]:
    company, measure = person.organisation, getattr(person, "measure", None)
    return {
        "id": person.public_id,
        "external_ids": [key.value for key in person.external_keys],  # type: ignore[attr-defined]
        **{name: getattr(person, name) for name in COLUMNS},
        "organisation": {"id": company.public_id, "name": company.name} if company else None,
        "organisation_confidence": person.organisation_confidence,
        "measure": {
            **{name: getattr(measure, name) for name in MEASURED},
            **standing_of(measure, person.relationship),
            "agreement": measure.agreement.number,
        }
        if measure
        else None,
    }
