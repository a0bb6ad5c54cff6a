"""Written by score, in the transaction of what touches: people who wait to be measured, also after a crash."""

from django.db import models

from vendange.models.person import Person


class Touched(models.Model):
    """`since`: when the oldest of their new signals happened; null: nothing new calls for them, but measure them."""

    person = models.OneToOneField(Person, on_delete=models.CASCADE, related_name="+")
    since = models.DateTimeField(null=True)
