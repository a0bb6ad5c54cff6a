"""Collectors and workers as processes of their own, and threads that send to them and note what was acknowledged."""

import base64
import contextlib
import http.client
import json
import os
import signal
import subprocess
import sys
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
    With `form`, the public id of one, the first thread answers it instead, each time as somebody else.
    """

    def __init__(
        self, ports: Sequence[int], key: str, mark: str, *, threads: int = 4, pause: float = 0.004, form: str = ""
    ) -> None:
        self.ports, self.mark, self.pause, self.form = ports, mark, pause, form
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
                if self.form and number == 0:
                    name = f"{self.mark}-{number}-{n}-a{self.mark}x{n}-form"
                    connection.request("POST", f"/v1/forms/{self.form}", filled_in(name), self.headers | address(n))
                else:
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


def filled_in(name: str) -> bytes:
    return json.dumps({"email": f"{name.split('-')[-2]}@atelier.example", "_message_id": name}).encode()


def address(n: int) -> dict[str, str]:
    """Of a sender of their own: one address may not answer so often."""
    return {"x-forwarded-for": f"10.0.{n // 250 % 250}.{n % 250}", "x-forwarded-proto": "https"}


def published_form(environment: Environment) -> str:
    """A form that asks for a quote; its public id. Somebody must have been added."""
    done = subprocess.run([sys.executable, "-c", PUBLISH], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()[-1]


PUBLISH = """
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "vendange.settings"
import django
django.setup()
from datetime import UTC, datetime
from vendange.ask import actions
from vendange.ask.rules import Definition, Question
from vendange.models import User
mail = Question("email", "email", "email", "E-mail", required=True)
asked = Definition(signal="quote_requested", title="Quote", submit="Send", questions=(mail,))
who, now = User.objects.first(), datetime.now(UTC)
form = actions.add_form(name="Quote", definition=asked, by=who, now=now)
actions.publish(form=form, by=who, now=now)
print(form.public_id)
"""


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
