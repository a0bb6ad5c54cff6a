"""Written by sell: a lead given back, with a typed reason that has its own effect (R7)."""

from django.db import models

from vendange.models.assignment import Assignment
from vendange.models.fields import code, text
from vendange.models.lead import Lead
from vendange.models.user import User


class Return(models.Model):
    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="returns")
    assignment = models.ForeignKey(Assignment, null=True, on_delete=models.SET_NULL, related_name="returns")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    reason = code(50)
    effect = code(20)
    note = text(500)
    wake_at = models.DateTimeField(null=True)
    attempts = models.IntegerField(default=0)  # calls made before giving back, shown beside the claim (R91)
