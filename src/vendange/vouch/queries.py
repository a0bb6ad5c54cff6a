"""How true what people declare has proved to be, and what a colleague answers for."""

from collections.abc import Collection, Mapping
from typing import Final

from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Lower

from vendange.models import Fact, Person

SWITCHBOARD: Final = 3  # others who have a number from which on it is nobody's own
MOST_SHARING: Final = 99


def proved(fields: Collection[str]) -> Mapping[str, tuple[int, int]]:
    """Of each field: how many declared values were verified later, and how many of those had been true (R23).

    A field is judged by the last value that the person had declared before a human verified it.
    """
    said = Fact.objects.filter(
        person=OuterRef("person"), field=OuterRef("field"), origin="declared", at__lt=OuterRef("at")
    )
    rows = (
        Fact.objects.filter(origin="verified", field__in=fields)
        .annotate(said=Lower(Subquery(said.order_by("-at", "-id").values("value")[:1])))
        .exclude(said=None)
        .values_list("field")
        .annotate(verified=Count("pk"), true=Count("pk", filter=Q(said=Lower("value"))))
        .order_by()
    )
    return {field: (verified, true) for field, verified, true in rows}


def is_stated_professional(person: Person) -> bool:
    """Whether a colleague has said why this is a professional, private mailbox or not (C2)."""
    if person.regime != "professional":
        return False
    said = Fact.objects.filter(person=person, field="regime", origin="reported").exclude(by=None)
    latest = said.order_by("-at", "-id").values_list("value", flat=True).first()
    return latest == "professional"


def sharing_phone(person: Person) -> int:
    """How many others at their company have this number, when it is a switchboard; else 0 (A34)."""
    if not person.phone or person.organisation_id is None:
        return 0
    others = Person.objects.filter(organisation=person.organisation_id, phone=person.phone, merged_into=None)
    others = others.exclude(pk=person.pk)
    found = others[: MOST_SHARING + 1].count()
    return found if found >= SWITCHBOARD else 0
