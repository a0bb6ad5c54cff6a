"""Written by sell: the money in play. Its `status` is not the lead's stage nor the person's relationship."""

from django.db import models
from django.db.models import Q

from vendange.models.fields import code, text
from vendange.models.lead import Lead


class Deal(models.Model):
    lead = models.OneToOneField(Lead, on_delete=models.CASCADE, related_name="deal")
    name = text(200)
    amount_cents = models.BigIntegerField(null=True)
    currency = code(3, default="EUR")
    status = code(20, default="open")  # open | won | lost
    opened_at = models.DateTimeField()
    expected_on = models.DateField(null=True)
    closed_at = models.DateTimeField(null=True)
    lost_reason = text(200)
    imported = models.BooleanField(default=False)  # known from a file, which may not tell the amount

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=~Q(status="won") | Q(amount_cents__isnull=False) | Q(imported=True),
                name="won_deal_has_an_amount",
            ),
            models.CheckConstraint(
                condition=Q(amount_cents__isnull=True) | Q(amount_cents__gte=0), name="amount_not_negative"
            ),
        )
