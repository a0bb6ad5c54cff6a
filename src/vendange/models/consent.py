"""Written by capture, qualify and bring: what a person allowed or refused. Append-only: a correction is a new line."""

from django.db import models

from vendange.models.fields import code, text
from vendange.models.import_batch import ImportBatch
from vendange.models.person import Person
from vendange.models.user import User


class Consent(models.Model):
    # Found by the index below; one more for each foreign key would cost as much as the row.
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="consents", db_index=False)
    channel = code(20)  # email | phone | sms | tracking | all
    purpose = code(40)
    status = code(20)  # given | refused | withdrawn; of files also: informed | contract
    at = models.DateTimeField()
    method = text(80)
    wording = text(120)
    page = text(300)
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    # Which file said so, when one did; looked for by person, so it needs no index of its own.
    import_batch = models.ForeignKey(
        ImportBatch, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )

    class Meta:
        indexes = (models.Index(fields=("person", "channel", "-at"), name="consent_latest"),)
