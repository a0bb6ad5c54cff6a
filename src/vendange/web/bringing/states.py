"""How an import stands: its word, its sign, and how far it is while it is under way."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.utils.translation import gettext as _

from vendange.models import ImportBatch, Job
from vendange.web import figures, moments
from vendange.words import Word, word

NOBODY_TAKES_IT: Final = timedelta(seconds=8)  # after which a job that waits has no worker
BUSY_FOR: Final = timedelta(seconds=60)  # without a beat, a job that runs is nobody's
UNDER_WAY: Final = ("waiting", "running", "reverting")
LOOKS: Final[Mapping[str, tuple[str, str]]] = {
    "draft": ("", "pencil"),
    "waiting": ("accent", "clock"),
    "running": ("accent", "loader"),
    "done": ("good", "check"),
    "stopped": ("warn", "octagon-x"),
    "failed": ("bad", "triangle-alert"),
    "reverting": ("accent", "undo-2"),
    "reverted": ("", "undo-2"),
}


@dataclass(frozen=True, slots=True)
class State:
    word: Word
    css: str
    icon: str
    is_draft: bool


def state_of(batch: ImportBatch) -> State:
    css, icon = LOOKS.get(batch.status, ("", "circle"))
    return State(word("import", batch.status), css, icon, batch.status == "draft")


@dataclass(frozen=True, slots=True)
class Far:
    """A job under way, as people follow it. `share`: of 100, None while nobody can say."""

    what: str
    share: int | None
    told: tuple[str, ...]
    hint: str
    may_stop: bool


def far_of(batch: ImportBatch, job: Job, now: datetime, *, trying: bool = False) -> Far:
    """What is being done, rows of total, rows a second, time left."""
    share = min(100, 100 * job.done // job.total) if job.total and job.state == "running" else None
    may_stop = job.is_under_way and not job.cancel and batch.status != "reverting"
    return Far(
        _what(batch, job, trying=trying),
        share,
        _told(job, now, in_rows=batch.status != "reverting"),
        _hint(job, now),
        may_stop,
    )


def _what(batch: ImportBatch, job: Job, *, trying: bool) -> str:
    if job.cancel:
        return _("Stopping")
    if job.state == "waiting":
        return _("Waiting for the worker")
    if batch.status == "reverting":
        return _("Taking it back")
    return _("Trying every row") if trying else _("Taking it in")


def _told(job: Job, now: datetime, *, in_rows: bool) -> tuple[str, ...]:
    """Of what is taken back only how long it will last: it goes by many rows at once."""
    if job.state != "running" or not job.total or not job.started_at:
        return ()
    counts = {"done": figures.number(job.done), "total": figures.number(job.total)}
    told = [_("%(done)s of %(total)s rows") % counts] if in_rows else []
    seconds = ((job.beat_at or now) - job.started_at).total_seconds()
    done = job.done - int(job.asked.get("after", 0))
    if seconds >= 1 and done > 0 and job.tries == 1:  # begun again after a crash, nobody knows since which row
        speed = done / seconds
        if in_rows:
            told.append(_("%(n)s rows a second") % {"n": figures.number(speed, 0 if speed >= 10 else 1)})
        left = (job.total - job.done) / speed
        told.append(_("%(time)s left") % {"time": spent(left)})
    return tuple(told)


def spent(seconds: float) -> str:
    """A short time as people say it: "40 s", "3 min", "1 h 20"."""
    return f"{max(1, round(seconds))}{moments.SPACE}s" if seconds < 60 else moments.lasting(round(seconds / 60))


def _hint(job: Job, now: datetime) -> str:
    if job.state == "running" and job.beat_at and now - job.beat_at > BUSY_FOR:
        return _("The worker that had it has gone silent. It goes on where it stood as soon as a worker runs.")
    if job.state != "waiting" or now - job.asked_at < NOBODY_TAKES_IT:
        return ""
    if Job.objects.filter(state="running", beat_at__gt=now - BUSY_FOR).exists():
        return _("Another long work is under way; this one comes after it.")
    return _("No worker runs: start “vendange work”. The question is kept, nothing is lost.")
