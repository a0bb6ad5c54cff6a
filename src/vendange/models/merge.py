"""Written by unite: which records were found to be one person, who said so, and all that undoing it needs."""

from django.db import models

from vendange.models.fields import code, public_id
from vendange.models.person import Person
from vendange.models.user import User


class Merge(models.Model):
    """One record has taken another in. What moved is told row by row, so that it can go back."""

    public_id = public_id()
    kept = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="merges")
    absorbed = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="absorptions")
    at = models.DateTimeField()
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    moved = models.JSONField(default=dict)  # name of the table -> ids of the rows
    filled = models.JSONField(default=dict)  # blank of the kept one -> what the absorbed one had there
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("absorbed",), condition=models.Q(undone_at=None), name="absorbed_once"),
        )


class Twins(models.Model):
    """Two records that may be one person: what speaks for it. A human decides; `first` has the smaller id."""

    first = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    score = models.FloatField()  # 0 to 1: vendange.unite.rules.likeness
    because = models.JSONField(default=list)
    state = code(10, default="open")  # open | merged | different
    found_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("first", "second"), name="twins_once"),)
        indexes = (models.Index(fields=("-score", "id"), condition=models.Q(state="open"), name="twins_to_judge"),)
