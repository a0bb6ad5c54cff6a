"""Passing: a lead goes to the salesperson whom routing chooses, or to the "nobody" queue with its reason."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction

from vendange.agree.queries import terms_of
from vendange.agreement.stages import Holder, Stage
from vendange.journey import letters
from vendange.journey.move import Next, locked, move, wait
from vendange.models import Assignment, Lead, Salesperson, User
from vendange.route import actions as route
from vendange.route import queries as routed
from vendange.route.rules import Choice, decide

LOOK_AGAIN = timedelta(hours=1)  # how long a lead waits in the "nobody" queue before routing is asked again


def preview(lead: Lead, now: datetime) -> Choice:
    """Who would get this lead now, and why; nothing is written."""
    return decide(routed.wanted(lead), routed.candidates(lead, now))


def hand_over(
    lead: Lead,
    *,
    by: User | None,
    now: datetime,
    because: str,
    salesperson_id: int | None = None,
    detail: Mapping[str, str] | None = None,
) -> Assignment | None:
    """Give a lead to a salesperson, or to the "nobody" queue with its reason. The caller holds the lock."""
    agreement = terms_of(lead.agreement).agreement
    choice = preview(lead, now)
    chosen_id = salesperson_id or (choice.chosen.candidate.id if choice.chosen else None)
    if chosen_id is None:
        then = Next(Holder.NOBODY, now + LOOK_AGAIN, "find_owner", nobody_because=choice.nobody_because)
        move(lead, to=Stage.PASSED, because=because, by=by, now=now, then=then, detail=detail)
        letters.in_nobody_queue(lead, because=choice.nobody_because, now=now)
        return None
    salesperson = Salesperson.objects.select_related("user").get(pk=chosen_id)
    by_hand = by if salesperson_id else None
    one = route.assign(
        lead=lead, salesperson=salesperson, choice=choice, chosen_by=by_hand, agreement=agreement, now=now
    )
    then = Next(Holder.PERSON, one.accept_by, "accept", owner=salesperson.user)
    told = {**(detail or {}), "to": salesperson.user.name}
    move(lead, to=Stage.PASSED, because=because, by=by, now=now, then=then, detail=told)
    letters.assigned(lead, one, now=now)
    return one


@transaction.atomic
def find_owner(*, lead: Lead, now: datetime) -> bool:
    """Ask routing again for a lead that nobody holds; whether somebody has it now."""
    lead = locked(lead)
    if lead.holder != Holder.NOBODY:
        return True
    choice = preview(lead, now)
    if choice.chosen is None:
        then = Next(Holder.NOBODY, now + LOOK_AGAIN, "find_owner", nobody_because=choice.nobody_because)
        wait(lead, then=then)
        return False
    return hand_over(lead, by=None, now=now, because="owner_found") is not None
