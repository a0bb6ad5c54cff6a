"""Written by identify, and by qualify (`set_aside`), sell (`relationship`), reveal (a guessed employer): people."""

from django.db import models
from django.db.models.functions import Lower

from vendange.models.fields import code, public_id, text
from vendange.models.organisation import Organisation


class Person(models.Model):
    """A person. Three fields never to confuse: `relationship` here, the lead's `stage`, the deal's `status`."""

    public_id = public_id()
    organisation = models.ForeignKey(Organisation, null=True, on_delete=models.SET_NULL, related_name="people")
    # How sure that is, 0 to 1, when only the network of a visit says so; null: they or a colleague said it.
    organisation_confidence = models.FloatField(null=True)
    first_name = text(120)
    last_name = text(120)
    email = text(254)
    phone = text(20)  # E.164
    phone_raw = text(60)
    job_title = text(160)
    level = text(20)
    role = text(20)  # part in the buying group
    language = text(5)
    country = text(2)
    time_zone = text(40)
    regime = code(20, default="unknown")  # consumer | professional | unknown (C1)
    source = text(80)
    relationship = code(20, default="suspect")  # suspect | prospect | customer
    set_aside = text(50)
    created_at = models.DateTimeField()
    last_signal_at = models.DateTimeField(null=True)
    merged_into = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="aliases")

    class Meta:
        indexes = (
            models.Index(Lower("email"), name="person_by_email"),
            models.Index(fields=("last_name", "first_name"), name="person_by_name"),
            models.Index(fields=("-last_signal_at",), name="person_by_last_signal"),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip() or self.email or ""

    @property
    def initials(self) -> str:
        return (self.first_name[:1] + self.last_name[:1]).upper() or self.email[:2].upper() or "?"
