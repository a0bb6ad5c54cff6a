"""The story of a person: signals, moves, calls, reports, returns, consents, decisions, falls; newest first."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from vendange.api.access import allowed
from vendange.api.answers import MISSING, Bounds, Page, paging
from vendange.api.people import person_called
from vendange.journey.queries import Item, story
from vendange.models import Lead, Person

router = Router(tags=["people"])
INSTANT: Final = timedelta(microseconds=1)
CURSOR: Final = r"^\d{16,17}-[a-z]{1,20}-\d{1,18}$"
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
LATEST: Final = 32_503_680_000_000_000  # the year 3000
INTERNAL: Final = frozenset({"signals", "agreement"})  # numbers of rows, of no use outside
Key = tuple[datetime, str, int]


class TimelineItem(Schema):
    """`type` says what sort of thing happened, `kind` which one of that sort."""

    type: str
    at: datetime
    kind: str
    by: str
    lead: UUID | None
    detail: dict[str, Any]


class TimelineBounds(Bounds):
    after: str | None = Field(None, pattern=CURSOR, description="The `after` of the page before.")


@router.get("/{person_id}/timeline", response={200: Page[TimelineItem], **MISSING}, summary="The story of a person")
@allowed("marketing", "ldr", "sales", "manager", "admin")
def timeline(request: HttpRequest, person_id: UUID, bounds: Query[TimelineBounds]) -> Any:
    person = person_called(request, person_id)
    found = _items(person, _key(bounds.after) if bounds.after else None, bounds.limit + 1)
    shown = found[: bounds.limit]
    leads = _public_ids(shown)
    return {"results": [_out(item, leads) for item in shown], "paging": paging(found, bounds.limit, _cursor)}


def _items(person: Person, after: Key | None, wanted: int) -> list[Item]:
    """The next items, newest first. Several may share the instant of the cursor, so we look again with a wider net."""
    if after is None:
        return story(person, limit=wanted)
    net = wanted + 10
    while True:
        found = story(person, before=after[0] + INSTANT, limit=net)
        older = [item for item in found if _key_of(item) < after]
        if len(older) >= wanted or len(found) < net:
            return older[:wanted]
        net *= 4


def _key_of(item: Item) -> Key:
    return item.at, item.type, item.id


def _cursor(item: Item) -> str:
    return f"{(item.at - EPOCH) // INSTANT:016}-{item.type}-{item.id}"


def _key(cursor: str) -> Key:
    micros, kind, number = cursor.split("-")
    return EPOCH + min(int(micros), LATEST) * INSTANT, kind, int(number)


def _public_ids(items: Iterable[Item]) -> dict[int, UUID]:
    ids = {item.lead_id for item in items if item.lead_id is not None}
    return dict(Lead.objects.filter(pk__in=ids).values_list("pk", "public_id"))


def _out(item: Item, leads: dict[int, UUID]) -> dict[str, Any]:
    return {
        "type": item.type,
        "at": item.at,
        "kind": item.kind,
        "by": item.by,
        "lead": leads.get(item.lead_id) if item.lead_id is not None else None,
        "detail": {name: value for name, value in item.detail.items() if name not in INTERNAL},
    }
