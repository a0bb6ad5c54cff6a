"""What became of leads before Vendange, told by a file: judged, handed over, won or lost, at the dates known.

No time is invented: a review and an assignment made here are marked `imported`, and the delays of both are unknown.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from vendange.admit import actions as admit
from vendange.agree.queries import Terms, in_force, terms_of
from vendange.agreement.sentence import Code, Incomplete, Sentence, sentence
from vendange.agreement.stages import CLOSED, Holder, Stage
from vendange.identify import queries as identified
from vendange.journey.arrive import open_past
from vendange.journey.move import Next, locked, move
from vendange.models import Lead, Person, User
from vendange.qualify import actions as qualify
from vendange.route import actions as route
from vendange.sell import actions as sell
from vendange.sell.rules import check_amount


@dataclass(frozen=True, slots=True)
class PastDeal:
    """One row: `key` is the person's id in the other system; the two colleagues by their ids there ("" if unknown)."""

    row: int
    key: str
    closed_at: datetime
    status: str  # won | lost
    amount_cents: int | None
    currency: str
    qualified_by: str
    sold_by: str
    lost_reason: str = ""


@dataclass(frozen=True, slots=True)
class PastDeals:
    """How many were recorded, how many were there already, and which rows could not be, with the reason."""

    added: int
    known: int
    refused: tuple[tuple[int, Sentence], ...]


def record_past(*, rows: Sequence[PastDeal], now: datetime) -> PastDeals:
    """Record how leads ended. The same rows again change nothing; raises NoAgreement when nothing can be judged."""
    people = identified.by_key("external_id", [row.key for row in rows])
    terms = in_force(now)
    added, known, refused = 0, 0, []
    with transaction.atomic():
        for row in rows:
            problem, was_known = _record(row, people.get(row.key), terms, now)
            if problem:
                refused.append((row.row, problem))
            known += was_known
            added += not problem and not was_known
    return PastDeals(added, known, tuple(refused))


def _record(row: PastDeal, person: Person | None, terms: Terms, now: datetime) -> tuple[Sentence | None, bool]:
    if person is None:
        return sentence("Nobody has the id {key}: import the people first, then the deals.", key=repr(row.key)), False
    if row.closed_at > now:
        return sentence("The date of the deal is in the future."), False
    lead = Lead.objects.filter(person=person).order_by("id").first()
    if lead and lead.stage in CLOSED:
        return None, True
    if lead and lead.stage not in {Stage.ALERT, Stage.JUDGING}:
        return sentence(
            "The lead of {key} is {stage} already: its end is given by its salesperson.",
            key=repr(row.key),
            stage=Code("stage", lead.stage),
        ), False
    if row.amount_cents is not None:
        try:
            check_amount(row.amount_cents)
        except Incomplete as odd:
            return odd.sentence, False
    _close(locked(lead) if lead else open_past(person, raised_at=row.closed_at, terms=terms, now=now), row, now)
    return None, False


def _close(lead: Lead, row: PastDeal, now: datetime) -> None:
    judge = _colleague(row.qualified_by, "ldr", now)
    seller = _colleague(row.sold_by, "sales", now)
    agreement = terms_of(lead.agreement).agreement
    qualify.record_past(review=qualify.open_review_of(lead), by=judge, at=row.closed_at)
    salesperson = route.salesperson_of(seller)
    assignment = route.assign_past(lead=lead, salesperson=salesperson, at=row.closed_at, agreement=agreement)
    held = Next(Holder.PERSON, row.closed_at, "follow_up", owner=seller)
    detail = {"imported": True}
    for stage in (Stage.PASSED, Stage.ACCEPTED, Stage.WORKING):
        move(lead, to=stage, because="imported", by=None, now=row.closed_at, then=held, detail=detail)
    sell.close_deal(
        lead=lead,
        status=row.status,
        now=row.closed_at,
        amount_cents=row.amount_cents,
        currency=row.currency,
        why=row.lost_reason,
        imported=True,
    )
    if row.status == "won":
        sell.now_customer(lead.person)
    route.end(assignment=assignment, because=row.status, now=row.closed_at)
    ended = Stage.WON if row.status == "won" else Stage.LOST
    move(lead, to=ended, because="imported", by=None, now=row.closed_at, detail=detail)


def _colleague(external_id: str, role: str, now: datetime) -> User:
    """A former colleague known only by an id: kept as a name that cannot sign in."""
    return admit.former_colleague(external_id=external_id or "unknown", role=role, now=now)
