"""`vendange up`: everything on one machine, from an empty folder to the first page."""

import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import click
from django.conf import settings

from vendange.cli.main import set_up
from vendange.cli.saying import Failed
from vendange.cli.serve import HOST, PAGES, PORT, refuse_busy, server
from vendange.work.alone import is_running

ANSWERS_WITHIN: Final = 60.0  # seconds
ENDS_WITHIN: Final = 20.0  # seconds; the server itself kills its worker after 10
MOST_DEATHS: Final = 5
DEATHS_WITHIN: Final = 60.0  # seconds
PAUSES: Final = (1.0, 2.0, 4.0, 8.0)  # seconds until a part that died starts again, after its first death, its second…
PEOPLE, MONTHS, SEED = 1500, 18, 7


def refuse_twice() -> None:
    """Two workers on one SQLite home would only stand in each other's way."""
    if is_running():
        raise Failed(
            f"Vendange runs on {settings.HOME} already: open its address, or stop it first. "
            "For another company, give another VENDANGE_HOME."
        )


@click.command()
@click.option("--host", default=HOST, show_default=True, help="Address to listen on.")
@click.option("--port", default=PORT, show_default=True, type=click.IntRange(1, 65535), help="Port to listen on.")
@click.option("--empty", is_flag=True, help="Start without the sample company.")
def up(host: str, port: int, empty: bool) -> None:
    """Start everything on this machine: pages, collector, worker."""
    refuse_busy(host, port)
    address = f"http://{'127.0.0.1' if host in ('0.0.0.0', '::') else host}:{port}"  # noqa: S104 - compared only
    os.environ.setdefault("VENDANGE_BASE_URL", address)
    set_up()
    refuse_twice()
    prepare(empty=empty)
    children = Children(
        [("web", server(PAGES, host, port)), ("worker", [sys.executable, "-m", "vendange.cli.main", "work"])],
        again=("worker",),
    )
    children.run(lambda: announce(address, children))


def prepare(*, empty: bool) -> None:
    """Tables, font and sample company: each only when it is missing."""
    from vendange.cli.prepare import migrate_pending
    from vendange.web import static_files

    migrate_pending(click.echo)
    static_files.prepare()
    if not empty:
        build_sample()


def build_sample() -> None:
    """The sample company, in a database that nobody uses yet: all of it, or nothing when it is interrupted."""
    from vendange.admit.queries import users

    if users():
        return
    from vendange.demo import company

    click.echo("Making the sample company ...")
    try:
        company.build(people=PEOPLE, months=MONTHS, seed=SEED, now=datetime.now(UTC), progress=_progress)
    except company.NoExamples as error:
        raise Failed(str(error)) from None
    click.echo("")


def _progress(what: str, share: float) -> None:
    if sys.stdout.isatty():
        click.echo(f"\r  {share:4.0%}  {what:<50.50}", nl=False)


def announce(address: str, children: "Children") -> None:
    """Wait for the first answer, then say where to go and how to sign in."""
    wait_for_answer(address, children)
    click.echo(f"\nVendange answers on {address}\n")
    click.echo("\n".join(logins()))
    click.echo("\nStop it with Ctrl+C.")


def logins() -> list[str]:
    """How to sign in: one login per role of the sample company, or how to make the first administrator."""
    from vendange.admit.queries import users

    usernames = {one.username for one in users()}
    if not usernames:
        return [
            "Nobody can sign in yet. Make the first administrator, in another terminal:",
            "  vendange user add USERNAME --email ADDRESS --role admin",
        ]
    from vendange.demo.company import LOGINS

    shown = [one for one in LOGINS if one.username in usernames]
    rows = [f"  {one.role:<10} {one.username:<10} {one.password:<15} {one.name}" for one in shown]
    return ["Sign in as:", *rows] if rows else ["Sign in with your own account."]


def wait_for_answer(address: str, children: "Children") -> None:
    end = time.monotonic() + ANSWERS_WITHIN
    while time.monotonic() < end and not children.stopping.is_set():
        children.refuse_dead()
        try:
            with urllib.request.urlopen(f"{address}/healthz", timeout=2):  # noqa: S310 - our own address
                return
        except (urllib.error.URLError, OSError):
            children.stopping.wait(0.05)
    if not children.stopping.is_set():
        raise Failed(f"The server did not answer on {address} within {ANSWERS_WITHIN:.0f} s. See its messages above.")


class Children:
    """Programs that run side by side. Those of `again` are started anew when they die; with the others all ends."""

    def __init__(self, commands: Sequence[tuple[str, list[str]]], *, again: Collection[str] = ()) -> None:
        self.commands = dict(commands)
        self.again = again
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.deaths: dict[str, list[float]] = {name: [] for name in self.commands}
        self.due: dict[str, float] = {}  # when a program that died is started again
        self.stopping = threading.Event()

    def run(self, once_started: Callable[[], None]) -> None:
        """Start all, call `once_started`, and stay until a signal comes or one of them dies for good."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._stop)
        try:
            for name in self.commands:
                self._start(name)
            once_started()
            while not self.stopping.wait(0.2):
                self.refuse_dead()
        finally:
            self._end()

    def refuse_dead(self) -> None:
        """Starts again what may die. Raises Failed for what may not, and for what dies again and again."""
        for name, child in list(self.running.items()):
            code = child.poll()
            if code is not None and not self.stopping.is_set():
                del self.running[name]
                self._died(name, code)
        for name in [one for one, moment in self.due.items() if moment <= time.monotonic()]:
            del self.due[name]
            if not self.stopping.is_set():
                self._start(name)

    def _start(self, name: str) -> None:
        self.running[name] = subprocess.Popen(self.commands[name])  # noqa: S603 - our own programs

    def _died(self, name: str, code: int) -> None:
        if name not in self.again:
            raise Failed(f"The {name} has stopped by itself (exit code {code}), so everything is stopped.")
        now = time.monotonic()
        self.deaths[name] = [one for one in self.deaths[name] if one > now - DEATHS_WITHIN] + [now]
        if len(self.deaths[name]) >= MOST_DEATHS:
            raise Failed(
                f"The {name} has stopped by itself {MOST_DEATHS} times within {DEATHS_WITHIN:.0f} s "
                f"(exit code {code}), so everything is stopped. See its messages above."
            )
        pause = PAUSES[len(self.deaths[name]) - 1]
        self.due[name] = now + pause
        click.echo(f"The {name} has stopped by itself (exit code {code}). It starts again in {pause:.0f} s.", err=True)

    def _stop(self, *_: Any) -> None:
        self.stopping.set()

    def _end(self) -> None:
        for child in self.running.values():
            if child.poll() is None:
                child.terminate()
        end = time.monotonic() + ENDS_WITHIN
        for child in self.running.values():
            try:
                child.wait(max(0.1, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
