"""Written by score: each time the engine called a human. Append-only; names the version that judged."""

from django.db import models

from vendange.models.agreement import AgreementVersion
from vendange.models.fields import code
from vendange.models.lead import Lead
from vendange.models.person import Person


class Decision(models.Model):
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="decisions")
    lead = models.ForeignKey(Lead, null=True, on_delete=models.SET_NULL, related_name="decisions")
    agreement = models.ForeignKey(AgreementVersion, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()  # when the evidence was complete
    decided_at = models.DateTimeField()  # when we knew
    way = code(20)
    rule = code(60)
    grade = code(2)
    fit = models.FloatField()
    engagement = models.FloatField()
    lines = models.JSONField(default=list)
    signal_ids = models.JSONField(default=list)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("person", "at", "way", "rule"), name="decision_once"),)
