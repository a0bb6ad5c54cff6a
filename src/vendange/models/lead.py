"""Written by qualify, route and sell through journey; `stage` by `vendange.journey.move` only: one buying intention."""

from django.db import models
from django.db.models import Q

from vendange.agreement.stages import CLOSED
from vendange.models.agreement import AgreementVersion
from vendange.models.fields import code, public_id, text
from vendange.models.organisation import Organisation
from vendange.models.person import Person
from vendange.models.user import User

CLOSED_STAGES = tuple(sorted(str(stage) for stage in CLOSED))


class Lead(models.Model):
    """One intention of one organisation. Open: it has a holder and a next date, always (see the constraints)."""

    public_id = public_id()
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="leads")
    organisation = models.ForeignKey(Organisation, null=True, on_delete=models.SET_NULL, related_name="leads")
    lead_type = code(50)
    stage = code(20)
    agreement = models.ForeignKey(AgreementVersion, on_delete=models.PROTECT, related_name="leads")
    way = code(20)  # act | score | report: how it was found ripe
    reason = code(60)  # the act's id, or the cell
    grade = code(2)
    fit = models.FloatField()
    engagement = models.FloatField()
    evidence = models.JSONField(default=list)  # lines of the measure that opened it, frozen
    propensity = models.FloatField(null=True)  # share of leads like this one that became an opportunity
    raised_at = models.DateTimeField()  # when the evidence was complete
    opened_at = models.DateTimeField()  # when we knew
    holder = code(20)  # person | desk | nurture | nobody
    owner = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="leads")
    nobody_because = text(60)
    next_at = models.DateTimeField(null=True)
    next_step = text(40)  # judge | wake_up | accept | call | report | follow_up | find_owner
    escalated_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    track = text(50)
    linked_to = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="linked_from")

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(stage__in=CLOSED_STAGES) | Q(next_at__isnull=False), name="open_lead_has_a_next_date"
            ),
            models.CheckConstraint(
                condition=Q(stage__in=CLOSED_STAGES)
                | Q(holder="person", owner__isnull=False)
                | Q(holder__in=("desk", "nurture"), owner__isnull=True)
                | (Q(holder="nobody", owner__isnull=True) & ~Q(nobody_because="")),
                name="open_lead_has_an_owner",
            ),
            models.CheckConstraint(
                condition=~Q(stage__in=CLOSED_STAGES) | Q(closed_at__isnull=False), name="closed_lead_has_a_date"
            ),
        )
        indexes = (
            models.Index(fields=("stage", "next_at"), name="lead_due"),
            models.Index(fields=("owner", "stage"), name="lead_of_owner"),
            models.Index(fields=("raised_at",), name="lead_by_date"),
        )

    @property
    def is_open(self) -> bool:
        return self.stage not in CLOSED_STAGES
