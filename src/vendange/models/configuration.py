"""Written by capture: which saves belong to one configuration, so that each is told against the one before it."""

from django.db import models

from vendange.models.fields import code
from vendange.models.signal import Signal


class Configuration(models.Model):
    signal = models.OneToOneField(Signal, on_delete=models.CASCADE, related_name="configuration")
    thread = code(64)  # SHA-256 of what makes it the same one: vendange.capture.rules.thread_of

    class Meta:
        indexes = (models.Index(fields=("thread",), name="configuration_of_thread"),)
