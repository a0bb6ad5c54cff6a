"""The shapes that every answer shares: pages of results, problems, and what a query may hold."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Final, Generic, TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet
from ninja import Schema
from pydantic import AfterValidator, AwareDatetime, ConfigDict, Field

MOST: Final = 200
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


class NotFound(Exception):
    """There is no such thing, or not for this key: both look the same."""


def _sensible(at: datetime) -> datetime:
    try:
        moved = at.astimezone(UTC)
    except (OverflowError, ValueError):
        raise ValueError("the date is out of reach") from None
    if not 1970 <= moved.year <= 2999:
        raise ValueError("the year must lie between 1970 and 2999")
    return moved


Instant = Annotated[AwareDatetime, AfterValidator(_sensible)]
Word = Annotated[str, Field(max_length=254, pattern=r"^[^\x00]*$")]


class Bounds(Schema):
    """How much of a list. Parameters that we do not know are refused, so that a slip never widens an answer."""

    model_config = ConfigDict(extra="forbid")
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
