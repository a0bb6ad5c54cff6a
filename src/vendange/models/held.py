"""Written by no step: people and companies by their open leads and segments, and how many each choice would show."""

from collections.abc import Mapping
from typing import Any, TypeVar

from django.db.models import Count, Exists, Model, OuterRef, QuerySet

from vendange.models.lead import CLOSED_STAGES, Lead
from vendange.models.segment import Segment, SegmentMember

M = TypeVar("M", bound=Model)


def open_leads() -> QuerySet[Lead]:
    return Lead.objects.exclude(stage__in=CLOSED_STAGES)


def held(rows: QuerySet[M], kind: str, *, owner: str = "", stage: str = "", segment: str = "") -> QuerySet[M]:
    """Those with an open lead of this owner, with one in this stage, and in this segment; "" asks nothing."""
    if owner:
        rows = rows.filter(pk__in=open_leads().filter(owner__username=owner).values(kind))
    if stage:
        rows = rows.filter(pk__in=open_leads().filter(stage=stage).values(kind))
    return rows.filter(pk__in=members(segment)) if segment else rows


def members(segment: str) -> QuerySet[Any]:
    """The numbers of the people in a segment, by its public id."""
    return SegmentMember.objects.filter(segment__public_id=segment).values("person")


def owners_of(rows: QuerySet[Any], kind: str) -> Mapping[str, int]:
    """How many of these have an open lead that each colleague holds, by login."""
    leads = _leads_of(rows, kind).filter(owner__isnull=False).values_list("owner__username")
    return dict(leads.annotate(rows=Count(kind, distinct=True)).order_by())


def stages_of(people: QuerySet[Any]) -> Mapping[str, int]:
    """How many of these people have an open lead in each stage."""
    leads = _leads_of(people, "person").values_list("stage")
    return dict(leads.annotate(rows=Count("person", distinct=True)).order_by())


def _leads_of(rows: QuerySet[Any], kind: str) -> QuerySet[Lead]:
    return open_leads().filter(Exists(rows.order_by().filter(pk=OuterRef(f"{kind}_id"))))


def segments_of(people: QuerySet[Any] | None) -> Mapping[str, int]:
    """How many of these people are in each open segment, by its public id; None: of everybody."""
    standing = dict(Segment.objects.filter(closed_at=None).values_list("pk", "public_id"))
    if not standing:
        return {}
    theirs = SegmentMember.objects.filter(segment__in=standing).order_by()
    if people is not None:
        theirs = theirs.filter(person__in=people.order_by().values("pk"))
    counted = dict(theirs.values_list("segment_id").annotate(rows=Count("pk")))
    return {str(public_id): counted.get(pk, 0) for pk, public_id in standing.items()}
