"""Written by link: addresses that tell when they are followed or (pixels) loaded. They lead to one stored place."""

from django.db import models

from vendange.models.fields import code, public_id, text
from vendange.models.source import Source
from vendange.models.user import User


class TrackedLink(models.Model):
    public_id = public_id()
    token = code(16, unique=True)  # what stands in the address
    kind = code(10)  # link | pixel
    name = text(120)
    destination = text(2000)  # "" for a pixel; a link leads here and nowhere else
    campaign = text(200)
    channel = text(60)
    topic = text(80)
    asset = text(200)
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="links")
    created_at = models.DateTimeField()
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    closed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (models.Index(fields=("-created_at",), name="link_newest"),)
