"""Written by no step: what each kind of merge, and each kind of pair that may be one, has in common."""

from django.db import models

from vendange.models.fields import code, public_id
from vendange.models.user import User


class Union(models.Model):
    """One record has taken another in. What moved is told row by row, so that it can go back."""

    public_id = public_id()
    at = models.DateTimeField()
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    moved = models.JSONField(default=dict)  # name of the table -> ids of the rows
    filled = models.JSONField(default=dict)  # column of the kept one -> what it was, what it became
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        abstract = True


class Alike(models.Model):
    """Two records that may be one: what speaks for it. A human decides."""

    score = models.FloatField()  # 0 to 1, by the rules of the step that finds them
    because = models.JSONField(default=list)
    state = code(10, default="open")  # open | merged | different
    found_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        abstract = True
