"""Leads of the past with all that followed, written straight into the tables: what outcomes are learnt from."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.people import House
from vendange.models import Assignment, Deal, Fact, Lead, Organisation, Person, Return, Review, Salesperson, Signal


@dataclass(frozen=True, slots=True)
class Past:
    """One lead: who it was, what they did before it, and whether it became an opportunity. Days before now."""

    days: float
    level: str = "staff"
    employees: int = 20
    acts: Sequence[str] = ()
    opportunity: bool = False
    won: bool = False
    refused: str = ""
    way: str = "score"
    reason: str = "A2"
    fit: float = 50.0
    engagement: float = 50.0
    level_known: float = 1.0  # days before the lead; below 0: after it


def write(house: House, past: Sequence[Past], now: datetime) -> list[Lead]:
    return [_write(house, one, place, now) for place, one in enumerate(past)]


def _write(house: House, one: Past, place: int, now: datetime) -> Lead:
    raised = now - timedelta(days=one.days)
    company = Organisation.objects.create(name=f"Firm {place}", employees=one.employees, created_at=raised)
    person = Person.objects.create(
        first_name=f"P{place}",
        email=f"past{place}@firm{place}.example",
        level=one.level,
        organisation=company,
        created_at=raised - timedelta(days=30),
        last_signal_at=raised,
        relationship="prospect",
    )
    Fact.objects.create(
        person=person, field="level", value=one.level, origin="declared", at=raised - timedelta(days=one.level_known)
    )
    Signal.objects.bulk_create(
        Signal(
            person=person,
            source=house.source,
            message_id=f"past-{place}-{number}",
            kind=kind,
            occurred_at=raised - timedelta(hours=number + 1),
            received_at=raised - timedelta(hours=number + 1),
            verdict="human",
        )
        for number, kind in enumerate(one.acts)
    )
    stage = "won" if one.won else "lost"
    lead = Lead.objects.create(
        person=person,
        organisation=company,
        lead_type="project",
        stage=stage,
        agreement=house.version,
        way=one.way,
        reason=one.reason,
        grade=one.reason if one.way == "score" else "D4",
        fit=one.fit,
        engagement=one.engagement,
        evidence=[_line("fit", "right-size", one.fit), _line("engagement", "reads-prices", one.engagement)],
        raised_at=raised,
        opened_at=raised,
        holder="desk",
        closed_at=raised + timedelta(days=20),
    )
    _judged(house, lead, one, raised)
    return lead


def _judged(house: House, lead: Lead, one: Past, raised: datetime) -> None:
    day = timedelta(days=1)
    Review.objects.create(
        lead=lead,
        opened_at=raised,
        due_at=raised + day,
        outcome="pass",
        decided_by=house.alice,
        decided_at=raised + day,
    )
    Assignment.objects.create(
        lead=lead,
        salesperson=Salesperson.objects.get(user=house.bob),
        at=raised + day,
        accept_by=raised + 2 * day,
        call_by=raised + 2 * day,
        reassign_at=raised + 3 * day,
        accepted_at=raised + day,
        ended_at=raised + 20 * day,
        ended_because="lost",
    )
    if one.refused:
        Return.objects.create(lead=lead, by=house.bob, at=raised + 5 * day, reason=one.refused, effect="nurture")
    if one.opportunity or one.won:
        Deal.objects.create(
            lead=lead,
            status="won" if one.won else "lost",
            amount_cents=100,
            opened_at=raised + 10 * day,
            closed_at=raised + 20 * day,
        )


def _line(side: str, rule: str, points: float) -> dict[str, object]:
    return {
        "side": side,
        "rule": rule,
        "points": points,
        "given": points,
        "count": 0 if side == "fit" else 1,
        "last_at": None,
        "half_life_days": None if side == "fit" else 10.0,
        "capped": False,
        "signal_ids": [],
    }


def telling(count: int, succeeds: Callable[[bool, bool, int], bool], *, oldest: float = 700) -> list[Past]:
    """Leads of directors and others, with and without a webinar; the points in force know nothing of either."""
    found = []
    for place in range(count):
        director, webinar = place % 3 == 0, place % 5 in (0, 1)
        wins = succeeds(director, webinar, place)
        found.append(
            Past(
                days=oldest - place * (oldest - 120) / count,
                level="director" if director else "staff",
                employees=20 + place * 7 % 400,
                acts=(*(["webinar_attended"] if webinar else []), *(["content_read"] * (place * 11 % 4))),
                opportunity=wins,
                fit=float(40 + place * 13 % 50),
                engagement=float(30 + place * 17 % 50),
            )
        )
    return found
