"""Writes signals, sources and import batches; marks the inbox as handled."""

import hashlib
import json
import secrets
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import groupby, takewhile
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils.timezone import localtime

from vendange.agreement.sentence import Cannot, sentence
from vendange.capture.queries import names_like, serves
from vendange.capture.rules import QUARANTINED, Incoming, Refused, host
from vendange.engine import configuration
from vendange.engine.addresses import cut, cut_in
from vendange.engine.machines import Judged
from vendange.models import (
    AudienceCount,
    Cleared,
    Configuration,
    Consent,
    ImportBatch,
    InboxEvent,
    Person,
    RefusedEvent,
    Signal,
    Source,
    User,
)
from vendange.models.each import put_each, update_each
from vendange.models.trail import record as tell

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
# Sources that Vendange makes for itself: what is told, what links bring, what comes back by mail.
RESERVED: Final = frozenset({"told by colleagues", "tracked links", "mail that comes back"})
TRACKING: Final = {"consent_given": "given", "consent_withdrawn": "withdrawn"}
COUNTED: Final = (
    "key", "source", "day", "kind", "path", "asset", "campaign", "channel", "referrer", "verdict", "times", "value",
)  # fmt: skip


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
            because=one.because,
            import_batch_id=one.import_batch_id,
            by_id=one.by_id,
        )
        for one, person in zip(signals, people, strict=True)
    ]
    Signal.objects.bulk_create(rows, batch_size=500)
    return rows


def tell_configurations(fresh: Sequence[Signal]) -> list[Signal]:
    """Say of each save of a configurator among these what it changed, and again of those that follow them in time.

    Whatever the order of arrival, each is told against the one before it. Returns the earlier kept signals that say
    something else now: who did them must be measured again.
    """
    saves = {one.pk: one for one in fresh if one.kind in configuration.KINDS}
    if not saves:
        return []
    list(Source.objects.select_for_update(no_key=True).filter(pk__in={one.source_id for one in saves.values()}))
    for one in saves.values():  # a file gives the price as value: it is kept where the difference does not replace it
        if one.value is not None and "price" not in one.props:
            one.props = {**one.props, "price": one.value}
    mine = [Configuration(signal=one, thread=_thread(one)) for one in saves.values()]
    Configuration.objects.bulk_create(mine)
    changed = [one for before, one in _neighbours({one.thread for one in mine}, saves) if _tell_save(before, one)]
    update_each(changed, ["kind", "value", "props"])
    return [one for one in changed if one.pk not in saves]


def _thread(one: Signal) -> str:
    return configuration.thread_of(configuration.read_configuration(one.props), one.source_id, one.person_id)


def _neighbours(threads: Collection[str], saves: Mapping[int, Signal]) -> list[tuple[Signal | None, Signal]]:
    """Each of these saves, and each that follows one, with the one before it in its thread."""
    order = ("thread", "signal__occurred_at", "signal__message_id")
    rows = Configuration.objects.filter(thread__in=threads).order_by(*order).values_list("thread", "signal_id")
    lines = [[number for _, number in theirs] for _, theirs in groupby(rows, key=lambda row: row[0])]
    pairs = [pair for line in lines for pair in zip([None, *line], line, strict=False) if {*pair} & saves.keys()]
    wanted = {number for pair in pairs for number in pair if number is not None} - saves.keys()
    known = {**Signal.objects.in_bulk(wanted), **saves}
    return [(None if before is None else known[before], known[one]) for before, one in pairs]


def _tell_save(before: Signal | None, one: Signal) -> bool:
    """Whether it says something else now."""
    first = configuration.read_configuration(before.props) if before else None
    told = configuration.told(first, configuration.read_configuration(one.props))
    said = {} if told.changes is None else {"changes": told.changes}
    props = {name: value for name, value in one.props.items() if name != "changes"} | said
    if (one.kind, one.value, one.props) == (told.kind, told.value, props):
        return False
    one.kind, one.value, one.props = told.kind, told.value, props
    return True


