"""What has come in."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import count, groupby

from django.db.models import Count, Max, Q, Sum

from vendange.capture.rules import QUARANTINED as QUARANTINED_FOR
from vendange.capture.rules import Incoming, Refused, read_event, time_said
from vendange.engine.machines import BURST_WITHIN, Judged, bursts
from vendange.models import AudienceCount, InboxEvent, RefusedEvent, Signal, Source
from vendange.models.inbox import MAIL_KINDS, QUARANTINED


def unknown(signals: Sequence[Incoming]) -> list[Incoming]:
    """Those never seen before, each once; order kept. Identity is (source, message id), for ever."""
    by_source: dict[int, list[str]] = {}
    for one in signals:
        by_source.setdefault(one.source_id, []).append(one.message_id)
    seen: set[tuple[int, str]] = set()
    for source_id, message_ids in by_source.items():
        rows = Signal.objects.filter(source_id=source_id, message_id__in=message_ids)
        seen.update((source_id, found) for found in rows.values_list("message_id", flat=True))
    fresh = []
    for one in signals:
        key = (one.source_id, one.message_id)
        if key not in seen:
            seen.add(key)
            fresh.append(one)
    return fresh


def names_like(name: str) -> Iterator[str]:
    """The name of a source, then the same with a number behind it, for when something else has that name."""
    yield name[:LONGEST_NAME]
    for number in count(2):
        behind = f" ({number})"
        yield name[: LONGEST_NAME - len(behind)] + behind


def serves(source: Source, kind: str) -> bool:
    """Whether signals of this kind of source may come from it. The rows of an import may join a show of their name."""
    of_show = hasattr(source, "trade_show")
    return (source.kind == kind and not of_show) or (kind == "import" and of_show)


def source_of(name: str, kind: str) -> Source | None:
    """The source that `actions.source_named` finds, None where it would make one."""
    for spelled in names_like(name):
        found = Source.objects.select_related("trade_show").filter(name=spelled).first()
        if found is None or serves(found, kind):
            return found
    raise AssertionError  # there is always another number


def told_already(source: Source | None, message_ids: Sequence[str]) -> set[str]:
    """Those of these messages that this source has told before."""
    if source is None:
        return set()
    return set(Signal.objects.filter(source=source, message_id__in=message_ids).values_list("message_id", flat=True))


def bursting(signals: Collection[Signal]) -> list[Signal]:
    """All page views in a burst with one of these, whenever they came in. Files and colleagues are believed."""
    views = [one for one in signals if one.kind == "page_viewed" and not one.import_batch_id and not one.by_id]
    if not views:
        return []
    moments = [one.occurred_at for one in views]
    rows = Signal.objects.filter(
        person_id__in={one.person_id for one in views},
        kind="page_viewed",
        occurred_at__gte=min(moments) - BURST_WITHIN,
        occurred_at__lte=max(moments) + BURST_WITHIN,
        import_batch=None,
        by=None,
    )
    counted = rows.filter(~Q(verdict="machine") | Q(because="burst")).order_by("person_id", "occurred_at", "id")
    found = list(counted.only("id", "person_id", "occurred_at", "verdict", "because"))
    fast = []
    for _, theirs in groupby(found, key=lambda one: one.person_id):
        seen = list(theirs)
        fast += [one for one, is_fast in zip(seen, bursts([one.occurred_at for one in seen]), strict=True) if is_fast]
    return fast


def judged_again(signals: Collection[Signal]) -> dict[int, Judged]:
    """What their events say today of who did them, by signal; those whose event is not kept any more are left out."""
    wanted = {(one.source_id, one.message_id): one.pk for one in signals}
    events = InboxEvent.objects.filter(
        source__in={source for source, _ in wanted}, message_id__in={message for _, message in wanted}
    )
    found = {}
    for event in events:
        number = wanted.get((event.source, event.message_id))
        said = read(event) if number else None
        if number and isinstance(said, Incoming):
            found[number] = Judged(said.verdict, said.because)
    return found


def collected_since(since: datetime, after: int, limit: int) -> list[Signal]:
    """Signals that the collector has brought since then, with numbers above `after`: to be judged again."""
    rows = Signal.objects.filter(pk__gt=after, received_at__gte=since, import_batch=None, by=None)
    return list(rows.order_by("pk")[:limit])


LONGEST_NAME = 80  # of a source
HELD = timedelta(seconds=10)  # a followed link waits for its neighbours: a scanner follows all of them at once


def waiting(limit: int, now: datetime) -> list[InboxEvent]:
    """The oldest events that nobody took in yet; links only once it can be seen what was followed beside them."""
    held = Q(kind="link", received_at__gt=in_micros(now - HELD))
    return list(InboxEvent.objects.filter(~held, handled=False).exclude(kind__in=MAIL_KINDS).order_by("id")[:limit])


def held(now: datetime, limit: int) -> list[InboxEvent]:
    """Links that were followed and still wait, the newest: what is taken in now is judged with them in sight."""
    rows = InboxEvent.objects.filter(handled=False, kind="link", received_at__gt=in_micros(now - HELD))
    return list(rows.order_by("-id")[:limit])


def read(event: InboxEvent, happened_at: datetime | None = None) -> Incoming | Refused:
    """What a stored event says, or why it cannot be read; `happened_at` replaces a time that cannot be believed."""
    try:
        payload = json.loads(bytes(event.payload))
    except ValueError:
        return Refused("not_json", "The stored event is not JSON. Send each event as one JSON object.")
    if not isinstance(payload, dict):
        return Refused("not_an_object", "An event is one JSON object with a type; this is something else.")
    return read_event(
        event.kind,
        payload,
        source_id=event.source,
        message_id=event.message_id,
        received_at=datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=event.received_at),
        sent_at=event.sent_at,
        ip=event.ip,
        user_agent=event.user_agent,
        hints=event.hints,
        happened_at=happened_at,
    )


def visit(event: InboxEvent) -> Incoming | Refused | None:
    """What somebody did of whom nothing may be known (the tracker's audience mode); None when it is another event.

    Whoever is named all the same, and when they say that it was, is left out before anything reads it (C40).
    """
    if b"audience" not in bytes(event.payload):
        return None
    try:
        payload = json.loads(bytes(event.payload))
    except ValueError:
        return None
    context = payload.get("context") if isinstance(payload, dict) else None
    if not isinstance(context, dict) or context.get("mode") != "audience":
        return None
    properties = payload.get("properties")
    said = (
        {name: one for name, one in properties.items() if name in VISIT_FIELDS} if isinstance(properties, dict) else {}
    )
    found = read_event(
        event.kind,
        {
            "event": payload.get("event"),
            "anonymousId": NOBODY,
            "properties": said,
            "pixel": payload.get("pixel"),
            "context": {"automated": context.get("automated")},
        },
        source_id=event.source,
        message_id=event.message_id,
        received_at=of_micros(event.received_at),
        sent_at="",
        ip="",
        user_agent=event.user_agent,
        hints=event.hints,
    )
    if isinstance(found, Incoming) and not found.kind:
        return Refused("nobody", "In audience mode nobody can say who they are: ask for consent first.")
    return found


NOBODY = "nobody"
VISIT_FIELDS = frozenset({"path", "asset", "referrer", "value", "utm_campaign", "utm_medium", "utm_source"})
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LOOKED_BACK = 200_000  # rows: beyond, a source that is silent would make us read everything


@dataclass(frozen=True, slots=True)
class Heard:
    """What a source sent: how many events since a moment, and when the last one came; None when not lately."""

    since: int = 0
    last: datetime | None = None


def sources() -> Sequence[Source]:
    """Open ones first, by name."""
    return sorted(Source.objects.order_by("name"), key=lambda source: source.closed_at is not None)


def heard(since: datetime) -> Mapping[int, Heard]:
    """By source, among the latest rows: what the collector received, or (files, colleagues) what was kept."""
    kept = _kept(since)
    return {**kept, **_collected(since)}


def _collected(since: datetime) -> dict[int, Heard]:
    top = InboxEvent.objects.order_by("-id").values_list("id", flat=True).first() or 0
    rows = (
        InboxEvent.objects.filter(id__gt=top - LOOKED_BACK)
        .values_list("source")
        .annotate(since=Count("id", filter=Q(received_at__gte=in_micros(since))), last=Max("received_at"))
        .order_by()
    )
    return {source: Heard(count, of_micros(last)) for source, count, last in rows}


def _kept(since: datetime) -> dict[int, Heard]:
    top = Signal.objects.order_by("-id").values_list("id", flat=True).first() or 0
    rows = (
        Signal.objects.filter(id__gt=top - LOOKED_BACK)
        .values_list("source")
        .annotate(since=Count("id", filter=Q(received_at__gte=since)), last=Max("received_at"))
        .order_by()
    )
    return {source: Heard(count, last) for source, count, last in rows}


def visits_by_verdict(source: Source, first: date) -> Mapping[str, int]:
    """Page views of nobody since that day."""
    rows = AudienceCount.objects.filter(source=source.pk, day__gte=first, kind="page_viewed").values_list("verdict")
    return dict(rows.annotate(seen=Sum("times")).order_by())


def signals_by_verdict(source: Source, since: datetime) -> Mapping[str, int]:
    """Signals of people since then, among the latest rows."""
    top = Signal.objects.order_by("-id").values_list("id", flat=True).first() or 0
    rows = Signal.objects.filter(id__gt=top - LOOKED_BACK, source=source, received_at__gte=since)
    return dict(rows.values_list("verdict").annotate(signals=Count("id")).order_by())


def most_visited(source: Source, first: date, limit: int) -> Sequence[tuple[str, int]]:
    """The pages that nobody in particular has seen most since that day; machines left out."""
    rows = AudienceCount.objects.filter(source=source.pk, day__gte=first, kind="page_viewed").exclude(verdict="machine")
    return list(rows.values_list("path").annotate(seen=Sum("times")).order_by("-seen", "path")[:limit])


def in_micros(at: datetime) -> int:
    return (at - EPOCH) // timedelta(microseconds=1)


def of_micros(at: int) -> datetime:
    return EPOCH + timedelta(microseconds=at)


def refused(before: int | None, limit: int, *, quarantined: bool = False) -> Sequence[RefusedEvent]:
    """The latest refused events, or those with an id under `before`; only those in quarantine, when asked."""
    rows = RefusedEvent.objects.filter(QUARANTINED) if quarantined else RefusedEvent.objects.all()
    rows = rows.filter(id__lt=before) if before else rows
    return list(rows.select_related("event").order_by("-id")[:limit])


def in_quarantine() -> int:
    """How many events wait for a human to say when they happened."""
    return RefusedEvent.objects.filter(QUARANTINED).count()


@dataclass(frozen=True, slots=True)
class Clocks:
    """The times of one event by the sender's clock, as written; "" when it did not say."""

    said: str
    sent: str


def clocks(event: RefusedEvent) -> Clocks | None:
    """What the sender's clock said of an event whose time was at fault; None for other refusals."""
    if event.reason not in QUARANTINED_FOR:
        return None
    try:
        payload = json.loads(bytes(event.payload))
    except ValueError:
        return None
    sent = event.event.sent_at if event.event else ""
    return Clocks(str(time_said(payload) or "")[:60], sent or str(payload.get("sentAt") or "")[:60])


def refused_by_reason(since: datetime) -> Sequence[tuple[str, int]]:
    """How many events were refused since then, by reason, the most frequent first."""
    rows = RefusedEvent.objects.filter(received_at__gte=in_micros(since)).values_list("reason")
    return list(rows.annotate(events=Count("id")).order_by("-events", "reason"))


def names_of(sources: Collection[int]) -> Mapping[int, str]:
    """What these sources are called, by number."""
    return dict(Source.objects.filter(pk__in=sources).values_list("pk", "name")) if sources else {}


def trusted_sources() -> frozenset[int]:
    """Sources that are believed about who somebody is: colleagues, files that they imported, servers of ours."""
    rows = Source.objects.filter(Q(trusted=True) | Q(kind__in=("import", "desk")))
    return frozenset(rows.values_list("pk", flat=True))
