"""The Segment HTTP protocol: one body becomes rows for the inbox and refusals with a reason. Plain functions.

Limits are the protocol's own where it has some: 500 KB a body, 32 KB an event, 2,500 events a batch.
"""

import hashlib
import itertools
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from vendange.collect.rows import Part, Refusal, Row

SHORT: Final = {
    "t": "track",
    "i": "identify",
    "p": "page",
    "s": "screen",
    "g": "group",
    "a": "alias",
    "b": "batch",
}
KINDS: Final = frozenset(SHORT.values()) - {"batch"}
BODY_LIMIT: Final = 500 * 1024
UNPACKED_LIMIT: Final = 5 * 1024 * 1024
EVENT_LIMIT: Final = 32 * 1024
BATCH_LIMIT: Final = 2_500
DEPTH_LIMIT: Final = 20
MESSAGE_ID_LIMIT: Final = 255

_any = msgspec.json.Decoder()
_strings = re.compile(rb'"(?:[^"\\]|\\.)*"')
_brackets = re.compile(rb"[\[\]{}]")
_STEP: Final = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}


class Envelope(msgspec.Struct):
    """What we read of a body as a whole; the events of a batch stay as the bytes that came."""

    batch: list[msgspec.Raw] | None = None
    writeKey: Any = None  # noqa: N815 - the protocol's name
    sentAt: Any = None  # noqa: N815 - the protocol's name


@dataclass(frozen=True, slots=True)
class Arrived:
    """Where and when a body came in: the same for all its events."""

    source: int
    received_at: int  # microseconds since 1970, UTC
    ip: str
    user_agent: str
    hints: str = ""


class Unreadable(Exception):
    """A body or an event that we refuse: a code, a sentence for the sender, the answer's status, what we keep."""

    def __init__(self, reason: str, detail: str, *, status: int = 400, message_id: str = "") -> None:
        super().__init__(detail)
        self.reason, self.detail, self.status, self.message_id = reason, detail, status, message_id


_envelope = msgspec.json.Decoder(Envelope)


def read_envelope(body: bytes) -> Envelope:
    """The envelope of a body; raises Unreadable when it is no JSON object."""
    try:
        return _envelope.decode(body)
    except RecursionError:
        raise _too_deep() from None
    except (msgspec.ValidationError, msgspec.DecodeError, UnicodeError) as error:
        return _patient_envelope(body, str(error))


def _patient_envelope(body: bytes, why: str) -> Envelope:
    """A body with one bad event in it: the others must not suffer. Python's own reader accepts NaN and the like."""
    try:
        whole = json.loads(body.decode("utf-8", "replace"))
    except RecursionError:
        raise _too_deep() from None
    except ValueError:
        raise Unreadable("not_json", f"The body is not JSON: {why}.") from None
    if not isinstance(whole, dict):
        raise Unreadable("not_an_object", "The body must be a JSON object.")
    batch = whole.get("batch")
    if batch is not None and not isinstance(batch, list):
        raise Unreadable("bad_type", "`batch` must be a list of events.")
    items = None if batch is None else [msgspec.Raw(_written(one)) for one in batch]
    return Envelope(batch=items, writeKey=whole.get("writeKey"), sentAt=whole.get("sentAt"))


def _written(one: object) -> bytes:
    return json.dumps(one, ensure_ascii=True, separators=(",", ":")).encode()


def read_body(kind: str, body: bytes, envelope: Envelope, arrived: Arrived) -> Part:
    """Rows and refusals of a body. `kind` is a long name, `batch` included; raises Unreadable for the whole body."""
    if kind != "batch":
        return Part(rows=[read_event(kind, body, _text(envelope.sentAt, 40), arrived)])
    if envelope.batch is None:
        raise Unreadable("no_batch", "A batch needs its events in `batch`, a list.")
    if len(envelope.batch) > BATCH_LIMIT:
        raise Unreadable("batch_too_long", f"More than {BATCH_LIMIT} events in one batch. Send several.", status=413)
    part, sent_at = Part(), _text(envelope.sentAt, 40)
    for raw in map(bytes, envelope.batch):
        try:
            part.rows.append(read_event("", raw, sent_at, arrived))
        except Unreadable as bad:
            part.refusals.append(refusal(bad, raw, arrived))
    return part


