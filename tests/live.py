"""The real process, as somebody who installed it would start it: for tests that talk to it over the wire."""

import contextlib
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

VENDANGE = Path(sys.executable).with_name("vendange")
READY_WITHIN = 60  # seconds


class NotReady(Exception):
    """`vendange up` ended or did not answer; the message holds what it said."""


@dataclass(frozen=True, slots=True)
class Live:
    """A running Vendange, started empty. Fill it by `command(...)`: `demo`, `user add`, `import`."""

    url: str
    environment: dict[str, str]

    def command(self, *words: str) -> str:
        """What `vendange WORDS` prints for this installation; a failure shows all it said."""
        done = subprocess.run([VENDANGE, *words], env=self.environment, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, f"vendange {' '.join(words)}: {done.stdout}{done.stderr}"
        return done.stdout


@contextlib.contextmanager
def running(environment: dict[str, str]) -> Iterator[Live]:
    """`vendange up --empty` on a free port, with the VENDANGE_HOME of `environment`, until the block ends."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    environment = {**environment, "VENDANGE_BASE_URL": url}
    log = Path(environment["VENDANGE_HOME"]) / "server.log"
    command = [str(VENDANGE), "up", "--port", str(port), "--empty"]
    with log.open("wb") as output:
        server = subprocess.Popen(command, env=environment, stdout=output, stderr=output)
        try:
            wait_until_ready(url, server, log)
            yield Live(url=url, environment=environment)
        finally:
            stop(server)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_ready(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    give_up = time.monotonic() + READY_WITHIN
    while time.monotonic() < give_up and server.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/readyz", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise NotReady(f"`vendange up` did not answer at {url}. It said:\n{log.read_text()[-4000:]}")


def stop(server: subprocess.Popen[bytes]) -> None:
    server.terminate()
    try:
        server.wait(timeout=20)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
