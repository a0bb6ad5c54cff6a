"""Speaks ASGI to a collector in this process, without a server."""

import asyncio
import base64
import json
from collections.abc import Coroutine, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar

from vendange.collect.app import Collector
from vendange.collect.rows import Part, Refusal, Row
from vendange.collect.sources import Known, Sources
from vendange.collect.store import Store

Lived = TypeVar("Lived")
KEY = "wk-1"
CLOSED = "wk-closed"
SOURCES = {KEY: Known(1, ()), "wk-one-site": Known(2, ("https://shop.example",))}


@dataclass
class MemoryStore:
    """Keeps what is written; each message id of a source once."""

    rows: dict[tuple[int, str], Row] = field(default_factory=dict)
    refusals: list[Refusal] = field(default_factory=list)
    unavailable: tuple[type[Exception], ...] = (OSError,)

    def open(self) -> None: ...

    def write(self, parts: Sequence[Part]) -> None:
        for part in parts:
            for row in part.rows:
                self.rows.setdefault((row.source, row.message_id), row)
            self.refusals.extend(part.refusals)

    def close(self) -> None: ...


@dataclass(frozen=True)
class Got:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def basic(key: str) -> str:
    return "Basic " + base64.b64encode(f"{key}:".encode()).decode()


async def ask(
    collector: Collector,
    path: str,
    body: bytes | Sequence[bytes] = b"",
    *,
    method: str = "POST",
    key: str = KEY,
    headers: Mapping[str, str] | None = None,
    query: bytes = b"",
) -> Got:
    pieces = [body] if isinstance(body, bytes) else list(body)
    given = {"content-type": "application/json", **({"authorization": basic(key)} if key else {}), **(headers or {})}
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": query,
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in given.items()],
        "client": ("192.0.2.7", 5),
    }
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        if not pieces:
            return {"type": "http.disconnect"}
        piece = pieces.pop(0)
        return {"type": "http.request", "body": piece, "more_body": bool(pieces)}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await collector(scope, receive, send)
    if not sent:
        return Got(0, {}, b"")
    answered = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return Got(sent[0]["status"], answered, sent[1]["body"])


def collector_on(store: Store) -> Collector:
    return Collector(store=store, sources=Sources(lambda: SOURCES))


def once(store: Store, path: str, body: bytes | Sequence[bytes] = b"", **words: Any) -> Got:
    """One request to a collector that lives for it alone."""

    async def story() -> Got:
        collector = collector_on(store)
        try:
            return await ask(collector, path, body, **words)
        finally:
            await collector.stop()

    return lived(story())


def lived(story: Coroutine[Any, Any, Lived]) -> Lived:
    """What a coroutine answers, run in a thread of its own: a browser test may have left a loop in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, story).result()
