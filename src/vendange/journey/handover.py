"""The handover: a passed lead is assigned, accepted, called, reported, given back, or taken to somebody else."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction

from vendange.agree.queries import terms_of
from vendange.agreement.calendars import due
from vendange.agreement.sentence import Incomplete, sentence
from vendange.agreement.stages import Holder, Stage
from vendange.agreement.terms import Agreement
from vendange.journey import letters
from vendange.journey.arrive import open_linked
from vendange.journey.calls import check_call
from vendange.journey.move import Next, locked, move, wait
from vendange.journey.passing import hand_over
from vendange.models import Assignment, Call, Lead, Report, Return, Salesperson, User
from vendange.models.trail import record
from vendange.route import actions as route
from vendange.sell import actions as sell
from vendange.sell.actions import NotNow
from vendange.sell.rules import check_report, check_return, return_reason

FOLLOW_UP = timedelta(days=7)  # next date of a lead whose report names none


@transaction.atomic
def give(*, lead: Lead, salesperson: Salesperson, by: User, now: datetime) -> Assignment | None:
    """A manager names who takes a lead that nobody holds, limits or not: a lead that nobody calls is worse (R88)."""
    lead = locked(lead)
    if lead.holder != Holder.NOBODY:
        raise NotNow(sentence("Somebody holds this lead by now: open it to see who."))
    if not salesperson.user.is_active:
        raise NotNow(sentence("{name} has left: give it to somebody else.", name=salesperson.user.name))
    return hand_over(lead, by=by, now=now, because="by_manager", salesperson_id=salesperson.pk)


@transaction.atomic
def accept(*, lead: Lead, by: User, now: datetime) -> Assignment:
    """The salesperson takes it; from now on the clock of the first call runs. Accepting twice is accepting once."""
    lead = locked(lead)
    one = sell.assignment_of(lead, by)
    if one.accepted_at is None:
        _accept(lead, one, by, now)
    return one


def _accept(lead: Lead, one: Assignment, by: User, now: datetime) -> None:
    sell.accept(assignment=one, now=now)
    then = Next(Holder.PERSON, one.call_by, "call", owner=by)
    move(lead, to=Stage.ACCEPTED, because="accepted", by=by, now=now, then=then)


@transaction.atomic
def decline(*, lead: Lead, by: User, now: datetime, why: str) -> Assignment | None:
    """Refuse before accepting, with a reason: it goes to somebody else, never back to the one who refused."""
    lead = locked(lead)
    one = sell.assignment_of(lead, by)
    if one.accepted_at is not None:
        raise NotNow(sentence("You have accepted this lead: give it back with a reason instead of refusing it."))
    if not why.strip():
        raise Incomplete({"why": sentence("Say in a few words why you refuse it.")})
    return _to_another(lead, one, by=by, now=now, because="declined", detail={"why": why.strip()[:200]})


@transaction.atomic
def reassign(*, lead: Lead, by: User | None, now: datetime, because: str, why: str = "") -> Assignment | None:
    """Take a lead to another salesperson; both are told, the history stays (R88). `because` is a code, `why` words."""
    lead = locked(lead)
    one = Assignment.objects.select_related("salesperson__user").filter(lead=lead, ended_at__isnull=True).first()
    if one is None:
        raise NotNow(sentence("This lead is with no salesperson now, so there is nobody to take it from."))
    return _to_another(
        lead, one, by=by, now=now, because=because, detail={"why": why.strip()[:200]} if why.strip() else {}
    )


@transaction.atomic
def hand_to(*, lead: Lead, salesperson: Salesperson, by: User, now: datetime) -> Assignment | None:
    """A manager takes a lead from one salesperson to another whom they name; both are told."""
    lead = locked(lead)
    one = Assignment.objects.select_related("salesperson__user").filter(lead=lead, ended_at__isnull=True).first()
    if one is None:
        raise NotNow(sentence("This lead is with no salesperson now, so there is nobody to take it from."))
    if one.salesperson_id == salesperson.pk:
        raise NotNow(sentence("{name} has this lead already.", name=salesperson.user.name))
    if lead.stage == Stage.OPPORTUNITY:
        raise NotNow(sentence("A deal is open on this lead: its salesperson keeps it."))
    return _to_another(lead, one, by=by, now=now, because="by_manager", detail={}, salesperson_id=salesperson.pk)


def _to_another(
    lead: Lead,
    one: Assignment,
    *,
    by: User | None,
    now: datetime,
    because: str,
    detail: Mapping[str, str],
    salesperson_id: int | None = None,
) -> Assignment | None:
    route.end(assignment=one, because=because, now=now)
    told = {"because": because, "from_salesperson": one.salesperson.user.name, **detail}
    record("lead.taken_back", lead, at=now, by=by, detail=told, agreement_sha=lead.agreement.sha)
    new = hand_over(lead, by=by, now=now, because=because, detail=detail, salesperson_id=salesperson_id)
    letters.taken_away(lead, one, because=told["why"] if because == "replaced" and "why" in told else because, now=now)
    return new


@transaction.atomic
def log_call(
    *, lead: Lead, by: User, now: datetime, result: str, note: str = "", call_back_at: datetime | None = None
) -> Call:
    """Keep an attempt; calling a lead is accepting it. The report is owed from the first call on."""
    lead = locked(lead)
    one = sell.assignment_of(lead, by)
    check_call(result, call_back_at, now)
    if one.accepted_at is None:
        _accept(lead, one, by, now)
    call = sell.log_call(lead=lead, assignment=one, by=by, now=now, result=result, note=note, call_back_at=call_back_at)
    record("lead.called", lead, at=now, by=by, detail={"result": result}, agreement_sha=lead.agreement.sha)
    agreement = terms_of(lead.agreement).agreement
    then = _after_call(agreement, call_back_at, by, now)
    if lead.stage == Stage.ACCEPTED:
        move(lead, to=Stage.WORKING, because="called", by=by, now=now, then=then)
    elif call_back_at or lead.next_step == "call":
        wait(lead, then=then)
    return call


def _after_call(agreement: Agreement, call_back_at: datetime | None, by: User, now: datetime) -> Next:
    if call_back_at:
        return Next(Holder.PERSON, call_back_at, "call", owner=by)
    return Next(Holder.PERSON, due(now, agreement.delays.report, agreement.calendar), "report", owner=by)


@transaction.atomic
def file_report(
    *, lead: Lead, by: User, now: datetime, answers: Mapping[str, str], next_at: datetime | None = None
) -> Report:
    """Keep the normalised account; its next date becomes the lead's."""
    lead = locked(lead)
    sell.assignment_of(lead, by)
    if lead.stage not in {Stage.WORKING, Stage.OPPORTUNITY}:
        raise NotNow(sentence("Log the first call before the report: the report tells how it went."))
    check_report(answers, next_at, terms_of(lead.agreement).agreement, now)
    report = sell.file_report(lead=lead, by=by, now=now, answers=answers, next_at=next_at)
    wait(lead, then=Next(Holder.PERSON, next_at or now + FOLLOW_UP, "follow_up", owner=by))
    record("lead.reported", lead, at=now, by=by, detail={"answers": report.answers}, agreement_sha=lead.agreement.sha)
    return report


