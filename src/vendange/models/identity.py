"""Written by identify: every key under which a person has been seen. Old ids stay here for ever."""

from django.db import models

from vendange.models.fields import code
from vendange.models.import_batch import ImportBatch
from vendange.models.person import Person


class Identity(models.Model):
    """`user_id`, `external_id` and `email` are strong keys; `anonymous_id` (a cookie) is weak.

    A key is `claimed` as long as only sources that anybody can write to have named it (A27).
    """

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="identities")
    kind = code(20)
    value = code(255)
    shared = models.BooleanField(default=False)  # a cookie that has been several people merges nobody
    claimed = models.BooleanField(default=False, db_default=False)
    first_seen_at = models.DateTimeField()
    # Which file said so, when one did; looked for by person, so it needs no index of its own.
    import_batch = models.ForeignKey(
        ImportBatch, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )

    class Meta:
        constraints = (models.UniqueConstraint(fields=("kind", "value"), name="identity_once"),)