def settle(
    *,
    handled: Sequence[InboxEvent],
    refused: Sequence[tuple[InboxEvent, Refused]],
    visits: Sequence[tuple[InboxEvent, Incoming]] = (),
    forgotten: Sequence[InboxEvent] = (),
) -> None:
    """Events of the inbox are done with: taken in, counted, or kept as refused with the reason, in one transaction.

    `forgotten`: of them nothing may be kept.
    """
    with transaction.atomic(using=settings.INBOX_ALIAS):
        RefusedEvent.objects.bulk_create(
            RefusedEvent(
                source=event.source,
                message_id=event.message_id,
                reason=why.reason,
                detail=why.detail[:500],
                received_at=event.received_at,
                payload=cut_in(bytes(event.payload)),
                event=event if why.reason in QUARANTINED else None,
            )
            for event, why in refused
        )
        InboxEvent.objects.filter(id__in=[event.pk for event in handled]).update(handled=True)
        _count([one for _, one in visits])
        # Of a visit only its id stays, so that the same one never counts twice.
        erased = [event.pk for event, _ in visits] + [event.pk for event in forgotten]
        counted = InboxEvent.objects.filter(id__in=erased)
        counted.update(handled=True, ip="", user_agent="", hints="", payload=b"{}")


def _count(visits: Sequence[Incoming]) -> None:
    """Add visits to the lines of their day; the same database as the inbox, so each counts exactly once."""
    lines: dict[str, list[Any]] = {}
    for one in visits:
        about = _about(one)
        key = hashlib.sha256(json.dumps([str(part) for part in about]).encode()).hexdigest()
        line = lines.setdefault(key, [key, *about, 0, 0.0])
        line[-2] += 1
        line[-1] += one.value or 0.0
    grown = {"times": "vendange_audiencecount.times + EXCLUDED.times"}
    grown["value"] = "vendange_audiencecount.value + EXCLUDED.value"
    put_each(AudienceCount, COUNTED, sorted(lines.values()), merged=grown)


def _about(one: Incoming) -> tuple[Any, ...]:
    return (
        one.source_id,
        localtime(one.received_at).date().isoformat(),
        one.kind,
        one.path[:500],
        one.asset[:200],
        one.campaign[:200],
        one.channel[:60],
        (host(str(one.props.get("referrer", ""))) or str(one.props.get("utm_source", "")))[:120],
        one.verdict,
    )


def cut_addresses(before: datetime, limit: int) -> bool:
    """Of events that came before this moment only the network of an address stays (C43); whether more of them wait.

    Each row is read once: how far we are stands in `Cleared`, beside the inbox, so that no index slows what comes in.
    """
    until = (before - EPOCH) // timedelta(microseconds=1)
    return any([_cut(InboxEvent, "inbox", until, limit), _cut(RefusedEvent, "refused", until, limit)])


def _cut(table: type[InboxEvent | RefusedEvent], key: str, until: int, limit: int) -> bool:
    done = Cleared.objects.filter(key=key).values_list("up_to", flat=True).first() or 0
    rows: QuerySet[Any] = table._default_manager.filter(pk__gt=done).order_by("pk")
    next_ones = rows.values_list("pk", "received_at")[:limit]
    old = [pk for pk, _ in takewhile(lambda one: one[1] <= until, next_ones)]
    if old:
        columns = ["payload"] + ["ip"] * (table is InboxEvent)
        with transaction.atomic(using=settings.INBOX_ALIAS):
            found = rows.select_for_update().filter(pk__lte=old[-1]).only(*columns)
            update_each([row for row in found if _cut_row(row)], columns)
            Cleared.objects.update_or_create(key=key, defaults={"up_to": old[-1]})
    return len(old) == limit


def _cut_row(row: InboxEvent | RefusedEvent) -> bool:
    """Whether there was something to cut."""
    before = bytes(row.payload)
    row.payload = cut_in(before)
    changed: bool = row.payload != before
    if not isinstance(row, InboxEvent):
        return changed
    ip, row.ip = row.ip, cut(row.ip)
    return changed or ip != str(row.ip)


def forget_audience(before: date, limit: int) -> int:
    """Counts of days before this one go (C41); how many went."""
    sources = list(Source.objects.values_list("pk", flat=True))
    rows = AudienceCount.objects.filter(source__in=sources, day__lt=before).values_list("pk", flat=True)
    ids = list(rows[:limit])
    if ids:
        AudienceCount.objects.filter(pk__in=ids).delete()
    return len(ids)


