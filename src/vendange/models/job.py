"""Written by whoever asks for long work, then by the worker: how far it is, whether to stop, what came of it."""

from django.db import models
from django.db.models import Q

from vendange.models.fields import code, public_id, text
from vendange.models.user import User

STATES = ("waiting", "running", "done", "failed", "cancelled")


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
