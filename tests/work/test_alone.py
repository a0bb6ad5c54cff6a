"""Two of us on one SQLite home would write past each other: a worker that runs is seen by the commands."""

import pytest
from django.db import connection

from vendange.cli.main import _database_remedy
from vendange.work.alone import Alone, is_running


@pytest.mark.skipif(connection.vendor != "sqlite", reason="on PostgreSQL the server holds the lock, and many may run")
def test_a_worker_that_runs_is_seen_until_it_ends() -> None:
    worker = Alone()
    assert worker.hold()
    assert is_running()
    worker.release()
    assert not is_running()


@pytest.mark.parametrize("words", ["database or disk is full", "disk I/O error", "No space left on device"])
def test_a_disk_that_is_full_has_a_sentence(words: str) -> None:
    assert "make room and try again" in _database_remedy(words)
