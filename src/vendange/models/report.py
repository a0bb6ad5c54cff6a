"""Written by sell: the salesperson's normalised account of a lead, in the fields that the agreement asks (R90)."""

from django.db import models

from vendange.models.lead import Lead
from vendange.models.user import User


class Report(models.Model):
    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="reports")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="reports")
    at = models.DateTimeField()
    answers = models.JSONField(default=dict)  # field id -> code or text
    next_at = models.DateTimeField(null=True)
