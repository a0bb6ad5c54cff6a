"""Written by bring: what somebody said of a file and its columns, kept under a name for the next file like it."""

from django.db import models

from vendange.models.fields import text
from vendange.models.user import User


class ImportMap(models.Model):
    name = text(80, unique=True)
    how = models.JSONField(default=dict)  # as `ImportBatch.how`
    at = models.DateTimeField()
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
