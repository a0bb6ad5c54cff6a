"""Writes signals, sources and import batches; marks the inbox as handled."""

import secrets
from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.db import transaction

from vendange.agreement.sentence import Cannot, sentence
from vendange.capture.rules import QUARANTINED, Incoming, Refused
from vendange.models import ImportBatch, InboxEvent, Person, RefusedEvent, Signal, Source, User
from vendange.models.trail import record as tell


def record(signals: Sequence[Incoming], people: Sequence[Person]) -> list[Signal]:
    """Keep these signals, each with its person. The caller has left out those already known (`queries.unknown`)."""
    rows = [
        Signal(
            person=person,
            source_id=one.source_id,
            message_id=one.message_id,
            kind=one.kind,
            occurred_at=one.occurred_at,
            received_at=one.received_at,
            path=one.path[:500],
            asset=one.asset[:200],
            campaign=one.campaign[:200],
            channel=one.channel[:60],
            topic=one.topic[:80],
            value=one.value,
            props=dict(one.props),
            origin=one.origin,
            verdict=one.verdict,
            import_batch_id=one.import_batch_id,
            by_id=one.by_id,
        )
        for one, person in zip(signals, people, strict=True)
    ]
    Signal.objects.bulk_create(rows, batch_size=500)
    return rows


def settle(*, handled: Sequence[InboxEvent], refused: Sequence[tuple[InboxEvent, Refused]]) -> None:
    """Events of the inbox are done with: taken in, or kept as refused with the reason, in one transaction."""
    with transaction.atomic(using=settings.INBOX_ALIAS):
        RefusedEvent.objects.bulk_create(
            RefusedEvent(
                source=event.source,
                message_id=event.message_id,
                reason=why.reason,
                detail=why.detail[:500],
                received_at=event.received_at,
                payload=bytes(event.payload),
                event=event if why.reason in QUARANTINED else None,
            )
            for event, why in refused
        )
        InboxEvent.objects.filter(id__in=[event.pk for event in handled]).update(handled=True)


def taken_in(*, refused: RefusedEvent, happened_at: datetime, by: User, now: datetime) -> None:
    """A human has said when this event of the quarantine happened, and it has come in."""
    refused.taken_at, refused.taken_by, refused.happened_at = now, by.pk, happened_at
    refused.save(update_fields=["taken_at", "taken_by", "happened_at"])
    detail = {"event": refused.message_id, "reason": refused.reason, "happened_at": happened_at.isoformat()}
    tell("event.taken_in", refused, at=now, by=by, detail=detail)


def source_named(*, name: str, kind: str, now: datetime) -> Source:
    """The source of that name, made with a fresh write key when there is none."""
    made, _ = Source.objects.get_or_create(
        name=name, defaults={"kind": kind, "write_key": secrets.token_urlsafe(24), "created_at": now}
    )
    return made


@transaction.atomic
def open_batch(
    *, file_name: str, file_sha: str, map_name: str, map_sha: str, by: User | None, now: datetime
) -> ImportBatch:
    return ImportBatch.objects.create(
        file_name=file_name[:200],
        file_sha=file_sha,
        map_name=map_name[:200],
        map_sha=map_sha,
        status="running",
        started_at=now,
        by=by,
    )


def close_batch(
    *,
    batch: ImportBatch,
    status: str,
    rows: int,
    added: int,
    known: int,
    refused: int,
    refused_file: str,
    now: datetime,
) -> None:
    batch.status, batch.rows, batch.added, batch.known, batch.refused = status, rows, added, known, refused
    batch.refused_file, batch.ended_at = refused_file[:400], now
    batch.save()


class NameTaken(Cannot):
    """Two sources of one name could not be told apart."""

    def __init__(self, name: str) -> None:
        super().__init__(sentence("There is already a source named {name}. Choose another name.", name=name))


@transaction.atomic
def add_source(*, name: str, kind: str, origins: Sequence[str], by: User, now: datetime) -> Source:
    """A new source with a fresh write key; raises NameTaken. `origins`: the sites that may post, empty for any."""
    if Source.objects.filter(name__iexact=name.strip()).exists():
        raise NameTaken(name.strip())
    source = Source.objects.create(
        name=name.strip(),
        kind=kind,
        write_key=secrets.token_urlsafe(24),
        allowed_origins=list(origins),
        created_at=now,
    )
    tell("source.added", source, at=now, by=by, detail={"name": source.name, "kind": kind, "origins": list(origins)})
    return source


@transaction.atomic
def close_source(*, source: Source, by: User, now: datetime) -> None:
    """Nothing more comes in with its key; what has come in stays. Closing twice is closing once."""
    if source.closed_at is None:
        source.closed_at = now
        source.save(update_fields=["closed_at"])
        tell("source.closed", source, at=now, by=by, detail={"name": source.name})
