"""Long work that people asked for: one job at a time, in a process of its own, begun and watched by the worker.

A simulation keeps a processor busy for seconds to minutes. In a thread it would slow down every other loop of the
worker; in a process it does not, gives its memory back, and takes nobody along when it dies (docs/decisions/0011).
"""

import logging
import subprocess
import sys
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Final

from django.db import transaction
from django.db.models import Q, QuerySet

from vendange.agreement.sentence import Sentence, sentence
from vendange.models import Job
from vendange.models.job import packed

log = logging.getLogger("vendange.work")

LOOK_EVERY: Final = 0.5  # seconds
SILENT_AFTER: Final = timedelta(seconds=60)  # without a beat, whoever had the job is dead
MOST_TRIES: Final = 3
CANCELS_WITHIN: Final = 10.0  # seconds in which a job may stop by itself
ENDS_WITHIN: Final = 5.0  # seconds


def take(now: datetime) -> Job | None:
    """The oldest job that waits, or whose worker died, as ours; no two workers take the same one."""
    ready = Q(state="waiting") | Q(state="running", beat_at__lt=now - SILENT_AFTER)
    if not Job.objects.filter(ready).exists():  # asked without a lock: SQLite has one writer
        return None
    with transaction.atomic():
        job = Job.objects.select_for_update(skip_locked=True).filter(ready).order_by("id").first()
        if job is None or (job.state == "running" and not again(job, now)):
            return None
        job.state, job.tries = "running", job.tries + 1
        job.started_at = job.beat_at = now
        job.step, job.done, job.total = "", 0, 0
        job.save()
    return job


def again(job: Job, now: datetime) -> bool:
    """After a death: back to waiting, unless it was to stop anyway or has died too often."""
    if job.cancel:
        end(job, "cancelled", now)
        return False
    if job.tries >= MOST_TRIES:
        log.error("Job %s (%s) died %s times and is given up.", job.public_id, job.kind, job.tries)
        end(job, "failed", now, why=died(job.tries))
        return False
    return bool(held(job).update(state="waiting", step="", done=0, total=0))


def died(tries: int) -> Sentence:
    return sentence(
        "The work ended {count} times without an answer, so it is not tried again. Perhaps this machine has too little"
        " memory for it: ask for a shorter period, or look into the log of the worker.",
        count=tries,
    )


def end(job: Job, state: str, now: datetime, *, why: Sentence | None = None) -> bool:
    """Whether it was still ours to end."""
    kept = {"sentence": packed(why)} if why else None
    return bool(held(job).update(state=state, ended_at=now, result=kept, failure=str(why or "")[:1000]))


def held(job: Job) -> QuerySet[Job]:
    """The row, as long as it is ours: who was taken for dead and wakes up changes nothing any more."""
    return Job.objects.filter(pk=job.pk, state="running", tries=job.tries)


@dataclass(slots=True)
class LongWork:
    """A loop's turn: begins a job, looks after the one that runs. It never waits for it."""

    job: Job | None = None
    process: subprocess.Popen[bytes] | None = None
    cancelled_at: float | None = None

    def __call__(self, now: datetime) -> bool:
        if self.job is None or self.process is None:
            return self._begin(now)
        if self.process.poll() is None:
            self._watch(self.job, self.process)
            return False
        self._ended(self.job, now, self.process.returncode)
        return True

    def _begin(self, now: datetime) -> bool:
        job = take(now)
        if job is None:
            return False
        command = [sys.executable, "-m", "vendange.work.one_job", str(job.public_id), str(job.tries)]
        try:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)  # noqa: S603 - ours
        except OSError:
            held(job).update(state="waiting")
            raise
        self.job, self.process, self.cancelled_at = job, process, None
        return False

    def _watch(self, job: Job, process: "subprocess.Popen[bytes]") -> None:
        """A job that was cancelled and does not stop by itself is ended."""
        if self.cancelled_at is None:
            self.cancelled_at = monotonic() if held(job).filter(cancel=True).exists() else None
        elif monotonic() - self.cancelled_at > CANCELS_WITHIN:
            process.kill()

    def _ended(self, job: Job, now: datetime, code: int) -> None:
        self.job = self.process = None
        row = held(job).first()
        if row is not None:
            log.error("Job %s (%s) ended without an answer, code %s.", job.public_id, job.kind, code)
            again(row, now)

    def stop(self, now: datetime) -> None:
        """The worker ends: the job ends too, and waits for the next worker."""
        if self.job is None or self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(ENDS_WITHIN)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if not end_cancelled(self.job, now):
            held(self.job).update(state="waiting", tries=self.job.tries - 1, step="", done=0, total=0)
        self.job = self.process = None


def end_cancelled(job: Job, now: datetime) -> bool:
    return bool(held(job).filter(cancel=True).update(state="cancelled", ended_at=now))
