"""Writes what salespeople do with a lead: accepted, first call, reports, returns, deals."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Final

from vendange.agreement.sentence import Cannot, sentence
from vendange.models import Assignment, Call, Deal, Fact, Lead, Person, Report, Return, User
from vendange.models.locking import Locking

ASSIGNMENT: Final = Locking(Assignment, "t0.lead_id = %s AND t0.ended_at IS NULL", ("salesperson",))
REACHED: Final = frozenset({"reached", "call_back"})


class NotYours(Cannot):
    """Somebody else carries this lead now."""

    def __init__(self, assignment: Assignment | None) -> None:
        if assignment is None:
            super().__init__(sentence("This lead is with nobody in sales now. Nothing has changed."))
        else:
            name = assignment.salesperson.user.name
            super().__init__(sentence("This lead is with {name} now. Nothing of theirs changed.", name=name))
        self.assignment = assignment


class NotNow(Cannot):
    """The lead is at a stage where this cannot be done; the message says which and what can be done."""


def assignment_of(lead: Lead, by: User) -> Assignment:
    """The open assignment of this lead, if it is theirs; raises NotYours."""
    one = ASSIGNMENT.first([lead.pk])
    if one is None or one.salesperson.user_id != by.pk:
        raise NotYours(one)
    return one


def accept(*, assignment: Assignment, now: datetime) -> None:
    assignment.accepted_at = now
    assignment.save(update_fields=["accepted_at"])


def log_call(
    *,
    lead: Lead,
    assignment: Assignment,
    by: User,
    now: datetime,
    result: str,
    note: str = "",
    call_back_at: datetime | None = None,
) -> Call:
    """Keep one attempt; the first one stops the clock of the agreement (R87)."""
    if assignment.first_called_at is None:
        assignment.first_called_at = now
        assignment.save(update_fields=["first_called_at"])
    return Call.objects.create(
        person_id=lead.person_id,
        lead=lead,
        by=by,
        at=now,
        side="sales",
        result=result,
        note=note.strip()[:500],
        call_back_at=call_back_at,
    )


def file_report(*, lead: Lead, by: User, now: datetime, answers: Mapping[str, str], next_at: datetime | None) -> Report:
    """Keep the account; each answer becomes a verified fact of the person (R8)."""
    said = {name: value.strip() for name, value in answers.items() if value.strip()}
    Fact.objects.bulk_create(
        Fact(person_id=lead.person_id, field=name, value=value[:500], origin="verified", source="report", at=now, by=by)
        for name, value in said.items()
    )
    return Report.objects.create(lead=lead, by=by, at=now, answers=said, next_at=next_at)


def give_back(
    *,
    lead: Lead,
    assignment: Assignment,
    by: User,
    now: datetime,
    reason: str,
    effect: str,
    note: str,
    wake_at: datetime | None,
) -> Return:
    """Keep the return, with the attempts made beside the claim (R91)."""
    return Return.objects.create(
        lead=lead,
        assignment=assignment,
        by=by,
        at=now,
        reason=reason,
        effect=effect,
        note=note.strip()[:500],
        wake_at=wake_at,
        attempts=lead.calls.filter(side="sales", by=by).count(),
    )


def name_contact(*, lead: Lead, contact: str, by: User, now: datetime) -> None:
    """Somebody else to speak with, told by sales: a reported fact until that person is met."""
    Fact.objects.create(
        person_id=lead.person_id,
        field="other_contact",
        value=contact.strip()[:500],
        origin="reported",
        source="return",
        at=now,
        by=by,
    )


def open_deal(
    *, lead: Lead, now: datetime, name: str, amount_cents: int | None, currency: str, expected_on: date | None
) -> Deal:
    values = {"name": name[:200], "amount_cents": amount_cents, "currency": currency, "expected_on": expected_on}
    one, made = Deal.objects.get_or_create(lead=lead, defaults={**values, "opened_at": now})
    if not made:
        for column, value in values.items():
            setattr(one, column, value)
        one.status, one.closed_at = "open", None
        one.save()
    return one


def close_deal(
    *,
    lead: Lead,
    status: str,
    now: datetime,
    amount_cents: int | None,
    currency: str,
    why: str,
    imported: bool = False,
) -> Deal:
    one, _ = Deal.objects.get_or_create(
        lead=lead, defaults={"opened_at": now, "currency": currency, "imported": imported}
    )
    one.status, one.closed_at, one.lost_reason = status, now, why.strip()[:200]
    if amount_cents is not None:
        one.amount_cents, one.currency = amount_cents, currency
    one.save()
    return one


def now_customer(person: Person) -> None:
    person.relationship = "customer"
    person.save(update_fields=["relationship"])
