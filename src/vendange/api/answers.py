"""The shapes that every answer shares: pages of results, problems, and what a query may hold."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Final, Generic, TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet
from ninja import Schema
from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field

MOST: Final = 200
OLDEST: Final = datetime(1970, 1, 1, tzinfo=UTC)
NEWEST: Final = datetime(2999, 1, 1, tzinfo=UTC)
WRITTEN: Final = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d", re.ASCII)
Item = TypeVar("Item")
Row = TypeVar("Row", bound=Model)


class Next(Schema):
    after: str


class Paging(Schema):
    """`next` is null on the last page; else ask again with its `after`."""

    next: Next | None


class Page(Schema, Generic[Item]):
    results: list[Item]
    paging: Paging


class Problem(Schema):
    """What went wrong, and what to do, in a sentence. `fields` names the parameters concerned."""

    error: str
    message: str
    fields: list[str] = []


class Named(Schema):
    """How the agreement calls it, in both languages."""

    en: str
    fr: str


class NotFound(Exception):
    """There is no such thing, or not for this key: both look the same."""


def _within_reach(at: datetime) -> datetime:
    """Databases count from the year 1 to 9999 and choke at the rims; nothing of ours lies outside these bounds."""
    return OLDEST if at < OLDEST else min(at, NEWEST).astimezone(UTC)


def _written(at: object) -> object:
    """A date in full, never a bare number of seconds."""
    if isinstance(at, str) and not WRITTEN.match(at):
        raise ValueError("write a date and time with its offset, such as 2026-04-01T08:00:00Z")
    return at


Instant = Annotated[AwareDatetime, BeforeValidator(_written), AfterValidator(_within_reach)]
Word = Annotated[str, Field(max_length=254, pattern=r"^[^\x00]*$")]


class Bounds(Schema):
    """How much of a list."""

    limit: int = Field(50, ge=1, le=MOST, description="How many results at most.")


class Slice(Bounds):
    after: UUID | None = Field(None, description="The `after` of the page before.")


REFUSALS: Final[dict[int, Any]] = {401: Problem, 403: Problem, 422: Problem}
MISSING: Final[dict[int, Any]] = {**REFUSALS, 404: Problem}


def page(rows: "QuerySet[Row]", bounds: Slice) -> tuple[list[Row], Paging]:
    """One page in the order of creation; the cursor is the public id of the last row."""
    if bounds.after:
        rows = rows.filter(public_id__gt=bounds.after)
    found = list(rows.order_by("public_id")[: bounds.limit + 1])
    return found[: bounds.limit], paging(found, bounds.limit, lambda row: str(row.public_id))


def paging(found: Sequence[Item], limit: int, cursor: Any) -> Paging:
    """`found` holds one more than `limit` when there is a next page."""
    return Paging(next=Next(after=cursor(found[limit - 1])) if len(found) > limit else None)
