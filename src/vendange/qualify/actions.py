"""Writes reviews and the desk's calls: who has a lead open, and the one outcome it ends with."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction

from vendange.agreement.sentence import Cannot, sentence
from vendange.agreement.terms import Agreement
from vendange.models import Call, Consent, Lead, Person, Review, User
from vendange.models.each import add_each
from vendange.models.locking import Locking
from vendange.models.trail import line, record
from vendange.qualify.rules import BY_MACHINE, Judgement, check, initial_criteria

LEASE: Final = timedelta(minutes=20)
REVIEW: Final = Locking(Review, "t0.lead_id = %s AND t0.outcome = ''")  # that waits for its outcome
NO: Final = ("refused", "withdrawn")
ECHO: Final = timedelta(seconds=10)  # nobody dials twice so fast


class AlreadyJudged(Cannot):
    """The lead has its outcome: the first one stands."""

    def __init__(self, review: Review | None) -> None:
        who = review.decided_by.name if review and review.decided_by else sentence("a colleague")
        super().__init__(
            sentence("This lead was already judged by {who}. Your notes were not saved over theirs.", who=who)
        )
        self.review = review


class TakenByColleague(Cannot):
    """Somebody else has this lead open."""

    def __init__(self, review: Review) -> None:
        who = review.taken_by.name if review.taken_by else sentence("A colleague")
        super().__init__(sentence("{who} has this lead open. It comes back to the queue when they leave it.", who=who))
        self.review = review


def open_reviews(
    *, leads: Sequence[tuple[Lead, Sequence[str]]], due_at: datetime, agreement: Agreement, now: datetime
) -> None:
    """Put leads on the desk, each with the criteria that what is known already meets."""
    add_each(
        Review(lead=lead, opened_at=now, due_at=due_at, criteria=initial_criteria(agreement, met))
        for lead, met in leads
    )


def open_review_of(lead: Lead) -> Review:
    """The review that waits for an outcome; raises AlreadyJudged when there is none any more."""
    review = REVIEW.first([lead.pk])
    if review is None:
        last = lead.reviews.select_related("decided_by").order_by("-decided_at").first()
        raise AlreadyJudged(last)
    return review


def take(*, review: Review, by: User, now: datetime) -> Review:
    """Open a lead for oneself for the time of a lease; raises TakenByColleague."""
    if is_taken_by_another(review, by, now):
        raise TakenByColleague(review)
    review.taken_by, review.taken_at, review.taken_until = by, now, now + LEASE
    review.save(update_fields=["taken_by", "taken_at", "taken_until"])
    return review


def release(*, review: Review) -> None:
    review.taken_by = review.taken_at = review.taken_until = None
    review.save(update_fields=["taken_by", "taken_at", "taken_until"])


def is_taken_by_another(review: Review, by: User, now: datetime) -> bool:
    return bool(review.taken_by_id and review.taken_by_id != by.pk and review.taken_until and review.taken_until > now)


def decide(*, review: Review, judgement: Judgement, agreement: Agreement, by: User, now: datetime) -> Review:
    """Give the one outcome. Raises Incomplete, TakenByColleague or AlreadyJudged, and then writes nothing."""
    check(judgement, agreement, now)
    if is_taken_by_another(review, by, now):
        raise TakenByColleague(review)
    values: dict[str, Any] = {
        "outcome": judgement.outcome,
        "decided_by": by,
        "decided_at": now,
        "criteria": _merged(review.criteria, judgement.criteria),
        "gap_reason": judgement.gap_reason.strip()[:500],
        "note": judgement.note.strip(),
        "wake_at": judgement.wake_at if judgement.outcome == "recycle" else None,
        "track": judgement.track if judgement.outcome == "recycle" else "",
        "off_target": judgement.off_target if judgement.outcome == "eliminate" else "",
    }
    if not Review.objects.filter(pk=review.pk, outcome="").update(**values):
        raise AlreadyJudged(Review.objects.select_related("decided_by").get(pk=review.pk))
    review.refresh_from_db()
    return review


def _merged(before: list[dict[str, str]], said: Mapping[str, str]) -> list[dict[str, str]]:
    """What the LDR heard replaces what was only declared; what they left alone keeps its origin."""
    return [
        {**one, "state": said[one["id"]], "origin": "verified"}
        if one["id"] in said and said[one["id"]] != one["state"]
        else one
        for one in before
    ]


def log_call(
    *, lead: Lead, by: User, now: datetime, result: str, side: str, note: str = "", call_back_at: datetime | None = None
) -> Call:
    """Keep one attempt to reach the person, answered or not."""
    return Call.objects.create(
        person_id=lead.person_id,
        lead=lead,
        by=by,
        at=now,
        side=side,
        result=result,
        note=note.strip()[:500],
        call_back_at=call_back_at,
    )


def same_call(*, lead: Lead, by: User, result: str, now: datetime) -> Call | None:
    """The attempt of which this one is an echo, if there is one."""
    return Call.objects.filter(lead=lead, by=by, result=result, at__gt=now - ECHO, at__lte=now).first()


class NotOfMachine(Cannot):
    """Something that a human did speaks for this lead."""

    def __init__(self) -> None:
        super().__init__(sentence("A human has acted since: judge this lead like any other."))


def doubt(*, review: Review, since: datetime | None) -> None:
    """Since when nothing that a human did speaks for this alert; None: something does."""
    review.machine_at = since
    review.save(update_fields=["machine_at"])


def close_as_machine(*, review: Review, by: User, now: datetime) -> Review:
    """The outcome of an alert that a machine opened. Raises TakenByColleague or NotOfMachine."""
    if is_taken_by_another(review, by, now):
        raise TakenByColleague(review)
    if review.machine_at is None:
        raise NotOfMachine
    review.outcome, review.off_target, review.decided_by, review.decided_at = "eliminate", BY_MACHINE, by, now
    review.save(update_fields=["outcome", "off_target", "decided_by", "decided_at"])
    return review


def escalate(*, lead_ids: list[int], now: datetime) -> None:
    Lead.objects.filter(pk__in=lead_ids).update(escalated_at=now)


def set_aside(*, person: Person, reason: str) -> None:
    """An eliminated person leaves sales follow-up: no alert calls a human for them any more (R51)."""
    person.set_aside = reason
    person.save(update_fields=["set_aside"])


def postpone(*, review: Review, due_at: datetime) -> None:
    review.due_at = due_at
    review.save(update_fields=["due_at"])


def pass_unjudged(*, review: Review, now: datetime) -> None:
    """Under an agreement without a desk the outcome is given at once, and by nobody."""
    review.outcome, review.decided_at = "pass", now
    review.save(update_fields=["outcome", "decided_at"])


def record_past(*, review: Review, by: User, at: datetime) -> None:
    """A lead judged before Vendange: passed, at a date of which only the end is known."""
    review.outcome, review.decided_by, review.decided_at, review.imported = "pass", by, at, True
    review.save(update_fields=["outcome", "decided_by", "decided_at", "imported"])


@transaction.atomic
def record_objection(
    *, person: Person, channel: str, method: str, wording: str = "", by: User | None, now: datetime
) -> Consent:
    """Keep that a person refuses a channel, or takes back what they allowed. A correction is a new line."""
    allowed = Consent.objects.filter(person=person, channel=channel).order_by("-at", "-id").first()
    status = "withdrawn" if allowed and allowed.status == "given" else "refused"
    told = Consent.objects.create(
        person=person,
        channel=channel,
        purpose="prospecting",
        status=status,
        at=now,
        method=method[:80],
        wording=wording.strip()[:120],
        by=by,
    )
    record("person.objected", person, at=now, by=by, detail={"channel": channel, "status": status, "method": method})
    return told


def record_objections(
    *, people: Collection[Person], method: str, wording: str = "", by: User | None, now: datetime
) -> list[int]:
    """Keep that they refuse every channel, each as by `record_objection`; who had not refused before, by number."""
    words = Consent.objects.filter(person__among=[one.pk for one in people], channel="all").order_by("at", "id")
    latest = dict(words.values_list("person_id", "status"))
    told = {one.pk: "withdrawn" for one in people if latest.get(one.pk) == "given"}
    told |= {one.pk: "refused" for one in people if latest.get(one.pk) not in ("given", *NO)}
    said = {"channel": "all", "purpose": "prospecting", "at": now, "method": method[:80], "by": by}
    about = [one for one in people if one.pk in told]
    add_each(Consent(person=one, status=told[one.pk], wording=wording.strip()[:120], **said) for one in about)
    details = [{"channel": "all", "status": told[one.pk], "method": method} for one in about]
    add_each(
        line("person.objected", one, at=now, by=by, detail=detail) for one, detail in zip(about, details, strict=True)
    )
    return [one.pk for one in about]
