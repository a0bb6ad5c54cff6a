"""An empty inbox for a bench, and what its database takes at most: one writer, the same rows, no HTTP."""

import os
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, Final

import psycopg

INTO_SQLITE: Final = (
    "INSERT OR IGNORE INTO vendange_inboxevent"
    " (source, message_id, kind, received_at, sent_at, ip, user_agent, payload) VALUES (?,?,?,?,?,?,?,?)"
)
INTO_POSTGRESQL: Final = (
    "INSERT INTO vendange_inboxevent (source, message_id, kind, received_at, sent_at, ip, user_agent, payload)"
    " SELECT * FROM unnest(%b::bigint[], %b::text[], %b::text[], %b::bigint[], %b::text[], %b::text[], %b::text[],"
    " %b::bytea[]) ON CONFLICT DO NOTHING"
)
COLLECTED: Final = "SELECT count(*) FROM vendange_inboxevent WHERE source < 1000000"
NOBODYS: Final = 1_000_000  # number of a source that does not exist: rows of the limit
Row = tuple[int, str, str, int, str, str, str, bytes]


@dataclass(frozen=True, slots=True)
class Inbox:
    """Where it is: a home with SQLite files, or an address. `key`: the write key of its only source."""

    home: Path
    url: str = ""
    key: str = ""

    @property
    def file(self) -> Path:
        return self.home / "inbox.sqlite3"

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "VENDANGE_HOME": str(self.home), "DATABASE_URL": self.url}


def prepare(home: Path, url: str) -> Inbox:
    """Make the tables and one source, in a process of its own."""
    home.mkdir(parents=True, exist_ok=True)
    os.environ.update(VENDANGE_HOME=str(home), DATABASE_URL=url, DJANGO_SETTINGS_MODULE="vendange.settings")
    import django

    django.setup()
    from django.core.management import call_command

    from vendange.models import Source

    call_command("migrate", verbosity=0, interactive=False)
    if not url:
        call_command("migrate", "vendange", database="inbox", verbosity=0, interactive=False)
    made, _ = Source.objects.get_or_create(
        name="bench", defaults={"kind": "segment", "write_key": "bench-key", "created_at": datetime.now(UTC)}
    )
    return Inbox(home, url, str(made.write_key))


def count(inbox: Inbox) -> int:
    """Events that the collector has stored."""
    if inbox.url:
        with psycopg.connect(inbox.url) as server:
            row = server.execute(COLLECTED).fetchone()
    else:
        with sqlite3.connect(inbox.file) as file:
            row = file.execute(COLLECTED).fetchone()
    return int(row[0]) if row else 0


def limit(inbox: Inbox, payloads: Sequence[bytes], together: int, seconds: float) -> float:
    """Rows a second of one writer that waits for the disk after each so many rows."""
    return _rate(_into_postgresql(inbox) if inbox.url else _into_sqlite(inbox), _rows(payloads), together, seconds)


def _rate(write: Callable[[Sequence[Row]], None], rows: Iterator[Row], together: int, seconds: float) -> float:
    begun, written = time.perf_counter(), 0
    while group := list(islice(rows, together)):
        write(group)
        written += len(group)
        if time.perf_counter() - begun >= seconds:
            break
    return written / (time.perf_counter() - begun)


def _rows(payloads: Sequence[bytes]) -> Iterator[Row]:
    """The same events for ever, each under a name of its own."""
    mark = time.time_ns()
    number = 0
    while True:
        for payload in payloads:
            number += 1
            yield (NOBODYS, f"{mark}-{number}", "track", mark // 1000, "", "127.0.0.1", "bench", payload)


def _into_sqlite(inbox: Inbox) -> Callable[[Sequence[Row]], None]:
    """A copy of the file: the collector keeps its own."""
    beside = inbox.home / "limit.sqlite3"
    if not beside.exists():
        with sqlite3.connect(inbox.file) as file:
            file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        shutil.copy(inbox.file, beside)
    connection = sqlite3.connect(beside, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "wal_autocheckpoint=4000"):
        connection.execute(f"PRAGMA {pragma}")

    def write(rows: Sequence[Row]) -> None:
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(INTO_SQLITE, rows)
        connection.execute("COMMIT")

    return write


def _into_postgresql(inbox: Inbox) -> Callable[[Sequence[Row]], None]:
    connection: psycopg.Connection[Any] = psycopg.connect(inbox.url, autocommit=True)

    def write(rows: Sequence[Row]) -> None:
        connection.execute(INTO_POSTGRESQL, [list(column) for column in zip(*rows, strict=True)])

    return write
