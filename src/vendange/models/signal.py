"""Written by capture: everything a person does or says, once. The columns here are what rules may read."""

from django.db import models

from vendange.models.fields import code, text
from vendange.models.import_batch import ImportBatch
from vendange.models.person import Person
from vendange.models.source import Source
from vendange.models.user import User


class Signal(models.Model):
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="signals")
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="signals")
    message_id = code(255)
    kind = code(50)
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField()
    path = text(500)
    asset = text(200)
    campaign = text(200)
    channel = text(60)
    topic = text(80)
    value = models.FloatField(null=True)
    props = models.JSONField(default=dict)  # for people, not for rules
    origin = code(20, default="observed")
    verdict = code(10, default="human")  # human | machine | unknown
    because = text(30, db_default="")  # why that verdict, when something said so: engine.machines
    import_batch = models.ForeignKey(ImportBatch, null=True, on_delete=models.SET_NULL, related_name="signals")
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("source", "message_id"), name="signal_once"),)
        indexes = (
            # On SQLite migration 0006 gives it all that rules read; a table made anew must do so again.
            models.Index(fields=("person", "occurred_at"), name="signal_of_person"),
            models.Index(fields=("occurred_at",), name="signal_by_time"),
        )
