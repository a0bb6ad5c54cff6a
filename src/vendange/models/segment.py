"""Written by segment: who belongs together, by conditions in the grammar of the agreement or chosen by hand."""

from django.db import models

from vendange.models.fields import code, public_id, text
from vendange.models.person import Person
from vendange.models.user import User


class Segment(models.Model):
    public_id = public_id()
    name = models.CharField(max_length=120, unique=True)
    about = text(500)
    kind = code(10, default="rules")  # rules | hand
    wording = models.TextField(blank=True, default="")  # the conditions, as YAML; empty when chosen by hand
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    filled_at = models.DateTimeField(null=True)  # when its members were last found among everybody; null: not yet
    # Until when what time alone changes (an act gets too old) has been looked at; null: before the first filling.
    looked_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name


class SegmentMember(models.Model):
    """Somebody who belongs to it now, and since when."""

    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="members", db_index=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="segments")
    since = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("segment", "person"), name="member_once"),)
        indexes = (models.Index(fields=("segment", "since"), name="member_by_date"),)


class SegmentLeft(models.Model):
    """Somebody who belonged to it, and does not any more. Forgotten after a month."""

    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="left", db_index=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=("segment", "at"), name="left_by_date"),)


class SegmentMark(models.Model):
    """Somebody of whom something has changed that segments ask for: laid down by triggers of the database."""

    ref = models.BigIntegerField()  # the person
