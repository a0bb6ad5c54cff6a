"""Written by capture: how often something was done on a site, by nobody in particular. Lives beside the inbox."""

from django.db import models

from vendange.models.fields import code, text


class AudienceCount(models.Model):
    """One line for each day, source, kind, page and way of coming: numbers, and nothing that tells who (C40)."""

    key = code(64, unique=True)  # SHA-256 of what the line is about
    source = models.BigIntegerField()  # Source.id; sources are in another file on SQLite
    day = models.DateField()  # by the clock of the installation
    kind = code(50)
    path = text(500)
    asset = text(200)
    campaign = text(200)
    channel = text(60)
    referrer = text(120)  # the name of the site they came from
    verdict = code(10)
    times = models.BigIntegerField()
    value = models.FloatField(default=0)  # the sum: seconds, of `time_spent`

    class Meta:
        indexes = (models.Index(fields=("source", "day"), name="audience_of_source"),)
