"""The desk: an LDR takes an alert, calls, and gives exactly one outcome."""

from datetime import datetime

from django.db import transaction

from vendange.agree.queries import terms_of
from vendange.agreement.stages import Holder, Outcome, Stage
from vendange.journey import passing
from vendange.journey.calls import check_call
from vendange.journey.move import Next, locked, move, wait
from vendange.models import Call, Lead, Review, User
from vendange.models.trail import record
from vendange.qualify import actions as qualify
from vendange.qualify.actions import TakenByColleague
from vendange.qualify.rules import Judgement
from vendange.score import actions as score


@transaction.atomic
def take(*, lead: Lead, by: User, now: datetime) -> Review:
    """Open an alert for oneself; it comes back to the queue when the lease ends. Raises TakenByColleague."""
    lead = locked(lead)
    review = qualify.take(review=qualify.open_review_of(lead), by=by, now=now)
    then = Next(Holder.PERSON, review.due_at, "judge", owner=by)
    if lead.stage == Stage.ALERT:
        move(lead, to=Stage.JUDGING, because="taken", by=by, now=now, then=then)
    elif lead.owner_id != by.pk:
        wait(lead, then=then)
    return review


@transaction.atomic
def release(*, lead: Lead, by: User | None, now: datetime, because: str = "released") -> None:
    """Put an alert back into the queue, where everybody sees it."""
    lead = locked(lead)
    review = qualify.open_review_of(lead)
    qualify.release(review=review)
    if lead.stage == Stage.JUDGING:
        move(lead, to=Stage.ALERT, because=because, by=by, now=now, then=Next(Holder.DESK, review.due_at, "judge"))


@transaction.atomic
def judge(*, lead: Lead, by: User, now: datetime, judgement: Judgement) -> Review:
    """Pass, recycle or eliminate. Raises Incomplete, TakenByColleague, AlreadyJudged; then nothing is written."""
    lead = locked(lead)
    agreement = terms_of(lead.agreement).agreement
    review = qualify.open_review_of(lead)
    review = qualify.decide(review=review, judgement=judgement, agreement=agreement, by=by, now=now)
    record(
        "lead.judged",
        lead,
        at=now,
        by=by,
        detail={"outcome": review.outcome, "criteria": review.criteria, "gap_reason": review.gap_reason},
        agreement_sha=lead.agreement.sha,
    )
    if review.outcome == Outcome.PASS:
        passing.hand_over(lead, by=by, now=now, because="passed", salesperson_id=judgement.salesperson_id)
    elif review.outcome == Outcome.RECYCLE and review.wake_at:
        lead.track = review.track
        then = Next(Holder.NURTURE, review.wake_at, "wake_up")
        move(lead, to=Stage.RECYCLED, because="recycled", by=by, now=now, then=then, detail={"track": review.track})
    else:
        qualify.set_aside(person=lead.person, reason=review.off_target)
        score.touch({lead.person_id: None})  # their organisation does not count them any more
        move(lead, to=Stage.ELIMINATED, because="off_target", by=by, now=now, detail={"reason": review.off_target})
    return review


@transaction.atomic
def log_call(
    *, lead: Lead, by: User, now: datetime, result: str, note: str = "", call_back_at: datetime | None = None
) -> Call:
    """Keep an attempt of the desk. A call back agreed with the person becomes the next date of the lead.

    The same attempt sent again within seconds (a double click, a page sent twice) is that attempt.
    Raises TakenByColleague and Incomplete; then nothing is written.
    """
    lead = locked(lead)
    review = qualify.open_review_of(lead)
    if qualify.is_taken_by_another(review, by, now):
        raise TakenByColleague(review)
    check_call(result, call_back_at, now)
    if twin := qualify.same_call(lead=lead, by=by, result=result, now=now):
        return twin
    call = qualify.log_call(
        lead=lead, by=by, now=now, result=result, side="marketing", note=note, call_back_at=call_back_at
    )
    record("lead.called", lead, at=now, by=by, detail={"result": result}, agreement_sha=lead.agreement.sha)
    if call_back_at:
        qualify.postpone(review=review, due_at=call_back_at)
        qualify.release(review=review)
        if lead.stage == Stage.JUDGING:
            back = Next(Holder.DESK, call_back_at, "call_back")
            move(lead, to=Stage.ALERT, because="call_back", by=by, now=now, then=back)
        else:
            wait(lead, then=Next(Holder.DESK, call_back_at, "call_back"))
    return call
