"""At most one worker of a database looks at the clock: an advisory lock on PostgreSQL, a locked file on SQLite."""

import contextlib
from pathlib import Path
from typing import IO, Any, Final

import psycopg
from django.conf import settings
from django.db import connection

from vendange.collect.store import PostgresqlStore, store_of

try:
    import fcntl
except ImportError:  # Windows: one machine, one worker, started by hand
    fcntl = None  # type: ignore[assignment]

LOCK: Final = 7_236_174_011  # any number, the same for every worker of Vendange


def held_elsewhere() -> bool:
    """Whether some worker of this PostgreSQL database holds the lock. On SQLite all workers are on this machine."""
    if connection.vendor != "postgresql":
        return False
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            " AND (classid::bigint << 32) | objid::bigint = %s",
            [LOCK],
        )
        return cursor.fetchone() is not None


def is_running() -> bool:
    """Whether a worker of this SQLite home runs on this machine."""
    if connection.vendor == "postgresql" or not Path(settings.HOME).exists():
        return False
    one = Alone()
    free = one.hold()
    one.release()
    return not free


class Alone:
    """`hold` says whether this process is the one; it asks again each time until it is."""

    def __init__(self) -> None:
        self.file: IO[str] | None = None
        self.held: psycopg.Connection[tuple[Any, ...]] | None = None

    def hold(self) -> bool:
        store = store_of(settings.DATABASES["default"])
        return self._hold_on_server(store.options) if isinstance(store, PostgresqlStore) else self._hold_file()

    def _hold_file(self) -> bool:
        if self.file is not None or fcntl is None:
            return True
        file = (Path(settings.HOME) / "worker.lock").open("w")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.close()
            return False
        self.file = file
        return True

    def _hold_on_server(self, options: dict[str, Any]) -> bool:
        """The lock lives as long as its connection, so a worker that dies frees it."""
        if self.held is not None and self._answers(self.held):
            return True
        self.release()
        held = psycopg.connect(**options, autocommit=True, application_name="vendange work")
        row = held.execute("SELECT pg_try_advisory_lock(%s)", [LOCK]).fetchone()
        if row != (True,):
            held.close()
            return False
        self.held = held
        return True

    @staticmethod
    def _answers(connection: psycopg.Connection[tuple[Any, ...]]) -> bool:
        try:
            connection.execute("SELECT 1")
        except psycopg.Error:
            return False
        return True

    def release(self) -> None:
        if self.file is not None:
            self.file.close()
        if self.held is not None:
            with contextlib.suppress(psycopg.Error):
                self.held.close()
        self.file = self.held = None
