"""A lead that turns out to be a machine's work: it stays on the desk, marked and sorted last, until a human closes it.

Every alert is judged by a human (R46, R47), so that this one is not closed by itself: one key says that it is so. The
person is not set aside for what a machine did: what they do themselves calls a human again.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from vendange.agree.queries import terms_of
from vendange.agreement.stages import Stage
from vendange.journey.move import locked, move
from vendange.models import Lead, Review, User
from vendange.models.trail import record
from vendange.qualify import actions as qualify
from vendange.qualify import queries as qualified
from vendange.qualify.rules import BY_MACHINE
from vendange.score import queries as scored


def look(people: Collection[int], *, now: datetime) -> None:
    """Mark alerts of these people that nothing speaks for any more but machines, and unmark those with new evidence.

    For the transaction that has measured them. Only alerts that no human has judged yet are looked at.
    """
    reviews = qualified.perhaps_of_machines(people)
    if not reviews:
        return
    holding = _holding(reviews)
    for review in reviews:
        holds = review.lead_id in holding
        if holds == (review.machine_at is None):
            continue
        qualify.doubt(review=review, since=None if holds else now)
        verb = "lead.human_after_all" if holds else "lead.by_machine"
        record(verb, review.lead, at=now, by=None, agreement_sha=review.lead.agreement.sha)


def took_back(person: int, *, by: User | None, now: datetime) -> list[Lead]:
    """A colleague has taken back what they told: mark the alerts of this person that nothing speaks for any more.

    For the transaction that withdrew it. They stay for a human to close, as those of machines do.
    """
    reviews = qualified.unjudged([person], Q(machine_at=None))
    holding = _holding(reviews)
    empty = [one for one in reviews if one.lead_id not in holding]
    for review in empty:
        qualify.doubt(review=review, since=now)
        record("lead.taken_back", review.lead, at=now, by=by, agreement_sha=review.lead.agreement.sha)
    return [one.lead for one in empty]


def _holding(reviews: Sequence[Review]) -> set[int]:
    """Leads that something human speaks for: what called is intact, or the rest of what they did still calls."""
    intact = scored.intact([review.lead_id for review in reviews])
    found = set(intact)
    unsure = [review.lead for review in reviews if review.lead_id not in intact]
    for leads in _by_agreement(unsure).values():
        since = {lead.person_id: scored.micros(lead.raised_at) for lead in leads}
        calling = scored.called_for(terms_of(leads[0].agreement).agreement, since)
        found |= {lead.pk for lead in leads if (lead.person_id, lead.lead_type) in calling}
    return found


def _by_agreement(leads: Sequence[Lead]) -> Mapping[int, list[Lead]]:
    found: dict[int, list[Lead]] = {}
    for lead in leads:
        found.setdefault(lead.agreement_id, []).append(lead)
    return found


@transaction.atomic
def close(*, lead: Lead, by: User, now: datetime) -> Review:
    """It was a machine: eliminated, and the person stays whom they are. Raises NotOfMachine, AlreadyJudged,
    TakenByColleague; then nothing is written."""
    lead = locked(lead)
    review = qualify.close_as_machine(review=qualify.open_review_of(lead), by=by, now=now)
    detail = {"outcome": review.outcome, "reason": BY_MACHINE}
    record("lead.judged", lead, at=now, by=by, detail=detail, agreement_sha=lead.agreement.sha)
    move(lead, to=Stage.ELIMINATED, because=BY_MACHINE, by=by, now=now, detail={"reason": BY_MACHINE})
    return review
