"""Written by qualify: one passage of a lead over the desk. It ends with exactly one outcome (R48)."""

from django.db import models
from django.db.models import Q

from vendange.models.fields import text
from vendange.models.lead import Lead
from vendange.models.user import User


class Review(models.Model):
    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="reviews")
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField()
    taken_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    taken_at = models.DateTimeField(null=True)
    taken_until = models.DateTimeField(null=True)  # the lease: after it, a colleague may take the lead
    outcome = text(20)  # "" while open | pass | recycle | eliminate
    decided_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    decided_at = models.DateTimeField(null=True)
    criteria = models.JSONField(default=list)  # [{id, state: met|not_met|unknown, origin, evidence}]
    gap_reason = text(500)
    note = models.TextField(blank=True, default="")
    wake_at = models.DateTimeField(null=True)
    track = text(50)
    off_target = text(50)
    machine_at = models.DateTimeField(null=True)  # since when nothing that a human did speaks for it any more
    imported = models.BooleanField(default=False)  # known from a file: its delays are unknown

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("lead",), condition=Q(outcome=""), name="one_open_review"),
            models.CheckConstraint(
                condition=Q(outcome__in=("", "pass", "recycle", "eliminate")), name="outcome_is_one_of_three"
            ),
            models.CheckConstraint(
                condition=~Q(outcome="recycle") | (Q(wake_at__isnull=False) & ~Q(track="")), name="recycled_wakes_up"
            ),
            models.CheckConstraint(condition=~Q(outcome="eliminate") | ~Q(off_target=""), name="eliminated_says_why"),
        )
        indexes = (models.Index(fields=("decided_at",), name="review_by_date"),)