def refusal(bad: Unreadable, payload: bytes, arrived: Arrived) -> Refusal:
    return Refusal(arrived.source, bad.message_id, bad.reason, bad.detail, arrived.received_at, payload)


def read_event(kind: str, raw: bytes, sent_at: str, arrived: Arrived) -> Row:
    """One event, checked; its bytes are kept as they came. An empty `kind` is read from the event's `type`."""
    if len(raw) > EVENT_LIMIT:
        raise Unreadable("event_too_large", f"The event is larger than {EVENT_LIMIT // 1024} KB.", status=413)
    event = _decoded(raw)
    message_id = _message_id(event, raw)
    if not kind:
        named = event.get("type")
        if not isinstance(named, str) or named not in KINDS:
            known = ", ".join(sorted(KINDS))
            raise Unreadable("unknown_type", f"`type` must be one of {known}.", message_id=message_id)
        kind = named
    if deeper_than(raw, DEPTH_LIMIT):
        raise _too_deep(message_id)
    sent_at = _text(event.get("sentAt"), 40) or sent_at
    ip = "" if is_of_nobody(event) else arrived.ip
    # In their order, not by name: names cost a tenth of all that is done for an event here.
    return Row(
        arrived.source, message_id, kind, arrived.received_at, sent_at, ip, arrived.user_agent, raw, arrived.hints
    )


def _decoded(raw: bytes) -> Mapping[str, Any]:
    """Decoded whole, although only some fields are read here: what is in the inbox can be read again later."""
    try:
        event = _any.decode(raw)
    except RecursionError:
        raise _too_deep() from None
    except (msgspec.DecodeError, UnicodeError) as error:
        raise Unreadable("not_json", f"The event is not JSON: {error}.") from None
    if not isinstance(event, dict):
        raise Unreadable("not_an_object", "An event must be a JSON object.")
    return event


def _message_id(event: Mapping[str, Any], raw: bytes) -> str:
    """As sent; without one, the event's own bytes name it, so that a retry of the same bytes still counts once."""
    given = event.get("messageId")
    if given is None or given == "":
        return f"sha256-{hashlib.sha256(raw).hexdigest()}"
    if not isinstance(given, str):
        raise Unreadable("bad_type", "`messageId` must be text.")
    if len(given) > MESSAGE_ID_LIMIT:
        raise Unreadable(
            "id_too_long", f"`messageId` is longer than {MESSAGE_ID_LIMIT} characters.", message_id=given[:255]
        )
    if not given.isprintable():
        raise Unreadable("bad_message_id", "`messageId` holds a control character.")
    return given


def is_of_nobody(event: Mapping[str, Any]) -> bool:
    """Whether the tracker sent this in audience mode: then not even the address is written to the disk (C40)."""
    context = event.get("context")
    return isinstance(context, dict) and context.get("mode") == "audience"


def deeper_than(raw: bytes, limit: int) -> bool:
    """Whether JSON text is nested deeper than `limit`. Few brackets in all answer it without a closer look."""
    if raw.count(b"{") + raw.count(b"[") <= limit:
        return False
    steps = (_STEP[found.group()[0]] for found in _brackets.finditer(_strings.sub(b"", raw)))
    return max(itertools.accumulate(steps), default=0) > limit


def _too_deep(message_id: str = "") -> Unreadable:
    return Unreadable("too_deep", f"Nested deeper than {DEPTH_LIMIT} levels.", message_id=message_id)


def _text(given: object, longest: int) -> str:
    return given[:longest] if isinstance(given, str) and given.isprintable() else ""
