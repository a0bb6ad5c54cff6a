"""A whole Vendange for a bench: people stored, an agreement in force, pages, collector and worker really running."""

import os
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from vendange.bench.database import Place, fill
from vendange.bench.inbox import Inbox
from vendange.bench.ingest import free_port

READY_WITHIN: Final = 120.0  # seconds
KEY: Final = "bench-key"

Command = Callable[[int], list[str]]  # `vendange up` on this port


class NotRunning(Exception):
    """Vendange did not start, or stopped; the message holds what it said."""


@dataclass(frozen=True, slots=True)
class Relay:
    """Where it stands; `session`: the cookie of a signed-in colleague; `people`: how many are known by a cookie.

    `form`: the public id of a published form that asks for a quote.
    """

    home: Path
    url: str
    session: str
    people: int
    form: str = ""

    @property
    def environment(self) -> dict[str, str]:
        # Each sender has an address of its own, and a form takes more answers than it would of one company.
        crowd = {"VENDANGE_BEHIND_PROXY": "yes", "VENDANGE_FORMS_PER_SECOND": "100000"}
        return {**os.environ, **crowd, "VENDANGE_HOME": str(self.home), "DATABASE_URL": self.url}

    @property
    def inbox(self) -> Inbox:
        return Inbox(self.home, self.url, KEY)


def prepare(place: Place) -> Relay:
    """Fill the database and open the house, in a process of its own."""
    fill(place)
    from django.conf import settings
    from django.core.management import call_command

    from vendange.find import actions as find
    from vendange.models import Source

    if settings.INBOX_ALIAS != "default":
        call_command("migrate", "vendange", database=settings.INBOX_ALIAS, verbosity=0, interactive=False)
    now = datetime.now(UTC)
    Source.objects.create(name="bench site", kind="segment", write_key=KEY, created_at=now)
    _cookies(now)
    while find.keep_up():  # a company that has been running for a while has its words written down
        pass
    head = _agreement(now)
    return Relay(place.home, place.url, _session(head), place.size.people, _form(head, now))


def _form(head: Any, now: datetime) -> str:
    """A form that asks for a quote, published."""
    from vendange.ask import actions as ask
    from vendange.ask.rules import Definition, Question

    kinds = {"email": "email", "country": "country"}
    names = ("email", "first_name", "last_name", "organisation", "job_title", "country")
    questions = tuple(Question(one, one, kinds.get(one, "text"), one, required=one == "email") for one in names)
    form = ask.add_form(
        name="bench form",
        definition=Definition(signal="quote_requested", title="Devis", submit="Envoyer", questions=questions),
        by=head,
        now=now,
    )
    ask.publish(form=form, by=head, now=now)
    return str(form.public_id)


def _agreement(now: datetime) -> Any:
    """The agreement of the benches, signed by both; whoever signed for marketing."""
    from vendange.agree import actions as agree
    from vendange.models import User

    heads = [
        User.objects.create(username=f"bench-{team}", email=f"{team}@bench.example", role=role, signs_for=team)
        for team, role in (("marketing", "marketing"), ("sales", "manager"))
    ]
    text, since = files("vendange.bench").joinpath("agreement.yaml").read_text("utf-8"), now - timedelta(days=1)
    version = agree.draft(text=text, by=heads[0], now=since)
    for head in heads:
        version = agree.sign(version=version, by=head, now=since)
    return heads[0]


def _session(user: Any) -> str:
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    session = SessionStore()
    session[SESSION_KEY], session[HASH_SESSION_KEY] = str(user.pk), user.get_session_auth_hash()
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session.create()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"


def _cookies(now: datetime) -> None:
    """Each stored person is known by a cookie, `c` and their number, and by their address."""
    from django.db import connection

    moment = connection.ops.adapt_datetimefield_value(now)
    into = "INSERT INTO vendange_identity (person_id, kind, value, shared, claimed, first_seen_at)"
    no = "0" if connection.vendor == "sqlite" else "false"
    for kind, value in (("anonymous_id", "'c' || id"), ("email", "email")):
        rows = f"SELECT id, '{kind}', {value}, {no}, {no}, %s FROM vendange_person"  # noqa: S608 (ours)
        with connection.cursor() as cursor:
            cursor.execute(f"{into} {rows}", [moment])


@dataclass(frozen=True, slots=True)
class Running:
    port: int
    process: "subprocess.Popen[bytes]"

    def cpu(self) -> float | None:
        """Processor seconds of pages, collector and worker together; None: this system does not say."""
        return _cpu_below(self.process.pid)


@contextmanager
def running(relay: Relay, command: Command) -> Iterator[Running]:
    """`vendange up` as one starts it, until the block ends. NotRunning."""
    port = free_port()
    with (relay.home / "up.log").open("w+") as log:
        up = subprocess.Popen(command(port), env=relay.environment, stdout=log, stderr=log)  # noqa: S603 (ours)
        try:
            _wait(port, up, log)
            yield Running(port, up)
        finally:
            up.terminate()
            try:
                up.wait(40)
            except subprocess.TimeoutExpired:
                up.kill()
                up.wait()


def _wait(port: int, up: "subprocess.Popen[bytes]", log: Any) -> None:
    end = time.monotonic() + READY_WITHIN
    while time.monotonic() < end and up.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    log.seek(0)
    raise NotRunning(f"Vendange did not start. It said: {log.read()[-1000:].strip() or 'nothing'}")


def _cpu_below(first: int) -> float | None:
    parents, ticks = {}, {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        pid = int(stat.parent.name)
        parents[pid], ticks[pid] = int(fields[1]), int(fields[11]) + int(fields[12])
    if first not in ticks:
        return None
    found, fresh = {first}, {first}
    while fresh:
        fresh = {pid for pid, parent in parents.items() if parent in fresh}
        found |= fresh
    return sum(ticks[pid] for pid in found) / os.sysconf("SC_CLK_TCK")
