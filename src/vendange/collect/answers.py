"""Answers of the collector, as the clients of the protocol read them: `success`, or `code` and `message`."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

import msgspec

Send = Callable[[Any], Awaitable[None]]

STORED: Final = b'{"success": true}'
NO_CORS: Final[tuple[tuple[bytes, bytes], ...]] = ((b"vary", b"Origin"),)


@dataclass(frozen=True, slots=True)
class Answer:
    """One response; `retry_after` in seconds, 0 = none."""

    status: int
    body: bytes
    retry_after: int = 0
    headers: tuple[tuple[bytes, bytes], ...] = ()
    media: bytes = b"application/json"

    async def send(self, send: Send, cors: tuple[tuple[bytes, bytes], ...]) -> None:
        headers = [
            (b"content-type", self.media),
            (b"content-length", str(len(self.body)).encode()),
            (b"x-content-type-options", b"nosniff"),
            *cors,
            *self.headers,
        ]
        if not any(name == b"cache-control" for name, _ in headers):
            headers.append((b"cache-control", b"no-store"))
        if self.retry_after:
            headers.append((b"retry-after", str(self.retry_after).encode()))
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": self.body})


def stored() -> Answer:
    return Answer(200, STORED)


def refused(status: int, code: str, message: str, *, retry_after: int = 0) -> Answer:
    return Answer(
        status, msgspec.json.encode({"success": False, "code": code, "message": message}), retry_after=retry_after
    )


def unknown_key() -> Answer:
    message = "This write key is not known. See `vendange source list`, or make one: vendange source add NAME."
    return refused(401, "unknown_key", message)


def full() -> Answer:
    return refused(429, "too_busy", "Too much is waiting to be stored. Try again in a few seconds.", retry_after=2)


def unavailable() -> Answer:
    return refused(503, "unavailable", "Nothing can be stored now. Try again in a moment.", retry_after=5)


def client_settings(key: str) -> Answer:
    """What the browser's library asks for before it sends: the smallest settings that it works with."""
    integration = {
        "apiKey": key,
        "unbundledIntegrations": [],
        "addBundledMetadata": True,
        "maybeBundledConfigIds": {},
    }
    told = {
        "integrations": {"Segment.io": integration},
        "plan": {"track": {"__default": {"enabled": True, "integrations": {}}}},
        "edgeFunction": {},
        "remotePlugins": [],
        "metrics": {"sampleRate": 0},
    }
    return Answer(200, msgspec.json.encode(told))


def cors_headers(origin: bytes) -> tuple[tuple[bytes, bytes], ...]:
    return (
        (b"access-control-allow-origin", origin),
        (b"access-control-expose-headers", b"Retry-After"),
        *NO_CORS,
    )


PREFLIGHT: Final = (
    (b"access-control-allow-methods", b"POST, GET, OPTIONS"),
    (b"access-control-allow-headers", b"authorization, content-type, content-encoding, idempotency-key, x-retry-count"),
    (b"access-control-max-age", b"86400"),
)
