"""The end of the journey: a project has an amount, and is won or lost."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.timezone import localdate

from vendange.agreement.sentence import Incomplete, sentence
from vendange.agreement.stages import Holder, Stage
from vendange.journey.move import Next, locked, move, wait
from vendange.models import Deal, Lead, User
from vendange.models.trail import record
from vendange.route import actions as route
from vendange.sell import actions as sell
from vendange.sell.actions import NotNow
from vendange.sell.rules import check_amount, check_expected

FOLLOW_UP = timedelta(days=14)  # next date of a project when none is given
IN_TALKS = frozenset({Stage.WORKING, Stage.OPPORTUNITY})


@transaction.atomic
def open_deal(
    *,
    lead: Lead,
    by: User,
    now: datetime,
    name: str = "",
    amount_cents: int | None = None,
    currency: str = "EUR",
    expected_on: date | None = None,
    next_at: datetime | None = None,
) -> Deal:
    """The lead has become a project; opening it again corrects its figures."""
    lead = locked(lead)
    sell.assignment_of(lead, by)
    _must_be_in_talks(lead)
    if amount_cents is not None:
        check_amount(amount_cents)
    check_expected(expected_on, localdate(now))
    deal = sell.open_deal(
        lead=lead,
        now=now,
        name=name or str(lead.organisation or lead.person),
        amount_cents=amount_cents,
        currency=currency,
        expected_on=expected_on,
    )
    then = Next(Holder.PERSON, next_at or now + FOLLOW_UP, "follow_up", owner=by)
    detail = {"amount_cents": amount_cents, "currency": currency}
    if lead.stage == Stage.OPPORTUNITY:
        wait(lead, then=then)
        record("deal.changed", lead, at=now, by=by, detail=detail, agreement_sha=lead.agreement.sha)
    else:
        move(lead, to=Stage.OPPORTUNITY, because="project", by=by, now=now, then=then, detail=detail)
    return deal


@transaction.atomic
def win(*, lead: Lead, by: User, now: datetime, amount_cents: int | None, currency: str = "EUR") -> Deal:
    """Won, with its amount; the person is a customer from now on."""
    lead = locked(lead)
    assignment = sell.assignment_of(lead, by)
    _must_be_in_talks(lead)
    check_amount(amount_cents)
    deal = sell.close_deal(lead=lead, status="won", now=now, amount_cents=amount_cents, currency=currency, why="")
    sell.now_customer(lead.person)
    route.end(assignment=assignment, because="won", now=now)
    detail = {"amount_cents": amount_cents, "currency": currency}
    move(lead, to=Stage.WON, because="won", by=by, now=now, detail=detail)
    return deal


@transaction.atomic
def lose(*, lead: Lead, by: User, now: datetime, why: str) -> Deal | None:
    """Lost, with the reason in a few words."""
    lead = locked(lead)
    assignment = sell.assignment_of(lead, by)
    _must_be_in_talks(lead)
    if not why.strip():
        raise Incomplete({"why": sentence("Say in a few words why it was lost: it is what both teams learn from.")})
    has_deal = Deal.objects.filter(lead=lead).exists()
    deal = (
        sell.close_deal(lead=lead, status="lost", now=now, amount_cents=None, currency="EUR", why=why)
        if has_deal
        else None
    )
    route.end(assignment=assignment, because="lost", now=now)
    move(lead, to=Stage.LOST, because="lost", by=by, now=now, detail={"why": why.strip()[:200]})
    return deal


def _must_be_in_talks(lead: Lead) -> None:
    if lead.stage not in IN_TALKS:
        raise NotNow(sentence("Log the first call before the deal: a lead that nobody called has no project yet."))
