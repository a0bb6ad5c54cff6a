"""`vendange up`: refuses a busy port first, starts again at once, and ends with its pages, brings its worker back."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.collect.reading import wait_for
from tests.live import VENDANGE, free_port, running, stop, wait_until_ready
from vendange.cli import up
from vendange.cli.saying import Failed

SECOND_START = 30.0  # seconds; alone on two cores it takes 3


def test_a_busy_port_is_told_before_anything_is_made(own_environment: dict[str, str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        command = [str(VENDANGE), "up", "--empty", "--port", str(port)]
        done = subprocess.run(command, env=own_environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert f"Port {port}" in done.stderr
    assert f"--port {port + 1}" in done.stderr
    assert list(Path(own_environment["VENDANGE_HOME"]).iterdir()) == []


def fetched(url: str) -> bytes:
    """The body of a page that must be there; a failure shows what was answered instead."""
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:
            return bytes(answer.read())
    except urllib.error.HTTPError as error:
        raise AssertionError(f"{url}: {error.code} {error.read()[:2000]!r}") from None


def test_pages_health_and_collector_answer_on_one_port(own_environment: dict[str, str]) -> None:
    with running(own_environment) as live:
        assert json.loads(fetched(f"{live.url}/healthz"))["status"] == "ok"
        told = json.loads(fetched(f"{live.url}/readyz"))
        assert told["status"] == "ready"
        assert told["checks"]["worker"]["age_seconds"] < 30
        assert b"<html" in fetched(f"{live.url}/accounts/login/")
        log = Path(live.environment["VENDANGE_HOME"], "server.log")
        wait_for(lambda: "vendange user add" in log.read_text(), seconds=10)

    began = time.monotonic()
    with running(own_environment):
        assert time.monotonic() - began < SECOND_START


def test_a_worker_that_is_killed_starts_again_and_the_pages_stay(own_environment: dict[str, str]) -> None:
    port = free_port()
    home = Path(own_environment["VENDANGE_HOME"])
    log = home / "server.log"
    with log.open("wb") as output:
        command = [str(VENDANGE), "up", "--empty", "--port", str(port)]
        server = subprocess.Popen(command, env=own_environment, stdout=output, stderr=output)
    try:
        wait_until_ready(f"http://127.0.0.1:{port}", server, log)
        first = json.loads((home / "worker.json").read_text())["process"]
        os.kill(first, signal.SIGKILL)
        wait_for(
            lambda: "The worker has stopped by itself (exit code -9). It starts again" in log.read_text(), seconds=10
        )
        assert b"ok" in fetched(f"http://127.0.0.1:{port}/healthz")
        wait_for(lambda: json.loads((home / "worker.json").read_text())["process"] != first, seconds=30)
        assert server.poll() is None
    finally:
        stop(server)


def test_what_dies_again_and_again_stops_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(up, "PAUSES", (0.0,) * 4)
    stays = [sys.executable, "-c", "import time; time.sleep(60)"]
    children = up.Children(
        [("web", stays), ("worker", [sys.executable, "-c", "raise SystemExit(3)"])], again=("worker",)
    )
    kept = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        with pytest.raises(Failed, match="5 times within 60 s"):
            children.run(lambda: None)
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)
    assert children.running["web"].poll() is not None


def test_everything_stops_loudly_when_the_pages_die() -> None:
    children = up.Children([("web", [sys.executable, "-c", "raise SystemExit(2)"])], again=("worker",))
    kept = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        with pytest.raises(Failed, match="The web has stopped by itself"):
            children.run(lambda: None)
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)
