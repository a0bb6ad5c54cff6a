"""Collectors and workers as processes of their own, and threads that send to them and note what was acknowledged."""

import base64
import contextlib
import http.client
import json
import os
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path

from tests.live import VENDANGE

Environment = dict[str, str]


class Senders:
    """Threads that send single events one after the other, to the ports in turn, and note those acknowledged.

    Each is of one of 200 people; one in ten asks for a quote. The message id tells both: MARK-THREAD-N-uPERSON-KIND.
    """

    def __init__(self, ports: Sequence[int], key: str, mark: str, *, threads: int = 4, pause: float = 0.004) -> None:
        self.ports, self.mark, self.pause = ports, mark, pause
        self.headers = {
            "authorization": "Basic " + base64.b64encode(f"{key}:".encode()).decode(),
            "content-type": "application/json",
        }
        self.acknowledged: list[str] = []
        self.done = threading.Event()
        self.threads = [threading.Thread(target=self._send, args=(n,)) for n in range(threads)]
        for thread in self.threads:
            thread.start()

    def _send(self, number: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.ports[number % len(self.ports)], timeout=10)
        try:
            for n in range(100_000):
                if self.done.wait(self.pause):
                    return
                name = named(f"{self.mark}-{number}", n)
                connection.request("POST", "/v1/track", event(name), self.headers)
                answer = connection.getresponse()
                answer.read()
                if answer.status == 200:
                    self.acknowledged.append(name)
        except (OSError, http.client.HTTPException):
            pass  # the server has been killed, as meant
        finally:
            connection.close()

    def join(self) -> list[str]:
        self.done.set()
        for thread in self.threads:
            thread.join(30)
        return self.acknowledged


def named(mark: str, n: int) -> str:
    return f"{mark}-{n}-u{n % 200}-{'quote' if n % 10 == 0 else 'page'}"


def event(name: str) -> bytes:
    person, kind = name.split("-")[-2:]
    told = "Quote Requested" if kind == "quote" else "Page Viewed"
    return json.dumps({"event": told, "userId": person, "messageId": name}).encode()


def source_key(environment: Environment) -> str:
    """Makes the tables and a source; its write key."""
    said(environment, "migrate")
    key: str = json.loads(said(environment, "source", "add", "web", "--json"))["write_key"]
    return key


def said(environment: Environment, *words: str, given: str = "") -> str:
    done = subprocess.run([VENDANGE, *words], env=environment, capture_output=True, text=True, input=given)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def worker(environment: Environment) -> "subprocess.Popen[bytes]":
    return _begun(environment, "work")


def collector(environment: Environment, port: int) -> "subprocess.Popen[bytes]":
    """Running when this returns."""
    server = _begun(environment, "collect", "--port", str(port))
    end = time.monotonic() + 60
    while time.monotonic() < end and server.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/v1/projects/x/settings", timeout=2):
                pass
        except urllib.error.HTTPError:
            return server  # 401: it answers
        except OSError:
            time.sleep(0.05)
    raise AssertionError(Path(environment["VENDANGE_HOME"], "collect.log").read_text())


def _begun(environment: Environment, *words: str) -> "subprocess.Popen[bytes]":
    with Path(environment["VENDANGE_HOME"], f"{words[0]}.log").open("ab") as log:
        return subprocess.Popen([VENDANGE, *words], env=environment, stdout=log, stderr=log, start_new_session=True)


def kill(process: "subprocess.Popen[bytes]", how: signal.Signals = signal.SIGKILL) -> None:
    """With all its children, without warning unless `how` says otherwise."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, how)
    process.wait(60)
