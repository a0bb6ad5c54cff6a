"""Written by meet: the trade shows and other events where we meet people."""

from django.db import models

from vendange.models.fields import code, public_id, text
from vendange.models.source import Source
from vendange.models.user import User


class TradeShow(models.Model):
    """One event. What is told of it are signals of its source, whose `campaign` is its name."""

    public_id = public_id()
    name = text(120, unique=True)
    place = text(120)
    topic = text(80)
    kind = code(50, default="booth_visited")  # of the signals that it brings
    from_day = models.DateField()
    to_day = models.DateField()
    source = models.OneToOneField(Source, on_delete=models.PROTECT, related_name="trade_show")
    created_at = models.DateTimeField()
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        indexes = (models.Index(fields=("-from_day",), name="trade_show_newest"),)
