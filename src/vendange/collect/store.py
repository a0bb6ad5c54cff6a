"""Where the writer puts events: the inbox, through a connection of its own that waits for the disk."""

import sqlite3
from collections.abc import Sequence
from typing import Any, Final, Protocol

import psycopg

from vendange.collect.rows import Part

SQLITE_ROWS: Final = (
    "INSERT OR IGNORE INTO vendange_inboxevent"
    " (source, message_id, kind, received_at, sent_at, ip, user_agent, payload, hints) VALUES (?,?,?,?,?,?,?,?,?)"
)
SQLITE_REFUSED: Final = (
    "INSERT INTO vendange_refusedevent (source, message_id, reason, detail, received_at, payload) VALUES (?,?,?,?,?,?)"
)
# Binary arrays: one statement for any number of rows, and four times faster than arrays in text form.
POSTGRESQL_ROWS: Final = (
    "INSERT INTO vendange_inboxevent (source, message_id, kind, received_at, sent_at, ip, user_agent, payload, hints)"
    " SELECT * FROM unnest(%b::bigint[], %b::text[], %b::text[], %b::bigint[],"
    " %b::text[], %b::text[], %b::text[], %b::bytea[], %b::text[]) ON CONFLICT DO NOTHING"
)
POSTGRESQL_REFUSED: Final = (
    "INSERT INTO vendange_refusedevent (source, message_id, reason, detail, received_at, payload)"
    " SELECT * FROM unnest(%b::bigint[], %b::text[], %b::text[], %b::text[], %b::bigint[], %b::bytea[])"
)


class Store(Protocol):
    """One connection to the inbox, used by one thread."""

    # The database as a whole cannot take anything now (locked, full, gone): no event is to blame.
    unavailable: tuple[type[Exception], ...]

    def open(self) -> None: ...
    def write(self, parts: Sequence[Part]) -> None:
        """All parts in one transaction; returns after the commit."""

    def close(self) -> None: ...


class SqliteStore:
    """A SQLite file. synchronous=FULL: the answer is given only when the disk has it."""

    unavailable: tuple[type[Exception], ...] = (sqlite3.OperationalError, sqlite3.InternalError)

    def __init__(self, path: str, *, uri: bool = False) -> None:
        self.path, self.uri = path, uri
        self.connection: sqlite3.Connection | None = None

    def open(self) -> None:
        self.connection = sqlite3.connect(
            self.path, timeout=20, isolation_level=None, uri=self.uri, check_same_thread=False
        )
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "wal_autocheckpoint=4000"):
            self.connection.execute(f"PRAGMA {pragma}")

    def write(self, parts: Sequence[Part]) -> None:
        if self.connection is None:
            self.open()
        assert self.connection is not None  # noqa: S101 - for the type checker: open() has just set it
        rows = [row.columns() for part in parts for row in part.rows]
        refusals = [one.columns() for part in parts for one in part.refusals]
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            if rows:
                self.connection.executemany(SQLITE_ROWS, rows)
            if refusals:
                self.connection.executemany(SQLITE_REFUSED, refusals)
            self.connection.execute("COMMIT")
        except BaseException:
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK")
            raise

    def close(self) -> None:
        if self.connection is not None:
            self.connection.close()
        self.connection = None


class PostgresqlStore:
    """A PostgreSQL database. A role or a server that does not wait for its disk is told to, here."""

    unavailable: tuple[type[Exception], ...] = (psycopg.OperationalError, psycopg.InterfaceError)

    def __init__(self, options: dict[str, Any]) -> None:
        self.options = options
        self.connection: psycopg.Connection[tuple[Any, ...]] | None = None

    def open(self) -> None:
        self.connection = psycopg.connect(**self.options, autocommit=True, application_name="vendange collect")
        waits = self.connection.execute("SELECT current_setting('synchronous_commit')").fetchone()
        if waits == ("off",):
            self.connection.execute("SET synchronous_commit = on")

    def write(self, parts: Sequence[Part]) -> None:
        if self.connection is None or self.connection.closed:
            self.open()
        assert self.connection is not None  # noqa: S101 - for the type checker: open() has just set it
        rows = [row.columns() for part in parts for row in part.rows]
        refusals = [one.columns() for part in parts for one in part.refusals]
        with self.connection.transaction(), self.connection.cursor() as cursor:
            if rows:
                cursor.execute(POSTGRESQL_ROWS, [list(column) for column in zip(*rows, strict=True)])
            if refusals:
                cursor.execute(POSTGRESQL_REFUSED, [list(column) for column in zip(*refusals, strict=True)])

    def close(self) -> None:
        if self.connection is not None:
            self.connection.close()
        self.connection = None


def store_of(settings: dict[str, Any]) -> Store:
    """The store of a Django database, from its settings."""
    name = str(settings["NAME"])
    if settings["ENGINE"].endswith("sqlite3"):
        return SqliteStore(name, uri=name.startswith("file:"))
    options = {name: value for name, value in settings.get("OPTIONS", {}).items() if name not in DJANGO_OPTIONS}
    named = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD", "dbname": "NAME"}
    return PostgresqlStore(
        {**options, **{ours: settings[theirs] for ours, theirs in named.items() if settings[theirs]}}
    )


DJANGO_OPTIONS: Final = {"pool", "isolation_level", "assume_role", "server_side_binding"}
