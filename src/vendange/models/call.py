"""Written by qualify and sell: every attempt to reach a person by phone."""

from django.db import models

from vendange.models.fields import code, public_id, text
from vendange.models.lead import Lead
from vendange.models.person import Person
from vendange.models.user import User


class Call(models.Model):
    public_id = public_id()
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="calls")
    lead = models.ForeignKey(Lead, null=True, on_delete=models.SET_NULL, related_name="calls")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="calls")
    at = models.DateTimeField()
    side = code(20)  # marketing (the desk) | sales
    result = code(20)  # reached | no_answer | message | call_back
    call_back_at = models.DateTimeField(null=True)
    note = text(500)

    class Meta:
        indexes = (models.Index(fields=("person", "-at"), name="call_of_person"),)
