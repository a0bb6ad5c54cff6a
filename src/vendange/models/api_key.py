"""Written by admit: bearer keys of programs that use the API. Only a hash is kept; the key is shown once."""

from django.db import models

from vendange.models.fields import code, text
from vendange.models.user import ROLES


class ApiKey(models.Model):
    name = text(80)
    role = code(20)
    prefix = code(12, unique=True)
    digest = code(64)  # sha256 hex: keys are long and random, so a slow hash would only slow the API down
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.CheckConstraint(condition=models.Q(role__in=ROLES), name="api_key_role_known"),)
