"""What has come in."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from vendange.capture.rules import Incoming, Refused, read_event
from vendange.models import InboxEvent, Signal


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


def waiting(limit: int) -> list[InboxEvent]:
    return list(InboxEvent.objects.filter(handled=False).order_by("id")[:limit])


def read(event: InboxEvent) -> Incoming | Refused:
    """What a stored event says, or why it cannot be read."""
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
    )
