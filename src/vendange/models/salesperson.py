"""Written by route: what routing knows of a salesperson, and when they are away."""

from django.db import models
from django.db.models import F, Q

from vendange.models.fields import text
from vendange.models.user import User


class Salesperson(models.Model):
    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="salesperson")
    territory = models.JSONField(default=list)  # regions or countries ("69", "DE"); empty: everywhere
    languages = models.JSONField(default=list)  # empty: any
    lead_types = models.JSONField(default=list)  # empty: any
    capacity = models.IntegerField(default=20)  # open leads
    temperament = text(20)  # "" | hunter | farmer
    taking_leads = models.BooleanField(default=True)
    external_id = text(80)

    class Meta:
        constraints = (models.CheckConstraint(condition=Q(capacity__gte=0), name="capacity_not_negative"),)


class Absence(models.Model):
    salesperson = models.ForeignKey(Salesperson, on_delete=models.CASCADE, related_name="absences")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    reason = text(80)

    class Meta:
        constraints = (models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="absence_lasts"),)
