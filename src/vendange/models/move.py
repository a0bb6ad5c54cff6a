"""Written by `vendange.journey.move`: each change of stage, with who, when and why."""

from django.db import models

from vendange.models.agreement import AgreementVersion
from vendange.models.fields import code, text
from vendange.models.lead import Lead
from vendange.models.user import User


class Move(models.Model):
    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="moves")
    from_stage = text(20)
    to_stage = code(20)
    at = models.DateTimeField()
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")  # None: the house itself
    because = code(60)
    detail = models.JSONField(default=dict)
    agreement = models.ForeignKey(AgreementVersion, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes = (models.Index(fields=("lead", "at"), name="move_of_lead"),)
