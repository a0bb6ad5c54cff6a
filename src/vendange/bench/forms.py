"""The bench of public doors: page views of strangers, and answers to a form until the last one is on the desk."""

import json
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import psycopg

from vendange.bench import inbox, load
from vendange.bench.clock import alone
from vendange.bench.desk import standing
from vendange.bench.ingest import payload
from vendange.bench.load import Load
from vendange.bench.relay import KEY, Command, NotRunning, Relay, Running, running
from vendange.bench.result import Result
from vendange.bench.server import Server
from vendange.bench.size import Size

CLIENTS: Final = 4
WARM: Final = 300  # answers before those that count
FORMS: Final = 200.0  # leads a second, the target; peers reach 7.4 and 9.9
HITS: Final = 32.0  # a second: the best of peers
LONG: Final = 600.0  # seconds that no load takes
GIVE_UP: Final = 300.0  # seconds without progress
REVIEWS: Final = "SELECT count(*) FROM vendange_review"
WAITING: Final = "SELECT count(*) FROM vendange_inboxevent WHERE NOT handled"
TOUCHED: Final = "SELECT count(*) FROM vendange_touched"


@dataclass(frozen=True, slots=True)
class Ask:
    """So many answers and page views are sent, with so many people stored."""

    size: Size
    count: int
    command: Command


@dataclass(frozen=True, slots=True)
class Through:
    """`load`: what was answered; `seconds`: from the first post until the last one was done with; `cpu` of all."""

    load: Load
    seconds: float
    cpu: dict[str, float]


def bench_forms(home: Path, ask: Ask, *, embedded: bool) -> list[Result]:
    """On SQLite, and on an embedded PostgreSQL that waits for its disk. Nothing but the history is kept."""
    results: list[Result] = []
    for name, server, relay in standing(home, ask.size, embedded=embedded):
        with running(relay, ask.command) as up:
            found = _found(relay, up, server, ask.count)
        payloads = [payload("limit", n) for n in range(1_000)]
        limit = alone(inbox.limit, relay.inbox, payloads, 1, 3.0)  # the collector is gone: nobody takes these rows in
        results += _results(name, found, limit, ask)
    return results


def _found(relay: Relay, up: Running, server: Server | None, count: int) -> dict[str, Through]:
    desk, doors = _Watch(relay, up, server), _Requests(relay, up.port)
    desk.through(doors.answers("warm", WARM), CLIENTS, desk.leads)
    return {
        "hits, 1 client": desk.through(doors.hits("one", count), 1, desk.idle),
        f"hits, {CLIENTS} clients": desk.through(doors.hits("four", count), CLIENTS, desk.idle),
        f"form to lead, {CLIENTS} clients": desk.through(doors.answers("form", count), CLIENTS, desk.leads),
    }


class _Requests:
    def __init__(self, relay: Relay, port: int) -> None:
        self.relay, self.port = relay, port

    def answers(self, mark: str, count: int) -> list[bytes]:
        """Each of somebody new, from an address of their own."""
        path = f"/v1/forms/{self.relay.form}"
        return [self.posted(path, number, answer(f"{mark}{number}", number)) for number in range(count)]

    def hits(self, mark: str, count: int) -> list[bytes]:
        return [self.posted("/v1/page", number, hit(f"{mark}{number}", number)) for number in range(count)]

    def posted(self, path: str, number: int, said: dict[str, Any]) -> bytes:
        body = json.dumps(said).encode()
        address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nContent-Type: application/json\r\n"
        head += f"X-Forwarded-For: {address}\r\nX-Forwarded-Proto: https\r\nContent-Length: {len(body)}\r\n\r\n"
        return head.encode() + body


def answer(name: str, number: int) -> dict[str, Any]:
    mail, company = f"{name}@acheteur-{number % 50}.example", f"Acheteur {number % 50}"
    said = {"first_name": "Bench", "last_name": f"Demandeur-{name}", "country": "FR", "job_title": "Acheteuse"}
    return {"email": mail, "organisation": company, **said, "_message_id": name}


def hit(name: str, number: int) -> dict[str, Any]:
    """A page with its title, language and campaign, seen by a stranger: as the peers were measured."""
    return {
        "writeKey": KEY,
        "anonymousId": f"hit-{name}",
        "messageId": f"hit-{name}",
        "properties": {"path": f"/machines/{number % 40}", "title": "Machine"},
        "context": {"locale": "fr-FR", "mode": "lead", "page": {"search": "?utm_source=lettre&utm_campaign=mai"}},
    }


class _Watch:
    """Looks into the tables how far the worker is."""

    def __init__(self, relay: Relay, up: Running, server: Server | None) -> None:
        self.relay, self.up, self.server = relay, up, server

    def through(self, requests: Sequence[bytes], clients: int, left: Callable[[int], int]) -> Through:
        """Send all of these, and wait until nothing is `left` of them. NotRunning when it stands still."""
        wanted, before = self.reviews() + len(requests), self.cpu()
        begun = time.monotonic()
        found = load.send(self.up.port, requests, clients, LONG)
        least, moved = wanted, time.monotonic()
        while rest := left(wanted):
            if self.up.process.poll() is not None or time.monotonic() - moved > GIVE_UP:
                raise NotRunning(f"Vendange stands still: {rest} answers of {len(requests)} are not on the desk.")
            least, moved = (rest, time.monotonic()) if rest < least else (least, moved)
            time.sleep(0.1)
        took, after = time.monotonic() - begun, self.cpu()
        return Through(found, took, {part: round(after[part] - before[part], 2) for part in after})

    def leads(self, wanted: int) -> int:
        return wanted - self.reviews()

    def idle(self, wanted: int) -> int:  # noqa: ARG002 - page views open no leads
        return self.number(WAITING, "inbox") + self.number(TOUCHED, "vendange")

    def reviews(self) -> int:
        return self.number(REVIEWS, "vendange")

    def number(self, sql: str, file: str) -> int:
        if self.relay.url:
            with psycopg.connect(self.relay.url) as server:
                row = server.execute(sql.encode()).fetchone()
        else:
            with closing(sqlite3.connect(self.relay.home / f"{file}.sqlite3", timeout=30)) as opened:
                row = opened.execute(sql).fetchone()
        return int(row[0]) if row else 0

    def cpu(self) -> dict[str, float]:
        found = {"vendange": self.up.cpu(), "postgresql": self.server.cpu() if self.server else None}
        return {name: value for name, value in found.items() if value is not None}


def _results(name: str, found: dict[str, Through], limit: float, ask: Ask) -> Iterator[Result]:
    for what, one in found.items():
        forms = what.startswith("form")
        sent = one.load.answered
        details = {
            "target_of": "ours",
            "at_least": True,
            "people": ask.size.people,
            "sent": sent,
            "answered_per_s": round(sent / one.load.seconds, 1),
            "done_with_per_s": round(sent / one.seconds, 1),
            "until_the_last_is_done_with_s": round(one.seconds, 2),
            "answer_p50_ms": round(one.load.slowest(0.5), 2),
            "answer_p99_ms": round(one.load.slowest(0.99), 2),
            "cpu_s": one.cpu,
            "cpu_ms_each": round(1000 * sum(one.cpu.values()) / sent, 3),
            "limit_is": "one writer without HTTP, rows of the inbox alone, a commit for each, same run",
        }
        ours = sent / (one.seconds if forms else one.load.seconds)
        yield Result(f"{what}, {name}", "/s", ours, limit, FORMS if forms else HITS, details)
