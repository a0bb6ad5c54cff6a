"""The bench of the relay: a quote request is posted while others act; when does it stand on the page of the desk?"""

import http.client
import json
import re
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any, Final

from vendange.bench.clock import alone
from vendange.bench.database import Place
from vendange.bench.past import laid_down
from vendange.bench.relay import KEY, Command, NotRunning, Relay, Running, prepare, running
from vendange.bench.result import Result
from vendange.bench.server import Server, postgresql
from vendange.bench.size import Size

RATE: Final = 200  # events a second
LINES: Final = 10  # connections of the sender
MOST: Final = 90  # quote requests of a run: the page of the desk shows 100 leads
WITHIN: Final = 2.0  # seconds
LOOK_EVERY: Final = 0.4  # seconds between two looks at the page: showing it costs more than what is measured
GIVE_UP: Final = 120.0  # seconds after the last event
NAME: Final = re.compile(r"Demandeur-(\d{5})")
WARM: Final = range(90_000, 90_003)  # quote requests before those that count
NEW: Final = 10  # one visitor in so many has never been seen


@dataclass(frozen=True, slots=True)
class Ask:
    """What is measured: so many seconds, with so many people stored."""

    size: Size
    seconds: float
    command: Command


@dataclass(slots=True)
class Sent:
    """When each quote request was posted, how many events were answered 200, and how late the latest one went out."""

    posted: dict[int, float] = field(default_factory=dict)
    answered: int = 0
    refused: int = 0
    late: float = 0.0


def bench_desk(home: Path, ask: Ask, *, embedded: bool) -> list[Result]:
    """On SQLite, and on an embedded PostgreSQL that waits for its disk. Nothing but the history is kept."""
    results: list[Result] = []
    for name, server, relay in standing(home, ask.size, embedded=embedded):
        with running(relay, ask.command) as up:
            results += _measured(name, server, relay, up, ask)
    return results


def standing(home: Path, size: Size, *, embedded: bool) -> Iterator[tuple[str, Server | None, Relay]]:
    """A filled company on each database, one after the other; taken away when its turn is over."""
    history = alone(laid_down, size, home)
    with _folder(home) as folder:
        yield "SQLite", None, alone(prepare, Place(size, history, folder / "sqlite"))
    if embedded:
        with _folder(home) as folder, postgresql(folder / "postgresql", durable=True) as server:
            yield "PostgreSQL", server, alone(prepare, Place(size, history, folder / "home", server.url))


@contextmanager
def _folder(home: Path) -> Iterator[Path]:
    home.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="relay-", dir=home))
    folder.chmod(0o755)  # the user of PostgreSQL may be another one than ours
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _measured(name: str, server: Server | None, relay: Relay, up: Running, ask: Ask) -> Iterator[Result]:
    page = Page(up.port, relay.session)
    warm = Sent()
    for number in WARM:
        _post(up.port, quote(number), number, warm)
    watch(page, warm.posted, set(WARM), up)
    idle = median(page.timed() for _ in range(20))
    before = _spent(up, server)
    sent, seen = _run(page, up, relay, ask.seconds)
    after = _spent(up, server)
    waits = sorted(seen[number] - at for number, at in sent.posted.items() if number in seen)
    lost = len(sent.posted) - len(waits)
    details = {
        "target_of": "ours",
        "people": relay.people,
        "signals": ask.size.signals,
        "seconds": ask.seconds,
        "events": sent.answered,
        "refused": sent.refused,
        "latest_sent_s": round(sent.late, 3),
        "quote_requests": len(sent.posted),
        "not_seen": lost,
        "p50_s": round(_at(waits, 0.5), 3),
        "slowest_s": round(waits[-1], 3) if waits else None,
        "limit_is": "the page of the desk, fetched when nothing comes in (median)",
        "cpu_s": {part: round(after[part] - before[part], 2) for part in after},
    }
    yield Result(f"signal to desk {name}, p99", "s", _at(waits, 0.99) if not lost else GIVE_UP, idle, WITHIN, details)


