"""`vendange doctor`: is this installation in good health? Each line says what to do when it is not."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Final, Literal

import click
from django.conf import settings
from django.db import DatabaseError, connections
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Q

from vendange.agree.queries import NoAgreement, in_force
from vendange.agreement.stages import CLOSED
from vendange.cli.saying import say_json
from vendange.connect.mail import mailbox
from vendange.models import InboxEvent, Job, Lead, Outgoing, Trail
from vendange.models.trail import broken
from vendange.reveal.queries import files

State = Literal["well", "careful", "ill"]
FULL: Final = 200 * 1024**2
NEARLY_FULL: Final = 1024**3
LATE: Final = timedelta(minutes=5)
SILENT: Final = timedelta(minutes=1)  # after which a job that waits has no worker, and one that runs is dead
SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class Finding:
    check: str
    state: State
    sentence: str


@click.command()
@click.option("--json", "as_json", is_flag=True, help="The findings as JSON.")
def doctor(as_json: bool) -> None:
    """Examine the installation; exit code 1 when something is ill."""
    found = list(examine(datetime.now(UTC)))
    if as_json:
        say_json([asdict(one) for one in found])
    else:
        for one in found:
            click.echo(f"{one.state:>7}  {one.check}: {one.sentence}")
    if any(one.state == "ill" for one in found):
        raise click.exceptions.Exit(1)


def examine(now: datetime) -> Iterator[Finding]:
    """Every check in order; without a database, only those that need none."""
    yield _disk()
    reached = [_reach(alias) for alias in settings.DATABASES]
    yield from reached
    if any(one.state == "ill" for one in reached):
        return
    tables = [_migrations(alias) for alias in settings.DATABASES]
    yield from tables
    if any(one.state == "ill" for one in tables):
        return
    yield from (_durability(alias) for alias in settings.DATABASES)
    checks: tuple[Callable[[datetime], Finding], ...] = (
        _agreement,
        _leads,
        _trail,
        _inbox,
        _jobs,
        _mails,
        _mailbox,
        _networks,
    )
    for check in checks:
        yield check(now)


def _disk() -> Finding:
    free = shutil.disk_usage(settings.HOME).free
    said = f"{free / 1024**3:.1f} GB free under {settings.HOME}."
    if free < FULL:
        return Finding("disk", "ill", f"{said} Make room now: soon nothing can be written.")
    return Finding("disk", "careful" if free < NEARLY_FULL else "well", said)


def _reach(alias: str) -> Finding:
    check = f"database {alias}"
    try:
        with connections[alias].cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        return Finding(check, "ill", f"cannot be reached ({_first_line(error)}). Check DATABASE_URL and VENDANGE_HOME.")
    return Finding(check, "well", f"answers ({connections[alias].vendor}).")


def _migrations(alias: str) -> Finding:
    executor = MigrationExecutor(connections[alias])
    targets = executor.loader.graph.leaf_nodes("vendange" if alias == "inbox" else None)
    waiting = len(executor.migration_plan(targets))
    if waiting:
        return Finding(f"tables {alias}", "ill", f"{waiting} migrations wait. Stop Vendange, run `vendange migrate`.")
    return Finding(f"tables {alias}", "well", "are up to date.")


def _durability(alias: str) -> Finding:
    """What a power cut may cost: nothing of the inbox, ever; of the rest, on SQLite, the last instants at most."""
    check = f"durability {alias}"
    if connections[alias].vendor == "sqlite":
        mode, level, sound = (_ask(alias, f"PRAGMA {name}") for name in ("journal_mode", "synchronous", "quick_check"))
        if sound != "ok":
            return Finding(check, "ill", f"the file is damaged ({sound[:80]}). Restore the last backup.")
        strong = mode == "wal" and level in ({"2", "3"} if alias == "inbox" else {"1", "2", "3"})
        said = f"journal {mode}, synchronous {level}, file sound."
        return Finding(check, "well" if strong else "ill", said if strong else f"{said} Another program changed it.")
    off = [name for name in ("fsync", "full_page_writes", "synchronous_commit") if _ask(alias, f"SHOW {name}") == "off"]
    if off:
        return Finding(
            check, "ill", f"{', '.join(off)} is off: a power cut loses data. Switch it on in postgresql.conf."
        )
    return Finding(check, "well", "fsync, full_page_writes and synchronous_commit are on.")


def _ask(alias: str, question: str) -> str:
    with connections[alias].cursor() as cursor:
        cursor.execute(question)
        row = cursor.fetchone()
    return str(row[0]) if row else ""


def _agreement(now: datetime) -> Finding:
    try:
        return Finding("agreement", "well", f"{in_force(now).version} is in force.")
    except NoAgreement as error:
        return Finding("agreement", "careful", str(error))


def _leads(_: datetime) -> Finding:
    is_open = ~Q(stage__in=[str(stage) for stage in CLOSED])
    nobody = Q(owner__isnull=True) & ~Q(holder__in=("desk", "nurture")) & (~Q(holder="nobody") | Q(nobody_because=""))
    lost = Lead.objects.filter(is_open).filter(nobody | Q(next_at__isnull=True)).count()
    if lost:
        return Finding("open leads", "ill", f"{lost} have no owner or no next date. Please report this: it cannot be.")
    count = Lead.objects.filter(is_open).count()
    return Finding("open leads", "well", f"{count:,}, each with an owner and a next date.")


def _trail(_: datetime) -> Finding:
    wrong = [str(line.place) for line in islice(broken(), SHOWN)]
    if wrong:
        said = f"broken at place {', '.join(wrong)}: lines were changed afterwards. Compare with your last backup."
        return Finding("trail", "ill", said)
    sealed = Trail.objects.filter(place__isnull=False).count()
    waiting = Trail.objects.filter(place__isnull=True).count()
    return Finding("trail", "well", f"{sealed:,} lines sealed and unbroken, {waiting:,} wait for their seal.")


def _inbox(now: datetime) -> Finding:
    waiting = InboxEvent.objects.filter(handled=False)
    oldest = waiting.order_by("id").values_list("received_at", flat=True).first()
    if oldest is None:
        return Finding("inbox", "well", "nothing waits.")
    age = now - datetime.fromtimestamp(oldest / 1_000_000, UTC)
    said = f"{waiting.count():,} events wait, the oldest for {int(age.total_seconds())} s."
    return Finding("inbox", "careful" if age > LATE else "well", f"{said} Is a worker running?" if age > LATE else said)


def _jobs(now: datetime) -> Finding:
    waiting = Job.objects.filter(state="waiting")
    oldest = waiting.order_by("id").first()
    running = Job.objects.filter(state="running", beat_at__gt=now - SILENT).exists()
    if oldest and not running and now - oldest.asked_at > SILENT:
        since = f"{oldest.asked_at:%Y-%m-%d %H:%M} UTC"
        said = f"{waiting.count():,} wait, the oldest since {since}, and no worker runs: start `vendange work`."
        return Finding("long work", "careful", said)
    return Finding("long work", "well", "one runs." if running else "nothing waits.")


def _mails(_: datetime) -> Finding:
    given_up = Outgoing.objects.filter(given_up_at__isnull=False, attempts__gt=0)  # letters of a sample never leave
    last = given_up.order_by("-given_up_at").first()
    if last is None:
        return Finding("mails", "well", "none was given up.")
    why = last.error.splitlines()[0][:120].rstrip(".") if last.error else "no reason kept"
    return Finding(
        "mails",
        "careful",
        f"{given_up.count():,} were given up, last because: {why.rstrip('.')}. Check the SMTP settings.",
    )


def _networks(now: datetime) -> Finding:
    found = files()
    if not found:
        return Finding("companies", "well", "no file of networks is installed.")
    damaged = [one.path.name for one in found if one.broken]
    if damaged:
        return Finding("companies", "careful", f"{damaged[0]} cannot be read. Add it again: vendange companies add")
    old = [one for one in found if one.is_old(now)]
    if old:
        oldest = min(old, key=lambda one: one.built_at)
        age = (now - oldest.built_at).days
        said = f"{oldest.path.name} is {age} days old: networks change hands. Download a newer one and add it."
        return Finding("companies", "careful", said)
    return Finding("companies", "well", f"{len(found)} files of networks, none older than 60 days.")


def _mailbox(_: datetime) -> Finding:
    """The only check that asks another machine, and only when a mailbox was named."""
    one = settings.MAILBOX
    if one is None:
        return Finding("mailbox", "well", "none is named, so none is read.")
    try:
        look = mailbox.check(one)
    except mailbox.Unreachable as trouble:
        return Finding("mailbox", "ill", str(trouble))
    return Finding("mailbox", "well", f"{one.folder} of {one.user} can be read, {look.new:,} messages wait.")


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:120]
