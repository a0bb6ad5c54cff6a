"""Written by score: where an organisation stands, counted from the measures of its people."""

from django.db import models
from django.db.models import Q

from vendange.agreement.vocabulary import ROLES
from vendange.models.agreement import AgreementVersion
from vendange.models.fields import code
from vendange.models.organisation import Organisation


class Heat(models.Model):
    """`disagreement`: somebody is engaged, and a role that the agreement wants to hear is known and silent."""

    organisation = models.OneToOneField(Organisation, on_delete=models.CASCADE, related_name="heat")
    agreement = models.ForeignKey(AgreementVersion, on_delete=models.PROTECT, related_name="+")
    as_of = models.DateTimeField()
    temperature = code(10)  # hot | warm | cold
    engaged = models.IntegerField()
    roles = models.JSONField(default=dict)  # role -> engaged | silent | missing
    disagreement = models.BooleanField(default=False)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(temperature__in=("hot", "warm", "cold")), name="heat_is_one_of_three"),
        )
        indexes = (models.Index(fields=("temperature", "-engaged"), name="heat_by_temperature"),)

    @property
    def covered(self) -> dict[str, str]:
        """`roles`, who decides first: PostgreSQL gives them back in an order of its own."""
        return {role: self.roles[role] for role in reversed(ROLES) if role in self.roles}