def _at(ordered: Sequence[float], share: float) -> float:
    """The wait that so large a share stays under."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else GIVE_UP


def _spent(up: Running, server: Server | None) -> dict[str, float]:
    found = {"vendange": up.cpu(), "postgresql": server.cpu() if server else None}
    return {name: value for name, value in found.items() if value is not None}


def _run(page: "Page", up: Running, relay: Relay, seconds: float) -> tuple[Sent, Mapping[int, float]]:
    """Post for so long and look at the page meanwhile, until the last one is seen."""
    count = int(RATE * seconds)
    quotes = {count * place // MOST + 7 for place in range(MOST)} if count > 20 * MOST else set(range(5, count, 40))
    sent, begun = Sent(), time.monotonic() + 0.2
    threads = [
        threading.Thread(target=_send, args=(up.port, relay, range(line, count, LINES), quotes, begun, sent))
        for line in range(LINES)
    ]
    for thread in threads:
        thread.start()
    seen = watch(page, sent.posted, quotes & set(range(count)), up)
    for thread in threads:
        thread.join()
    return sent, seen


def watch(page: "Page", posted: Mapping[int, float], wanted: set[int], up: Running) -> dict[int, float]:
    """When each was first seen on the page; ends when all are, or nothing has been seen for too long."""
    seen: dict[int, float] = {}
    last = time.monotonic()
    while wanted - seen.keys() and time.monotonic() - last < GIVE_UP:
        if up.process.poll() is not None:
            raise NotRunning("Vendange stopped while it was measured.")
        shown, at = page.names(), time.monotonic()
        fresh = (shown & wanted) - seen.keys()
        seen |= dict.fromkeys(fresh, at)
        last = at if fresh or len(seen) == len(posted) else last
        time.sleep(LOOK_EVERY)
    return seen


class Page:
    """The desk as a colleague's browser asks for it."""

    def __init__(self, port: int, session: str) -> None:
        self.line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.session = session

    def names(self) -> set[int]:
        self.line.request("GET", "/desk/", headers={"Cookie": self.session})
        answer = self.line.getresponse()
        text = answer.read().decode()
        if answer.status != 200:
            raise NotRunning(f"The desk answered {answer.status}.")
        return {int(number) for number in NAME.findall(text)}

    def timed(self) -> float:
        begun = time.monotonic()
        self.names()
        return time.monotonic() - begun


def _send(port: int, relay: Relay, numbers: range, quotes: set[int], begun: float, sent: Sent) -> None:
    """Each event at its time, whether or not the one before was quick."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    for number in numbers:
        due = begun + number / RATE
        time.sleep(max(0.0, due - time.monotonic()))
        sent.late = max(sent.late, time.monotonic() - due)
        if number in quotes:
            _post(port, quote(number), number, sent, line)
        else:
            _post(port, view(number, relay.people), None, sent, line)
    line.close()


def _post(
    port: int, event: Mapping[str, Any], quoted: int | None, sent: Sent, line: http.client.HTTPConnection | None = None
) -> None:
    line = line or http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    path, body = f"/v1/{event['type']}", json.dumps({**event, "writeKey": KEY})
    if quoted is not None:
        sent.posted[quoted] = time.monotonic()
    line.request("POST", path, body, {"Content-Type": "application/json"})
    answer = line.getresponse()
    answer.read()
    if answer.status == 200:
        sent.answered += 1
    else:
        sent.refused += 1


def quote(number: int) -> dict[str, Any]:
    """Somebody new asks for a quote."""
    name, mail = f"Demandeur-{number:05}", f"d{number:05}@acheteur-{number % 7}.example"
    return {
        "type": "track",
        "event": "Quote Requested",
        "anonymousId": f"q{number}",
        "messageId": f"quote-{number}",
        "properties": {"email": mail, "last_name": name, "first_name": "Bench", "company": f"Acheteur {number % 7}"},
    }


def view(number: int, people: int) -> dict[str, Any]:
    """A page is shown to somebody stored, spread over all of them; now and then to somebody new."""
    who = f"n{number}" if number % NEW == 0 else f"c{1 + number * 7_919 % people}"
    return {
        "type": "page",
        "anonymousId": who,
        "messageId": f"view-{number}",
        "properties": {"path": f"/machines/{number % 40}", "title": "Machine"},
        "context": {"locale": "fr-FR", "page": {"search": "?utm_campaign=spring"}, "mode": "lead"},
    }
