"""Interest that fades while a salesperson holds the lead: the owner is told, once per fall (R44)."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Final

from django.db.models import QuerySet

from vendange.agreement.stages import IN_SALES, Holder
from vendange.journey import letters
from vendange.models import AgreementVersion, Lead, Measure
from vendange.models.trail import record

LEVELS: Final = ("cold", "warm", "hot")
COOLED: Final = "lead.cooled"  # the verb of the trail, from which the story of the lead is told


def warm(person_ids: Collection[int]) -> dict[int, str]:
    """The temperature, as last measured, of those of these people who can fall and whose lead a salesperson holds."""
    measured = _held(person_ids).filter(person__measure__temperature__in=LEVELS[1:])
    return dict(measured.values_list("person_id", "person__measure__temperature"))


def tell_owners(before: Mapping[int, str], *, version: AgreementVersion, now: datetime) -> None:
    """Tell who holds the leads of those who have fallen since; in the transaction that measured them."""
    after = _measured(before)
    fallen = {person for person, was in before.items() if LEVELS.index(after[person]) < LEVELS.index(was)}
    for lead in _with_owner(fallen):
        was, is_now = before[lead.person_id], after[lead.person_id]
        last = lead.person.last_signal_at
        told = {"from": was, "to": is_now, "last_act_at": last.isoformat() if last else ""}
        record(COOLED, lead, at=now, by=None, detail=told, agreement_sha=version.sha)
        letters.cooled(lead, before=was, after=is_now, now=now)


def _held(person_ids: Collection[int]) -> QuerySet[Lead]:
    in_sales = [str(stage) for stage in IN_SALES]
    return Lead.objects.filter(person_id__in=person_ids, holder=str(Holder.PERSON), stage__in=in_sales)


def _measured(people: Collection[int]) -> dict[int, str]:
    if not people:
        return {}
    return dict(Measure.objects.filter(person_id__in=people).values_list("person_id", "temperature"))


def _with_owner(people: Collection[int]) -> Iterable[Lead]:
    return _held(people).select_related("person", "organisation", "owner").order_by("pk") if people else ()
