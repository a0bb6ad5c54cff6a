"""Pages of a long list by cursor: the next page starts after the last row shown, whatever came in meanwhile."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from django.db.models import Model, Q, QuerySet
from django.http import QueryDict

M = TypeVar("M", bound=Model)
SHOWN = 50


@dataclass(frozen=True, slots=True)
class Page(Generic[M]):
    """Some rows of a list; `after` is the cursor of the next page, "" on the last."""

    rows: Sequence[M]
    after: str
    is_first: bool


def page_by_moment(rows: QuerySet[M], column: str, cursor: str, shown: int = SHOWN) -> Page[M]:
    """One page of rows that are ordered by `column` (newest first, nulls last), then by id downwards."""
    place = decoded(cursor)
    found = list((rows.filter(_after(column, *place)) if place else rows)[: shown + 1])
    more = len(found) > shown
    last = found[shown - 1] if more else None
    return Page(found[:shown], encoded(getattr(last, column), last.pk) if last else "", place is None)


def _after(column: str, at: datetime | None, pk: int) -> Q:
    if at is None:
        return Q(**{f"{column}__isnull": True, "pk__lt": pk})
    same = Q(**{column: at, "pk__lt": pk})
    return same | Q(**{f"{column}__lt": at}) | Q(**{f"{column}__isnull": True})


def page_by_id(rows: QuerySet[M], cursor: str, shown: int = SHOWN) -> Page[M]:
    """One page of rows, the last to be written first."""
    place = decoded(cursor)
    rows = rows.order_by("-pk")
    found = list((rows.filter(pk__lt=place[1]) if place else rows)[: shown + 1])
    more = len(found) > shown
    return Page(found[:shown], encoded(None, found[shown - 1].pk) if more else "", place is None)


def page_by_text(rows: QuerySet[M], column: str, cursor: str, shown: int = SHOWN) -> Page[M]:
    """One page of rows in the order of a text, as the database orders it; then by id."""
    place = _text_place(cursor)
    rows = rows.order_by(column, "pk")
    if place:
        text, pk = place
        rows = rows.filter(Q(**{f"{column}__gt": text}) | Q(**{column: text, "pk__gt": pk}))
    found = list(rows[: shown + 1])
    more = len(found) > shown
    last = found[shown - 1] if more else None
    after = base64.urlsafe_b64encode(f"{last.pk}|{getattr(last, column)}".encode()).decode() if last else ""
    return Page(found[:shown], after, place is None)


def _text_place(cursor: str) -> tuple[str, int] | None:
    try:
        pk, bar, text = base64.urlsafe_b64decode(cursor.encode()).decode().partition("|")
        return (text.replace("\x00", ""), int(pk)) if bar else None
    except (ValueError, binascii.Error):
        return None


def encoded(at: datetime | None, pk: int) -> str:
    return base64.urlsafe_b64encode(f"{at.isoformat() if at else ''}|{pk}".encode()).decode()


def decoded(cursor: str) -> tuple[datetime | None, int] | None:
    """The place that a cursor names; None for no cursor, and for one that is not ours.

    >>> decoded("") is None, decoded("nonsense") is None, decoded(encoded(None, 7))
    (True, True, (None, 7))
    """
    try:
        at, _, pk = base64.urlsafe_b64decode(cursor.encode()).decode().partition("|")
        moment = datetime.fromisoformat(at) if at else None
        return (moment, int(pk)) if moment is None or moment.tzinfo else None
    except (ValueError, binascii.Error):
        return None


def address(given: QueryDict, **changed: str) -> str:
    """The query of the same page with some filters changed, from its start unless `after` is given.

    >>> address(QueryDict("q=nova&after=x"), tier="core")
    '?q=nova&tier=core'
    """
    query = given.copy()
    query.pop("after", None)
    for name, value in changed.items():
        query[name] = value
    kept = QueryDict(mutable=True)
    kept.update({name: str(value) for name, value in query.items() if value})
    return f"?{kept.urlencode()}" if kept else "?"
