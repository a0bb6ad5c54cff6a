"""Written by whoever asks for long work, then by the worker: how far it is, whether to stop, what came of it."""

import gc
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from django.db import models, transaction
from django.db.models import Q, QuerySet

from vendange.agreement.sentence import Code, Sentence
from vendange.models.fields import code, public_id, text
from vendange.models.user import User

STATES = ("waiting", "running", "done", "failed", "cancelled")
UNDER_WAY: Final = ("waiting", "running")

Tell = Callable[[str, int, int], None]  # what is being done, how much of how much; 0 of 0: nobody can say
Cancel = Callable[[], bool]


class Stopped(Exception):
    """A work ends here because somebody cancelled it."""


class Job(models.Model):
    """Work that a person asked for, and may watch, leave or cancel. The rows are the queue: the oldest waits first."""

    public_id = public_id()
    kind = code(30)
    state = code(20, default="waiting")
    asked = models.JSONField(default=dict)  # what is to be done, as its kind reads it
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    asked_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    beat_at = models.DateTimeField(null=True)  # the worker that has it says so; long silent: it died
    tries = models.IntegerField(default=0)  # how often it was begun, and the proof of whoever has it now
    cancel = models.BooleanField(default=False)  # somebody wants it to stop
    step = text(200)
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(default=0)  # 0: nobody can say
    result = models.JSONField(null=True)
    failure = text(1000)

    class Meta:
        constraints = (models.CheckConstraint(condition=Q(state__in=STATES), name="job_is_in_a_known_state"),)
        indexes = (
            models.Index(fields=("state", "id"), name="job_waits_next"),
            models.Index(fields=("kind", "-asked_at"), name="job_by_kind"),
        )

    @property
    def is_under_way(self) -> bool:
        return self.state in UNDER_WAY

    @property
    def said(self) -> Sentence | None:
        """Why it failed, for the language of the reader; None when it did not."""
        if self.state != "failed":
            return None
        kept = (self.result or {}).get("sentence")
        return unpacked(kept) if kept else Sentence("{what}", {"what": self.failure})


def cancel(job: Job, *, now: datetime) -> bool:
    """What waits is cancelled at once, what runs as soon as it can stop; False when it had ended before."""
    mine = Job.objects.filter(pk=job.pk)
    if mine.filter(state="waiting").update(state="cancelled", cancel=True, ended_at=now):
        return True
    return bool(mine.filter(state="running").update(cancel=True))


@transaction.atomic
def ask_once(kind: str, *, by: User | None, now: datetime) -> Job:
    """Have this done; one of its kind that waits or is under way is joined."""
    under_way = Job.objects.filter(kind=kind, state__in=UNDER_WAY).order_by("id").first()
    return under_way or Job.objects.create(kind=kind, by=by, asked_at=now)


def newest(kind: str, **asked: Any) -> QuerySet[Job]:
    """Jobs of that kind of which this was asked, the newest first; what came of them is read when somebody looks."""
    wanted = {f"asked__{name}": value for name, value in asked.items()}
    return Job.objects.filter(kind=kind, **wanted).select_related("by").defer("result").order_by("-id")


def keep_what_stands() -> None:
    """What is in memory now stays until this process ends, and what comes is looked through more seldom for rubbish.

    Python would go through it all again and again; a seventh of an import was that.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000)


def packed(one: Sentence) -> dict[str, Any]:
    """A sentence as JSON keeps it, so that it can be said in any language later."""
    return {"template": one.template, "values": {name: _packed(value) for name, value in one.values.items()}}


def _packed(value: object) -> object:
    if isinstance(value, Sentence):
        return packed(value)
    if isinstance(value, Code):
        return {"family": value.family, "code": value.code}
    return value if isinstance(value, int | float) else str(value)


def unpacked(kept: Mapping[str, Any]) -> Sentence:
    return Sentence(kept["template"], {name: _unpacked(value) for name, value in kept["values"].items()})


def _unpacked(value: Any) -> object:
    if not isinstance(value, dict):
        return value
    return Code(value["family"], value["code"]) if "family" in value else unpacked(value)
