"""The worker's loops: they survive what goes wrong, say it once, and end with the chunk that they are at."""

import json
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import OperationalError, connection

from tests.collect.reading import wait_for
from vendange.work import health, heartbeat
from vendange.work.alone import Alone, held_elsewhere
from vendange.work.loops import LEAST_REST, PAUSE_AFTER_FAULT, Loop

NOW = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)


def test_a_loop_rests_only_when_nothing_waits() -> None:
    turns = iter([True, False])
    loop = Loop("Reading", 5.0, lambda _: next(turns))
    assert (loop.once(), loop.once()) == (0, 5.0)


def test_a_locked_database_never_ends_a_loop(caplog: pytest.LogCaptureFixture) -> None:
    def locked(_: datetime) -> bool:
        raise OperationalError("database is locked")

    loop = Loop("Reading what has come in", 0.2, locked)
    before = loop.last_round
    with caplog.at_level(logging.ERROR):
        assert {loop.once() for _ in range(5)} == {PAUSE_AFTER_FAULT}
    (told,) = caplog.records
    assert "database is locked" in told.getMessage()
    assert "tried again" in told.getMessage()
    assert loop.last_round == before


def test_the_same_fault_is_told_again_after_a_while(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: datetime) -> bool:
        raise ValueError("odd")

    clock = iter([0.0, 0.0, 30.0, 30.0, 90.0, 90.0])  # each turn looks when it begins and when it fails
    monkeypatch.setattr(time, "monotonic", lambda: next(clock))
    loop = Loop("Reading", 0.2, broken)
    for _ in range(3):
        loop.once()
    assert len(caplog.records) == 2


def test_a_loop_ends_after_its_chunk() -> None:
    stop, done = threading.Event(), []

    def chunk(_: datetime) -> bool:
        stop.set()
        done.append("whole")
        return True

    Loop("Reading", 60.0, chunk).run(stop)
    assert done == ["whole"]


@pytest.fixture
def two() -> Iterator[tuple[Alone, Alone]]:
    first, second = Alone(), Alone()
    yield first, second
    first.release()
    second.release()


def test_one_worker_of_a_database_looks_at_the_clock(db: None, two: tuple[Alone, Alone]) -> None:
    first, second = two
    assert first.hold()
    assert first.hold()
    assert not second.hold()
    assert held_elsewhere() is (connection.vendor == "postgresql")
    first.release()
    assert second.hold()


@pytest.fixture
def no_beat() -> Iterator[Path]:
    file = heartbeat.file()
    file.unlink(missing_ok=True)
    yield file
    file.unlink(missing_ok=True)


def test_signs_of_life(db: None, no_beat: Path) -> None:
    assert heartbeat.read() is None
    assert "vendange work" in health._worker(NOW).says
    heartbeat.write({"Reading": NOW}, now=NOW)
    assert health._worker(NOW + timedelta(seconds=5)).ok
    silent = health._worker(NOW + timedelta(seconds=40))
    assert not silent.ok
    assert "40 s" in silent.says
    heartbeat.write({"Reading": NOW}, now=NOW + timedelta(hours=1))
    stuck = health._worker(NOW + timedelta(hours=1))
    assert not stuck.ok
    assert "Reading" in stuck.says


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"at": 5}', '{"at": "x", "process": 1, "loops": {}}'])
def test_an_unreadable_sign_of_life_is_none(no_beat: Path, content: str) -> None:
    no_beat.parent.mkdir(exist_ok=True)
    no_beat.write_text(content)
    assert heartbeat.read() is None


@pytest.fixture
def inbox_migrated(monkeypatch: pytest.MonkeyPatch) -> None:
    """On SQLite the tests make the tables of the inbox directly, without migrations."""
    monkeypatch.setattr(health, "_migrated", {"inbox"} & {settings.INBOX_ALIAS})


def test_readiness(db: None, no_beat: Path, inbox_migrated: None) -> None:
    checks = health.all_checks(writer_alive=True, now=NOW)
    assert {name: one.ok for name, one in checks.items()} == {
        "database": True,
        "migrations": True,
        "inbox": True,
        "writer": True,
        "worker": False,
        "agreement": False,
    }
    ready, told = health.report(checks)
    assert not ready
    assert told["status"] == "not ready"
    assert "vendange work" in told["says"]
    json.dumps(told)


def test_without_agreement_people_can_still_sign_one(db: None, no_beat: Path, inbox_migrated: None) -> None:
    heartbeat.write({}, now=NOW)
    ready, told = health.report(health.all_checks(writer_alive=True, now=NOW))
    assert ready
    assert "agreement" in told["says"]
    assert not health.report(health.all_checks(writer_alive=False, now=NOW))[0]


def test_the_worker_ends_cleanly_when_asked(own_environment: dict[str, str]) -> None:
    vendange = [sys.executable, "-m", "vendange.cli.main"]
    subprocess.run([*vendange, "migrate"], env=own_environment, check=True, capture_output=True)
    worker = subprocess.Popen([*vendange, "work"], env=own_environment, stderr=subprocess.PIPE)
    beat = Path(own_environment["VENDANGE_HOME"], "worker.json")
    try:
        wait_for(lambda: beat.exists() or worker.poll() is not None, seconds=30)
        time.sleep(1)
        os.kill(worker.pid, signal.SIGTERM)
        _, said = worker.communicate(timeout=20)
    finally:
        worker.kill()
    assert (worker.returncode, said.decode()) == (0, "")
    assert beat.parent != settings.HOME


def test_a_loop_for_which_nobody_waits_rests_as_long_as_it_worked(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, 0.02, 10.0, 12.5])
    monkeypatch.setattr("vendange.work.loops.time.monotonic", lambda: next(clock))
    loop = Loop("Writing down", 60.0, lambda _: True, gives_way=True)
    assert loop.once() == LEAST_REST
    assert loop.once() == 2.5
