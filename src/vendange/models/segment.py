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
    closed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name


class SegmentMember(models.Model):
    """Somebody who belongs to it now, and since when."""

    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="members", db_index=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="segments")
    since = models.DateTimeField()
    # When time alone may change that (an act gets too old); null: only something new can.
    look_again_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("segment", "person"), name="member_once"),)
        indexes = (
            models.Index(
                fields=("look_again_at",), condition=models.Q(look_again_at__isnull=False), name="member_again"
            ),
        )
