"""Written by agree: what somebody has answered so far to the questions that begin an agreement."""

from django.db import models

from vendange.models.user import User


class Beginning(models.Model):
    """One for each person, whichever browser they go on in; the draft that is made of it holds nothing of this row."""

    by = models.OneToOneField(User, on_delete=models.CASCADE, related_name="beginning")
    answers = models.JSONField()  # `vendange.agreement.starting_kept`
    changed_at = models.DateTimeField()
