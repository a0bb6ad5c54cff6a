"""What the collector hands to its writer: columns of the inbox and of the refused events, ready to be written."""

from dataclasses import dataclass, field
from typing import Final

KEPT: Final = 32 * 1024  # bytes of a refused event that we keep for people to look at


@dataclass(slots=True)  # not frozen: made for every event, and a frozen one costs a quarter of what we do for it
class Row:
    """One event of `vendange_inboxevent`. `received_at` is in microseconds since 1970, UTC."""

    source: int
    message_id: str
    kind: str
    received_at: int
    sent_at: str
    ip: str
    user_agent: str
    payload: bytes
    hints: str = ""

    def columns(self) -> tuple[int, str, str, int, str, str, str, bytes, str]:
        return (
            self.source,
            self.message_id,
            self.kind,
            self.received_at,
            self.sent_at,
            self.ip,
            self.user_agent,
            self.payload,
            self.hints,
        )


@dataclass(frozen=True, slots=True)
class Refusal:
    """One line of `vendange_refusedevent`; `detail` is the sentence that the sender also gets."""

    source: int | None
    message_id: str
    reason: str
    detail: str
    received_at: int
    payload: bytes

    def columns(self) -> tuple[int | None, str, str, str, int, bytes]:
        return (
            self.source,
            self.message_id[:255].replace("\x00", ""),
            self.reason,
            self.detail[:500].replace("\x00", ""),
            self.received_at,
            self.payload[:KEPT],
        )


@dataclass(slots=True)
class Part:
    """What one request brings: all of it is written, or none."""

    rows: list[Row] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)

    @property
    def size(self) -> int:
        return sum(len(row.payload) for row in self.rows) + 200 * (len(self.rows) + len(self.refusals))
