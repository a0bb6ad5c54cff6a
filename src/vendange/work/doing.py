"""What a job does while it is under way: beat, tell how far it is, stop when cancelled, keep its answer."""

import logging
import os
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from time import monotonic
from typing import Any, Final

from django.db import Error as DatabaseFault
from django.db import connections

from vendange.agreement.sentence import Cannot, Sentence, sentence
from vendange.combine import actions as combine
from vendange.journey import in_bulk, taking_back
from vendange.models import Job
from vendange.models.job import Cancel, Stopped, Tell
from vendange.segment import actions as segment
from vendange.simulate import actions as simulate
from vendange.suggest import actions as suggest
from vendange.unite import actions as unite
from vendange.work import importing
from vendange.work.long import end, held

log = logging.getLogger("vendange.work")

BEATS_EVERY: Final = 2.0  # seconds
TELLS_EVERY: Final = 0.5  # seconds

Work = Callable[[Job, Tell, Cancel], Mapping[str, Any]]
# What can be asked for. A work answers with what is to be kept as JSON; it raises `Cannot` or `Stopped`.
KINDS: Final[Mapping[str, Work]] = {
    simulate.KIND: simulate.run,
    suggest.KIND: suggest.run,
    unite.KIND: unite.run,
    importing.KIND: importing.run,
    taking_back.KIND: taking_back.run,
    combine.KIND: combine.run,
    segment.KIND: segment.run,
    in_bulk.KIND: in_bulk.run,
}


class Lost(Exception):
    """Somebody else has the job now, or it was ended: nothing of ours counts any more."""


class Running:
    """A job under way: what its work is given to say how far it is, and to ask whether to go on."""

    def __init__(self, job: Job) -> None:
        self.job, self.stop = job, False
        self.told = self.asked = -TELLS_EVERY
        self.latest: Mapping[str, Any] = {}

    def tell(self, what: str, done: int, total: int) -> None:
        """Kept at most twice a second; what came too soon is kept with the next beat."""
        self.latest = {"step": what[:200], "done": done, "total": total}
        if monotonic() - self.told >= TELLS_EVERY:
            self._keep()
            self.told = monotonic()

    def cancelled(self) -> bool:
        """Asks the row at most twice a second."""
        if not self.stop and monotonic() - self.asked >= TELLS_EVERY:
            said = held(self.job).values_list("cancel", flat=True).first()
            if said is None:
                raise Lost
            self.stop, self.asked = said, monotonic()
        return self.stop

    def beat(self) -> None:
        self._keep()

    def _keep(self) -> None:
        if not held(self.job).update(beat_at=_now(), **self.latest):
            raise Lost


def do(job: Job, kinds: Mapping[str, Work] = KINDS, running: Running | None = None) -> None:
    """The whole job. Whatever happens, the row says what came of it, unless it is no longer ours."""
    running = running or Running(job)
    try:
        work = kinds.get(job.kind)
        if work is None:
            raise Cannot(sentence("This Vendange does not know how to do “{kind}”: update the worker.", kind=job.kind))
        result = dict(work(job, running.tell, running.cancelled))
        held(job).update(state="done", ended_at=_now(), result=result, step="", done=1, total=1)
    except Lost:
        log.warning("Job %s is no longer ours.", job.public_id)
    except Stopped:
        end(job, "cancelled", _now())
    except Cannot as refused:
        end(job, "failed", _now(), why=refused.sentence)
    except Exception as fault:
        log.exception("Job %s (%s) failed.", job.public_id, job.kind)
        end(job, "failed", _now(), why=_unforeseen(fault))


def _unforeseen(fault: Exception) -> Sentence:
    return sentence(
        "Something went wrong that nobody foresaw: {fault}. Try again; if it happens again, report it with the log of"
        " the worker.",
        fault=f"{type(fault).__name__}: {fault}".rstrip(".")[:400],
    )


def begun(public_id: str, tries: int, parent: int) -> None:
    """Do the job as the process that `parent`, a worker, has begun for this try."""
    job = Job.objects.select_related("by").filter(public_id=public_id, state="running", tries=tries).first()
    if job is None:
        return
    running, done = Running(job), threading.Event()
    beats = threading.Thread(target=_beat, args=(running, parent, done), daemon=True)
    beats.start()
    do(job, running=running)
    done.set()
    beats.join(2)


def _beat(running: Running, parent: int, done: threading.Event) -> None:
    """Until done; this process ends when the worker that began it is gone, or the job is another's."""
    while not done.wait(BEATS_EVERY):
        try:
            if os.getppid() != parent:
                raise Lost
            running.beat()
        except Lost:
            if not done.is_set():
                os._exit(3)
        except DatabaseFault as fault:
            log.warning("The sign of life of a job could not be written: %s", fault)
            connections.close_all()
    connections.close_all()


def _now() -> datetime:
    return datetime.now(UTC)
