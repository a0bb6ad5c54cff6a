"""Written by score: what the engine last measured of a person, with the lines that add up to it."""

from django.db import models
from django.db.models import Q

from vendange.models.agreement import AgreementVersion
from vendange.models.fields import code, text
from vendange.models.person import Person

SHOWN = 0.05  # points; with less, 0.0 is shown, and it cannot fade any more


class Measure(models.Model):
    person = models.OneToOneField(Person, on_delete=models.CASCADE, related_name="measure")
    agreement = models.ForeignKey(AgreementVersion, on_delete=models.PROTECT, related_name="+")
    as_of = models.DateTimeField()
    fit = models.FloatField()
    engagement = models.FloatField()
    grade = code(2)
    temperature = text(10)
    lines = models.JSONField(default=list)
    next_change_at = models.DateTimeField(null=True)  # when it falls without a new signal
    set_aside = text(50)  # the agreement's reason, "" when the person is in the target
    dimensions = models.JSONField(default=dict)  # id -> [engagement, cell]
    interests = models.JSONField(default=dict)  # topic -> points
    changes = models.JSONField(default=list)  # topics in which a burst holds

    class Meta:
        indexes = (
            models.Index(fields=("next_change_at",), name="measure_cools_next"),
            models.Index(fields=("temperature",), name="measure_by_temperature"),
            models.Index(fields=("grade",), name="measure_by_grade"),
            models.Index(fields=("as_of",), condition=Q(engagement__gte=SHOWN), name="measure_fades_by_age"),
        )
