"""Written by capture: one file that came in, and what became of its rows."""

from django.db import models

from vendange.models.fields import code, public_id, text
from vendange.models.user import User


class ImportBatch(models.Model):
    public_id = public_id()
    file_name = text(200)
    file_sha = code(64)
    map_name = text(200)
    map_sha = code(64)
    status = code(20)  # running | done | stopped
    rows = models.IntegerField(default=0)
    added = models.IntegerField(default=0)
    known = models.IntegerField(default=0)
    refused = models.IntegerField(default=0)
    refused_file = text(400)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
