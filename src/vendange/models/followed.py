"""Written by link: each time a link or a pixel was followed by a person who allows it; of others nothing is kept."""

from django.db import models
from django.db.models import Q

from vendange.models.fields import code
from vendange.models.person import Person
from vendange.models.signal import Signal
from vendange.models.tracked_link import TrackedLink


class Followed(models.Model):
    """What verdicts are judged by, together with the signal. `network` means nothing the next day, and is emptied."""

    link = models.ForeignKey(TrackedLink, on_delete=models.PROTECT, related_name="followed", db_index=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="followed", db_index=False)
    signal = models.OneToOneField(Signal, on_delete=models.CASCADE, related_name="followed")
    at = models.DateTimeField()
    network = code(24, default="")  # a keyed hash of the network that the request came through
    again_at = models.DateTimeField(null=True)  # when it is judged again; null: nothing can change any more

    class Meta:
        indexes = (
            models.Index(fields=("link", "-at"), name="followed_of_link"),
            models.Index(fields=("person", "at"), name="followed_of_person"),
            models.Index(fields=("network", "at"), condition=~Q(network=""), name="followed_by_network"),
            models.Index(fields=("again_at",), condition=Q(again_at__isnull=False), name="followed_judged_again"),
        )
