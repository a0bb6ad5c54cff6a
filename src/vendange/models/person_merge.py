"""Written by unite: which records were found to be one person, who said so, and all that undoing it needs."""

from django.db import models

from vendange.models.merge import Alike, Union
from vendange.models.person import Person


class Merge(Union):
    """One record of a person has taken another in."""

    kept = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="merges")
    absorbed = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="absorptions")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("absorbed",), condition=models.Q(undone_at=None), name="absorbed_once"),
        )


class Twins(Alike):
    """Two records that may be one person; `first` has the smaller id. Their score: vendange.unite.rules.likeness."""

    first = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("first", "second"), name="twins_once"),)
        indexes = (models.Index(fields=("-score", "id"), condition=models.Q(state="open"), name="twins_to_judge"),)
