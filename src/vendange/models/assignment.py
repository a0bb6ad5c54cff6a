"""Written by route (given) and sell (accepted, ended): a lead in one salesperson's hands, and why theirs."""

from django.db import models
from django.db.models import Q

from vendange.models.fields import text
from vendange.models.lead import Lead
from vendange.models.salesperson import Salesperson


class Assignment(models.Model):
    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="assignments")
    salesperson = models.ForeignKey(Salesperson, on_delete=models.PROTECT, related_name="assignments")
    at = models.DateTimeField()
    reasons = models.JSONField(default=list)  # [{code, detail}] why this person
    candidates = models.JSONField(default=list)  # [{salesperson, name, score, out_because}] who else, and why not
    accept_by = models.DateTimeField()
    call_by = models.DateTimeField()
    reassign_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    first_called_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_because = text(40)  # "" | returned | declined | not_called | won | lost | replaced
    imported = models.BooleanField(default=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("lead",), condition=Q(ended_at__isnull=True), name="one_assignment_at_a_time"
            ),
        )
        indexes = (
            models.Index(fields=("salesperson", "ended_at"), name="assignment_load"),
            models.Index(fields=("at",), name="assignment_by_date"),
        )
