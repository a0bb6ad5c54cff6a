"""Written by bring, and by capture for files of a show: one file that came in, and what became of its rows."""

from django.db import models

from vendange.models.fields import code, public_id, text
from vendange.models.job import Job
from vendange.models.source import Source
from vendange.models.user import User


class ImportBatch(models.Model):
    """`how`: what the columns mean, and what whoever brought the file said of consent, origin and what may change."""

    public_id = public_id()
    kind = code(20, default="people")  # people | deals | guests
    file_name = text(200)
    file_sha = code(64)
    map_name = text(200)
    map_sha = code(64)
    # draft: its map is being made | waiting | running | done | stopped | failed | reverting | reverted
    status = code(20)
    source = models.ForeignKey(Source, null=True, on_delete=models.SET_NULL, related_name="imports")
    how = models.JSONField(default=dict)
    kept_file = text(400)  # where the file lies, below the home, as long as its rows may be wanted
    read_as = models.JSONField(default=dict)  # format, encoding, separator, sheet, columns, bytes: as found out
    job = models.ForeignKey(Job, null=True, on_delete=models.SET_NULL, related_name="+")
    total = models.IntegerField(default=0)  # rows of the file; 0: not counted
    rows = models.IntegerField(default=0)
    added = models.IntegerField(default=0)
    known = models.IntegerField(default=0)
    refused = models.IntegerField(default=0)
    people = models.IntegerField(default=0)
    organisations = models.IntegerField(default=0)
    leads = models.IntegerField(default=0)
    refused_file = text(400)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    reverted_at = models.DateTimeField(null=True)
    reverted_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    stayed = models.JSONField(default=dict)  # what a revert had to leave, and why


class ImportStep(models.Model):
    """Some rows that came in together, in one transaction: where to go on after a crash, and what to take back.

    Facts, keys and consents name their import themselves; what they belong to is told here.
    """

    batch = models.ForeignKey(ImportBatch, on_delete=models.CASCADE, related_name="steps")
    first_row = models.IntegerField()
    last_row = models.IntegerField()
    people = models.JSONField(default=list)  # ids that were touched, as [first, last] of each run
    made = models.JSONField(default=dict)  # table -> ids that were made, as [first, last] of each run
    changed = models.JSONField(default=list)  # [table, id, column, before, after]
    undone = models.BooleanField(default=False)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("batch", "first_row"), name="import_step_once"),)