@transaction.atomic
def give_back(
    *,
    lead: Lead,
    by: User,
    now: datetime,
    reason: str,
    note: str = "",
    wake_at: datetime | None = None,
    contact: str = "",
) -> Return:
    """Give a lead back with a typed reason; each reason has its own effect (R7)."""
    lead = locked(lead)
    one = sell.assignment_of(lead, by)
    agreed = return_reason(terms_of(lead.agreement).agreement, reason)
    check_return(agreed, wake_at, contact, now)
    told = sell.give_back(
        lead=lead, assignment=one, by=by, now=now, reason=reason, effect=agreed.effect, note=note, wake_at=wake_at
    )
    if agreed.effect == "keep":
        sell.name_contact(lead=lead, contact=contact, by=by, now=now)
        wait(lead, then=Next(Holder.PERSON, now + FOLLOW_UP, "follow_up", owner=by))
        record("lead.contact_added", lead, at=now, by=by, detail={"reason": reason}, agreement_sha=lead.agreement.sha)
        return told
    route.end(assignment=one, because="returned", now=now)
    detail = {"reason": reason, "effect": agreed.effect, "attempts": told.attempts}
    if agreed.effect == "linked_lead":
        move(lead, to=Stage.RETURNED, because="returned", by=by, now=now, detail=detail)
        open_linked(lead, now=now)
    else:
        lead.track = lead.track or _first_track(lead)
        then = Next(Holder.NURTURE, wake_at or now + timedelta(days=agreed.after_days), "wake_up")
        move(lead, to=Stage.RECYCLED, because="returned", by=by, now=now, then=then, detail=detail)
    letters.returned(lead, told, now=now)
    return told


def _first_track(lead: Lead) -> str:
    tracks = terms_of(lead.agreement).agreement.recycling.tracks
    return tracks[0].id if tracks else "general"