def keep_consents(signals: Sequence[Signal]) -> None:
    """What browsers were allowed or forbidden, a line each. The signals are new, so each is told once (C16).

    Through a key that stands in a public page only the tracking of that browser can be allowed, nothing else.
    """
    Consent.objects.bulk_create(
        Consent(
            person_id=one.person_id,
            channel="tracking",
            purpose="lead",
            status=TRACKING[one.kind],
            at=one.occurred_at,
            method="site",
            wording=str(one.props.get("wording", ""))[:120],
            page=one.path[:300],
        )
        for one in signals
        if one.kind in TRACKING
    )


def judge(changed: Sequence[tuple[Signal, Judged]]) -> None:
    """Other verdicts on signals that are kept already. Who did them must be measured again: `journey.judging`."""
    for one, verdict in changed:
        one.verdict, one.because = verdict
    update_each([one for one, _ in changed], ["verdict", "because"])


def withdraw(*, signal: Signal, by: User, now: datetime) -> None:
    """Who told it takes it back, at once: it is no signal any more, and the trail keeps that it was one."""
    detail = {"kind": signal.kind, "message_id": signal.message_id, "occurred_at": signal.occurred_at.isoformat()}
    tell("signal.withdrawn", signal.person, at=now, by=by, detail=detail)
    signal.delete()


def taken_in(*, refused: RefusedEvent, happened_at: datetime, by: User, now: datetime) -> None:
    """A human has said when this event of the quarantine happened, and it has come in."""
    refused.taken_at, refused.taken_by, refused.happened_at = now, by.pk, happened_at
    refused.save(update_fields=["taken_at", "taken_by", "happened_at"])
    detail = {"event": refused.message_id, "reason": refused.reason, "happened_at": happened_at.isoformat()}
    tell("event.taken_in", refused, at=now, by=by, detail=detail)


def source_named(*, name: str, kind: str, now: datetime) -> Source:
    """The source of that name and kind, made with a fresh write key when there is none.

    Where another kind of source or a show has the name, ours gets a number behind it. The rows of an import may join a
    show of their name.
    """
    for spelled in names_like(name):
        made, _ = Source.objects.select_related("trade_show").get_or_create(
            name=spelled, defaults={"kind": kind, "write_key": secrets.token_urlsafe(24), "created_at": now}
        )
        if serves(made, kind):
            return made
    raise AssertionError  # there is always another number


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


class NameReserved(NameTaken):
    """What colleagues tell, what links and mails bring, come from sources of these names."""

    def __init__(self, name: str) -> None:
        Cannot.__init__(self, sentence("Vendange itself uses the name {name}. Choose another name.", name=name))


def check_name(name: str) -> None:
    """Raises NameReserved."""
    if " ".join(name.split()).casefold() in RESERVED:
        raise NameReserved(name.strip())


@transaction.atomic
def add_source(
    *, name: str, kind: str, origins: Sequence[str], by: User | None, now: datetime, trusted: bool = False
) -> Source:
    """A new source with a fresh write key; raises NameTaken or NameReserved. `origins`: who may post, empty for any.

    `trusted`: its key stays on servers of ours, so it is believed about who somebody is.
    """
    check_name(name)
    if Source.objects.filter(name__iexact=name.strip()).exists():
        raise NameTaken(name.strip())
    source = Source.objects.create(
        name=name.strip(),
        kind=kind,
        write_key=secrets.token_urlsafe(24),
        allowed_origins=list(origins),
        created_at=now,
        trusted=trusted,
    )
    detail = {"name": source.name, "kind": kind, "origins": list(origins), "trusted": trusted}
    tell("source.added", source, at=now, by=by, detail=detail)
    return source


@transaction.atomic
def trust_source(*, source: Source, trusted: bool, by: User, now: datetime) -> None:
    """From now on it is believed about who somebody is, or no more. What it has said stays as it was taken."""
    if source.trusted != trusted:
        source.trusted = trusted
        source.save(update_fields=["trusted"])
        tell("source.trusted", source, at=now, by=by, detail={"name": source.name, "trusted": trusted})


@transaction.atomic
def close_source(*, source: Source, by: User, now: datetime) -> None:
    """Nothing more comes in with its key; what has come in stays. Closing twice is closing once."""
    if source.closed_at is None:
        source.closed_at = now
        source.save(update_fields=["closed_at"])
        tell("source.closed", source, at=now, by=by, detail={"name": source.name})
