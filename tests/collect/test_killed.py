"""The collector is killed without warning, under load: what it acknowledged is there, once."""

import base64
import http.client
import json
import os
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.collect.reading import rows
from tests.conftest import THOROUGH
from tests.live import VENDANGE, free_port

ROUNDS = 50 if THOROUGH else 3
SENDERS = 4


class Senders:
    """Threads that send single events one after the other, and note those that were acknowledged."""

    def __init__(self, port: int, key: str, mark: str) -> None:
        self.port, self.mark = port, mark
        self.headers = {
            "authorization": "Basic " + base64.b64encode(f"{key}:".encode()).decode(),
            "content-type": "application/json",
        }
        self.acknowledged: list[str] = []
        self.threads = [threading.Thread(target=self._send, args=(n,)) for n in range(SENDERS)]
        for thread in self.threads:
            thread.start()

    def _send(self, number: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            for n in range(100_000):
                name = f"{self.mark}-{number}-{n}"
                event = {"event": "Page Read", "userId": "u", "messageId": name}
                connection.request("POST", "/v1/track", json.dumps(event), self.headers)
                answer = connection.getresponse()
                answer.read()
                if answer.status == 200:
                    self.acknowledged.append(name)
        except (OSError, http.client.HTTPException):
            pass  # the server has been killed, as meant
        finally:
            connection.close()

    def join(self) -> list[str]:
        for thread in self.threads:
            thread.join(30)
        return self.acknowledged


def started(environment: dict[str, str], port: int) -> subprocess.Popen[bytes]:
    command = [str(VENDANGE), "collect", "--port", str(port)]
    with Path(environment["VENDANGE_HOME"], "collector.log").open("ab") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)
    end = time.monotonic() + 60
    while time.monotonic() < end and server.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/v1/projects/x/settings", timeout=2):
                pass
        except urllib.error.HTTPError:
            return server  # 401: it answers
        except OSError:
            time.sleep(0.05)
    raise AssertionError(Path(environment["VENDANGE_HOME"], "collector.log").read_text())


@pytest.mark.skipif(os.name != "posix", reason="kill -9 is of POSIX systems")
def test_every_acknowledged_event_survives_kill_9(own_environment: dict[str, str]) -> None:
    run = {"env": own_environment, "check": True, "capture_output": True}
    subprocess.run([VENDANGE, "migrate"], **run)  # type: ignore[call-overload]
    made = subprocess.run([VENDANGE, "source", "add", "web", "--json"], **run)  # type: ignore[call-overload]
    key = json.loads(made.stdout)["write_key"]
    acknowledged: list[str] = []
    for number in range(ROUNDS):
        port = free_port()
        server = started(own_environment, port)
        senders = Senders(port, key, f"round{number}")
        time.sleep(0.3 + 0.37 * (number % 3))
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()
        acknowledged += senders.join()
    stored = [name for (name,) in rows(own_environment, "inbox", "SELECT message_id FROM vendange_inboxevent")]
    assert len(acknowledged) > 10 * ROUNDS
    assert len(stored) == len(set(stored))
    assert set(acknowledged) <= set(stored)
