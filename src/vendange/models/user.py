"""Written by admit: the colleagues who sign in."""

from django.contrib.auth.models import AbstractUser
from django.db import models

from vendange.models.fields import code, public_id, text
from vendange.models.team import Team

ROLES = ("marketing", "ldr", "sales", "manager", "admin")


class User(AbstractUser):
    """A colleague. `signs_for` says which of the two signatures of the agreement is theirs, if any."""

    public_id = public_id()
    email = models.EmailField(unique=True)
    role = code(20, default="marketing")
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.SET_NULL, related_name="members")
    signs_for = text(20)  # "" | marketing | sales
    language = text(5)  # "" = the browser's
    theme = text(5)  # "" = the system's | light | dark

    class Meta:
        constraints = (
            models.CheckConstraint(condition=models.Q(role__in=ROLES), name="user_role_known"),
            models.CheckConstraint(
                condition=models.Q(signs_for__in=("", "marketing", "sales")), name="user_signs_for_known"
            ),
        )

    @property
    def name(self) -> str:
        return self.get_full_name() or self.username

    @property
    def initials(self) -> str:
        return (self.first_name[:1] + self.last_name[:1]).upper() or self.username[:2].upper()
