"""Written by any step, through `record`; sealed by the worker: every decision, append-only and hash-chained.

A line is written in the transaction of what it tells. A moment later the worker *seals* it: it gets its place in the
chain and the hash of the line before. Sealing apart keeps writers from queueing behind one lock; see docs/decisions.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.db import models, transaction
from django.db.models import Q

from vendange.models.each import add_each, update_each
from vendange.models.fields import code, text
from vendange.models.user import User


class Trail(models.Model):
    at = models.DateTimeField()
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+", db_constraint=False)
    actor = text(120)  # the name as it was: a user may leave, the trail stays
    verb = code(60)  # lead.passed, agreement.signed…
    subject = code(40)  # lead | person | agreement…
    subject_id = models.BigIntegerField()
    detail = models.JSONField(default=dict)
    agreement_sha = text(64)
    place = models.BigIntegerField(null=True, unique=True)
    seal = text(64)

    class Meta:
        indexes = (
            models.Index(fields=("subject", "subject_id", "at"), name="trail_of_subject"),
            models.Index(fields=("id",), condition=Q(place__isnull=True), name="trail_unsealed"),
        )

    def content(self) -> bytes:
        told = [
            self.at.isoformat(),
            self.actor,
            self.verb,
            self.subject,
            self.subject_id,
            self.detail,
            self.agreement_sha,
        ]
        return json.dumps(told, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def line(
    verb: str,
    subject: models.Model,
    *,
    at: datetime,
    by: User | None,
    detail: Mapping[str, Any] | None = None,
    agreement_sha: str = "",
) -> Trail:
    """An unsaved line, for callers that save many at once."""
    return Trail(
        at=at,
        by=by,
        actor=by.name if by else "",
        verb=verb,
        subject=subject._meta.model_name or "",
        subject_id=subject.pk,
        detail=dict(detail or {}),
        agreement_sha=agreement_sha,
    )


def record(
    verb: str,
    subject: models.Model,
    *,
    at: datetime,
    by: User | None,
    detail: Mapping[str, Any] | None = None,
    agreement_sha: str = "",
) -> None:
    add_each([line(verb, subject, at=at, by=by, detail=detail, agreement_sha=agreement_sha)])


@transaction.atomic
def seal(limit: int = 5000) -> int:
    """Chain the lines that are not yet sealed; returns how many. One worker at a time: the last place is locked."""
    last = Trail.objects.select_for_update().filter(place__isnull=False).order_by("-place").first()
    place, before = (last.place or 0, last.seal) if last else (0, "")
    waiting = list(Trail.objects.filter(place__isnull=True).order_by("id")[:limit])
    for offset, one in enumerate(waiting, start=1):
        before = _seal(before, one)
        one.place, one.seal = place + offset, before
    update_each(waiting, ["place", "seal"])
    return len(waiting)


def broken() -> Iterator[Trail]:
    """Sealed lines whose seal does not follow from their content and the line before."""
    before, place = "", 0
    for one in Trail.objects.filter(place__isnull=False).order_by("place").iterator(chunk_size=2000):
        if one.place != place + 1 or one.seal != _seal(before, one):
            yield one
        place, before = one.place or 0, one.seal


def _seal(before: str, one: Trail) -> str:
    return hashlib.sha256(before.encode() + one.content()).hexdigest()
