"""Written by identify and sell: what is known of a person, side by side by origin, never overwritten (R20)."""

from django.db import models

from vendange.models.fields import code, text
from vendange.models.import_batch import ImportBatch
from vendange.models.person import Person
from vendange.models.user import User


class Fact(models.Model):
    # Found by the index below; one more for each foreign key would cost as much as the row.
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="facts", db_index=False)
    field = code(60)
    value = models.CharField(max_length=500)
    origin = code(20)  # inferred | declared | reported | observed | verified
    source = text(120)
    at = models.DateTimeField()
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    # Which file said so, when one did; looked for by person, so it needs no index of its own.
    import_batch = models.ForeignKey(
        ImportBatch, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )

    class Meta:
        indexes = (
            models.Index(fields=("person", "field", "-at"), name="fact_latest"),
            models.Index(fields=("field",), condition=models.Q(origin="verified"), name="fact_verified"),
        )
