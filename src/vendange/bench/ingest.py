"""The bench of the collector: events a second that are stored before the answer, beside what one bare writer stores."""

import json
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, Final
from zlib import crc32

from vendange.bench import inbox, load
from vendange.bench.clock import alone
from vendange.bench.inbox import Inbox
from vendange.bench.load import Load
from vendange.bench.result import Result
from vendange.bench.server import postgresql

SINGLE: Final = 32  # connections that send single events
TOGETHER: Final = 8  # connections that send batches
BATCH: Final = 100  # events
SECONDS: Final = 3.0  # of one measure
ROUNDS: Final = 5
MOST: Final = 20_000  # events a second that are at hand for one measure of single ones
P99: Final = 50.0  # milliseconds
READY_WITHIN: Final = 60.0  # seconds
TARGETS: Final = {("SQLite", 1): 1.0, ("SQLite", BATCH): 0.6, ("PostgreSQL", BATCH): 0.6}

Command = Callable[[int], list[str]]  # the collector on this port


class NoCollector(Exception):
    """The collector did not start; the message holds what it said."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One round of one size of request: events a second of ours and of the bare writer, and the slowest answers."""

    ours: float
    limit: float
    p99: float
    acknowledged: int


def bench_ingest(home: Path, command: Command, *, rounds: int, seconds: float, embedded: bool) -> list[Result]:
    """On SQLite, and on an embedded PostgreSQL that waits for its disk. Nothing of it is kept under `home`."""
    home.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="ingest-", dir=home))
    try:
        results = _on(alone(inbox.prepare, folder / "sqlite", ""), "SQLite", command, rounds, seconds)
        if embedded:
            folder.chmod(0o755)  # its user may be another one than ours
            with postgresql(folder / "postgresql", durable=True) as server:
                place = alone(inbox.prepare, folder / "home", server.url)
                results += _on(place, "PostgreSQL", command, rounds, seconds)
        return results
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _on(place: Inbox, name: str, command: Command, rounds: int, seconds: float) -> list[Result]:
    with collecting(place, command) as port:
        warm = alone(sent, place.key, port, 1, "warm", 0.5)
        found: dict[int, list[Measured]] = {1: [], BATCH: []}
        for number in range(rounds):
            for size, each in found.items():
                each.append(_round(place, port, size, f"{size}-{number}", seconds))
        acknowledged = warm.answered + sum(one.acknowledged for each in found.values() for one in each)
        stored = inbox.count(place)
    told = {"rounds": rounds, "seconds": seconds, "acknowledged": acknowledged, "stored": stored}
    return [result for size, each in found.items() for result in _results(name, size, each, told)]


def _round(place: Inbox, port: int, size: int, mark: str, seconds: float) -> Measured:
    """The limit and ours one after the other, so that what else the machine does weighs on both."""
    limit = alone(inbox.limit, place, [payload(mark, n) for n in range(1_000)], size, seconds)
    found = alone(sent, place.key, port, size, mark, seconds)
    return Measured(found.answered * size / found.seconds, limit, found.slowest(0.99), found.answered * size)


def sent(key: str, port: int, size: int, mark: str, seconds: float) -> Load:
    """Made beforehand, so that only sending and hearing is measured."""
    count = int(MOST * seconds) // (1 if size == 1 else BATCH // 4)
    requests = [request(key, port, size, f"{mark}-{n}") for n in range(count)]
    return load.send(port, requests, SINGLE if size == 1 else TOGETHER, seconds)


def request(key: str, port: int, size: int, mark: str) -> bytes:
    if size == 1:
        path, body = "track", payload(mark, 0)[:-1] + f',"writeKey":"{key}"}}'.encode()
    else:
        events = b",".join(payload(mark, n) for n in range(size))
        path, body = "batch", b'{"writeKey":"%b","batch":[%b]}' % (key.encode(), events)
    head = f"POST /v1/{path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def payload(mark: str, number: int) -> bytes:
    """An event as a page sends it, some 400 bytes."""
    event = {
        "type": "track",
        "event": "Content Downloaded",
        "userId": f"person-{crc32(mark.encode()) % 100_000}",
        "messageId": f"{mark}-{number}",
        "timestamp": "2026-03-04T10:00:00.123Z",
        "properties": {"asset": f"guide-{number % 40}", "path": "/guides/five-axis", "value": 4200},
        "context": {"page": {"path": "/guides/five-axis", "search": "?utm_campaign=spring"}, "locale": "fr-FR"},
    }
    return json.dumps(event, separators=(",", ":")).encode()


def _results(name: str, size: int, each: Sequence[Measured], told: dict[str, Any]) -> Iterator[Result]:
    what = f"ingest {'single' if size == 1 else f'by {size}'} {name}"
    connections = SINGLE if size == 1 else TOGETHER
    p99 = round(median(one.p99 for one in each), 1)
    details = {
        **told,
        "connections": connections,
        "target_of": "ratio",
        "at_least": True,
        "limit_is": f"one writer without HTTP, same rows and indexes, a commit for each {size}, same run",
        "p99_ms": p99,
        "each": [[round(one.ours), round(one.limit)] for one in each],
    }
    ours, limit = median(one.ours for one in each), median(one.limit for one in each)
    yield Result(what, "events/s", ours, limit, TARGETS.get((name, size)), details)
    if size == 1:
        promised = P99 if name == "SQLite" else None
        yield Result(
            f"{what}, p99", "ms", p99, None, promised, {**told, "connections": connections, "target_of": "ours"}
        )


@contextmanager
def collecting(place: Inbox, command: Command) -> Iterator[int]:
    """A collector of this inbox in a process of its own; gives its port."""
    port = free_port()
    with (place.home / "collector.log").open("w+") as log:
        server = subprocess.Popen(command(port), env=place.environment, stdout=log, stderr=log)  # noqa: S603 (ours)
        try:
            _wait(port, server, log)
            yield port
        finally:
            server.terminate()
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def _wait(port: int, server: "subprocess.Popen[bytes]", log: Any) -> None:
    end = time.monotonic() + READY_WITHIN
    while time.monotonic() < end and server.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/v1/projects/bench-key/settings", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    log.seek(0)
    raise NoCollector(f"The collector did not start. It said: {log.read()[-1000:].strip() or 'nothing'}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
