"""What /healthz and /readyz answer: is this process sound, and is the whole relay running."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db import connections
from django.db.migrations.executor import MigrationExecutor
from django.db.utils import Error as DatabaseFault

from vendange.agree.queries import NoAgreement, in_force
from vendange.models import InboxEvent
from vendange.work import heartbeat
from vendange.work.alone import held_elsewhere


@dataclass(frozen=True, slots=True)
class Check:
    """One answer. `needed` = without it the relay does not run, and /readyz is 503."""

    ok: bool
    says: str
    needed: bool = True
    figures: dict[str, Any] | None = None


def report(checks: dict[str, Check]) -> tuple[bool, dict[str, Any]]:
    """Whether all that is needed is there, and the JSON that says so."""
    ready = all(check.ok or not check.needed for check in checks.values())
    wrong = [check.says for check in checks.values() if not check.ok]
    told = {name: {"ok": one.ok, "says": one.says, **(one.figures or {})} for name, one in checks.items()}
    status = "ready" if ready else "not ready"
    return ready, {"status": status, "says": " ".join(wrong) or "All is well.", "checks": told}


def writer(alive: bool) -> Check:
    return Check(alive, "The writer of the inbox runs." if alive else "The writer has stopped: restart this process.")


def all_checks(*, writer_alive: bool, now: datetime) -> dict[str, Check]:
    return {
        "database": _asked(_database),
        "migrations": _asked(_migrations),
        "inbox": _asked(lambda: _inbox(now)),
        "writer": writer(writer_alive),
        "worker": _worker(now),
        "agreement": _asked(lambda: _agreement(now)),
    }


def close_connections() -> None:
    """After checks made in a thread that is nobody's request."""
    connections.close_all()


def _asked(question: Callable[[], Check]) -> Check:
    try:
        return question()
    except DatabaseFault as fault:
        return Check(False, f"The database does not answer: {str(fault).strip().splitlines()[0]}.")


def _database() -> Check:
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT 1")
    return Check(True, "The database answers.")


_migrated: set[str] = set()


def _migrations() -> Check:
    """Asked until the answer is yes; a running process never sees it become no."""
    for alias in sorted({"default", settings.INBOX_ALIAS} - _migrated):
        executor = MigrationExecutor(connections[alias])
        targets = executor.loader.graph.leaf_nodes("vendange" if alias != "default" else None)
        if executor.migration_plan(targets):
            return Check(False, "Migrations are waiting: run `vendange migrate`.")
        _migrated.add(alias)
    return Check(True, "All migrations are applied.")


def _inbox(now: datetime) -> Check:
    oldest = InboxEvent.objects.filter(handled=False).order_by("id").values_list("received_at", flat=True).first()
    waited = 0.0 if oldest is None else max(0.0, now.timestamp() - oldest / 1_000_000)
    return Check(
        True, f"The oldest event has waited {waited:.0f} s.", figures={"oldest_waiting_seconds": round(waited, 1)}
    )


def _worker(now: datetime) -> Check:
    beat = heartbeat.read()
    if (beat is None or beat.age(now) > heartbeat.DEAD_AFTER) and held_elsewhere():
        return Check(True, "A worker runs on another machine.")
    if beat is None:
        return Check(False, "No worker has run here yet: start `vendange work`.")
    age = beat.age(now)
    figures = {"age_seconds": round(age, 1)}
    if age > heartbeat.DEAD_AFTER:
        return Check(False, f"The worker has been silent for {age:.0f} s: start `vendange work`.", figures=figures)
    if stuck := beat.stuck(now):
        return Check(False, f"The worker does not come round: {', '.join(stuck)}. See its log.", figures=figures)
    return Check(True, "The worker runs.", figures=figures)


def _agreement(now: datetime) -> Check:
    """Missing, people can still sign in and sign one, so it is told and does not make us unready."""
    try:
        version = in_force(now).version
    except NoAgreement as none:
        return Check(False, str(none), needed=False)
    return Check(True, f"Agreement {version} is in force.", needed=False, figures={"number": version.number})


def now() -> datetime:
    return datetime.now(UTC)
