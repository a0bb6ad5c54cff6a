"""Written by admit: a team of colleagues."""

from django.db import models

from vendange.models.fields import code, text


class Team(models.Model):
    name = text(80, unique=True)
    side = code(20)  # marketing | sales

    class Meta:
        constraints = (
            models.CheckConstraint(condition=models.Q(side__in=("marketing", "sales")), name="team_side_known"),
        )

    def __str__(self) -> str:
        return str(self.name)
