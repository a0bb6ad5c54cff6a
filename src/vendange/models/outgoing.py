"""Written by any step, through `post`, in the transaction of what causes it; delivered by `vendange.work`."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Q

from vendange.models.fields import code, text
from vendange.models.user import User


class Outgoing(models.Model):
    """One effect outside: a mail today. `key` is stable, so that the same event never leaves twice."""

    key = code(190, unique=True)
    kind = code(20)  # mail
    recipient = code(254)
    template = code(60)
    language = text(5)
    values = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    attempts = models.IntegerField(default=0)
    started_at = models.DateTimeField(null=True)  # set before we speak to the server: a crash then is ambiguous
    sent_at = models.DateTimeField(null=True)
    given_up_at = models.DateTimeField(null=True)
    error = text(500)

    class Meta:
        indexes = (
            models.Index(
                fields=("due_at",), condition=Q(sent_at__isnull=True, given_up_at__isnull=True), name="outgoing_waiting"
            ),
        )


def post(
    *, key: str, kind: str, recipient: str, template: str, language: str, values: Mapping[str, Any], now: datetime
) -> None:
    """Queue one effect; a second call with the same key does nothing."""
    Outgoing.objects.bulk_create(
        [
            Outgoing(
                key=key,
                kind=kind,
                recipient=recipient,
                template=template,
                language=language,
                values=dict(values),
                created_at=now,
                due_at=now,
            )
        ],
        ignore_conflicts=True,
    )


def post_all(effects: Iterable[Outgoing]) -> None:
    """Queue many at once; those whose key is queued already change nothing."""
    Outgoing.objects.bulk_create(effects, ignore_conflicts=True)


def post_mail(template: str, key: str, to: Iterable[User], values: Mapping[str, Any], now: datetime) -> None:
    """One letter to each of these colleagues, in their language and by their name; `key` says what it is about."""
    for user in to:
        post(
            key=f"{template}:{key}:{user.pk}",
            kind="mail",
            recipient=user.email,
            template=template,
            language=user.language,
            values={**values, "name": user.first_name or user.username},
            now=now,
        )


def discard(*, before: datetime, because: str) -> int:
    """Give up, with the reason, on what was queued up to then and is not on its way; returns how much it was."""
    waiting = Outgoing.objects.filter(created_at__lte=before, sent_at__isnull=True, given_up_at__isnull=True)
    return waiting.filter(started_at__isnull=True).update(given_up_at=before, error=because[:500])
