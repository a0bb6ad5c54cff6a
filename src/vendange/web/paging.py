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
