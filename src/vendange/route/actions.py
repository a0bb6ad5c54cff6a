"""Writes assignments: to whom a lead goes, why them, and who else was considered. And what routing knows of people."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from vendange.agreement.calendars import due
from vendange.agreement.terms import Agreement
from vendange.models import Absence, Assignment, Lead, Salesperson, User
from vendange.models.trail import record
from vendange.route.rules import Choice, Considered


def assign(
    *, lead: Lead, salesperson: Salesperson, choice: Choice, chosen_by: User | None, agreement: Agreement, now: datetime
) -> Assignment:
    """Give the lead to a salesperson, with the three promises of the agreement as dates."""
    mine = next((one for one in choice.considered if one.candidate.id == salesperson.pk), None)
    delays, calendar = agreement.delays, agreement.calendar
    return Assignment.objects.create(
        lead=lead,
        salesperson=salesperson,
        at=now,
        reasons=_reasons(mine, choice, chosen_by),
        candidates=[_considered(one) for one in choice.considered],
        accept_by=due(now, delays.accept, calendar),
        call_by=due(now, delays.call, calendar),
        reassign_at=due(now, delays.reassign, calendar),
    )


def _reasons(mine: Considered | None, choice: Choice, chosen_by: User | None) -> list[Mapping[str, Any]]:
    by_hand = mine is None or mine is not choice.chosen
    hand = {"code": "chosen_by_hand", "points": 0, "detail": chosen_by.name if chosen_by else ""}
    terms = mine.terms if mine else ()
    return [*([hand] if by_hand else []), *({"code": t.code, "points": t.points, "detail": t.detail} for t in terms)]


def _considered(one: Considered) -> Mapping[str, Any]:
    return {
        "salesperson": one.candidate.id,
        "name": one.candidate.name,
        "total": one.total,
        "out_because": one.out_because,
        "load": one.candidate.load,
        "capacity": one.candidate.capacity,
    }


def end(*, assignment: Assignment, because: str, now: datetime) -> None:
    assignment.ended_at, assignment.ended_because = now, because
    assignment.save(update_fields=["ended_at", "ended_because"])


def reminded(*, assignment: Assignment, now: datetime) -> None:
    assignment.reminded_at = now
    assignment.save(update_fields=["reminded_at"])


def set_salesperson(
    *,
    user: User,
    by: User | None,
    now: datetime,
    territory: Sequence[str],
    languages: Sequence[str] = (),
    lead_types: Sequence[str] = (),
    capacity: int,
    temperament: str = "",
    taking_leads: bool = True,
    external_id: str = "",
) -> Salesperson:
    """Say what routing must know of a colleague; a change is a line of the trail."""
    values = {
        "territory": list(territory),
        "languages": list(languages),
        "lead_types": list(lead_types),
        "capacity": capacity,
        "temperament": temperament,
        "taking_leads": taking_leads,
        "external_id": external_id,
    }
    one, _ = Salesperson.objects.update_or_create(user=user, defaults=values)
    record("salesperson.set", one, at=now, by=by, detail=values)
    return one


def add_absence(
    *, salesperson: Salesperson, starts_at: datetime, ends_at: datetime, reason: str, by: User | None, now: datetime
) -> Absence:
    one = Absence.objects.create(salesperson=salesperson, starts_at=starts_at, ends_at=ends_at, reason=reason[:80])
    record(
        "absence.added", salesperson, at=now, by=by, detail={"from": starts_at.isoformat(), "to": ends_at.isoformat()}
    )
    return one


def remove_absence(*, absence: Absence, by: User | None, now: datetime) -> None:
    """Take back an absence that was typed by mistake or that ends earlier; the trail keeps that it was there."""
    told = {"from": absence.starts_at.isoformat(), "to": absence.ends_at.isoformat()}
    record("absence.removed", absence.salesperson, at=now, by=by, detail=told)
    absence.delete()


def take_leads(*, salesperson: Salesperson, taking: bool, by: User | None, now: datetime) -> None:
    """Whether routing may offer this salesperson anything at all."""
    salesperson.taking_leads = taking
    salesperson.save(update_fields=["taking_leads"])
    record("salesperson.taking_leads", salesperson, at=now, by=by, detail={"taking_leads": taking})


def salesperson_of(user: User) -> Salesperson:
    """What routing knows of a former colleague: that no lead goes to them."""
    one, _ = Salesperson.objects.get_or_create(user=user, defaults={"capacity": 0, "taking_leads": False})
    return one


def assign_past(*, lead: Lead, salesperson: Salesperson, at: datetime, agreement: Agreement) -> Assignment:
    """A handover known from a file: its times are not, so it counts in no delay."""
    return Assignment.objects.create(
        lead=lead,
        salesperson=salesperson,
        at=at,
        reasons=[{"code": "imported", "points": 0, "detail": ""}],
        accept_by=due(at, agreement.delays.accept, agreement.calendar),
        call_by=due(at, agreement.delays.call, agreement.calendar),
        reassign_at=due(at, agreement.delays.reassign, agreement.calendar),
        accepted_at=at,
        imported=True,
    )
