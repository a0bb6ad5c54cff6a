"""Written by reveal: which company a network belongs to, how sure that is, and whom we may not recognise."""

from django.db import models

from vendange.models.fields import code, text
from vendange.models.organisation import Organisation
from vendange.models.person import Person
from vendange.models.user import User


class Revealed(models.Model):
    """One visitor seen from the network of one company. No address of a machine is kept, only its network."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="revealed")
    organisation = models.ForeignKey(Organisation, null=True, on_delete=models.SET_NULL, related_name="revealed")
    name = text(200)
    domain = text(190)
    network = code(49)  # CIDR, as the file of networks has it
    confidence = models.FloatField()  # 0 to 1
    because = models.JSONField(default=list)  # what speaks for it and against it, as codes
    visits = models.IntegerField(default=0)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("person", "network"), name="revealed_once"),)
        indexes = (
            models.Index(fields=("-last_at",), name="revealed_newest"),
            models.Index(fields=("domain",), name="revealed_by_domain"),
        )


class NotRevealed(models.Model):
    """A network or a company that is never recognised: our own offices, a provider, somebody who objected (C43)."""

    network = text(49)  # CIDR, or "" when the name decides
    name = text(200)  # of a company or a provider, in lower case, or "" when the network decides
    reason = code(20)  # office | provider | objection
    at = models.DateTimeField()
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    ended_at = models.DateTimeField(null=True)


class Informed(models.Model):
    """A human has confirmed that visitors are told of it: while one row has not ended, companies are recognised."""

    notice = text(500)  # the address of the text that tells them
    at = models.DateTimeField()
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
