"""What is due: wake-ups, leases that end, promises that are late, owners to find, interest that fades."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypeVar

from django.db import transaction
from django.utils.timezone import localtime

from vendange.agree.queries import NoAgreement, in_force
from vendange.agreement.stages import Holder, Stage
from vendange.bring import actions as bring
from vendange.capture import actions as capture
from vendange.journey import desk, following, handover, letters, passing, revealing, segmenting
from vendange.journey.arrive import measure, to_the_desk
from vendange.journey.move import locked
from vendange.models import Assignment, Lead, Review
from vendange.models.trail import seal
from vendange.qualify import actions as qualify
from vendange.qualify.actions import AlreadyJudged
from vendange.route import actions as route
from vendange.score import actions as score
from vendange.score import queries as scored
from vendange.sell.actions import NotNow

Thing = TypeVar("Thing", Lead, Review, Assignment)
DAY: Final = timedelta(days=1)
ADDRESSES_KEPT: Final = timedelta(hours=23)  # a day is promised (C43): an hour for a worker that was away
AUDIENCE_KEPT: Final = timedelta(days=760)  # 25 months (C41)
CUT_AT_ONCE: Final = 2_000
BATCH = 500  # what one tick does at most of each kind; the next tick does the rest


@dataclass(frozen=True, slots=True)
class Ticked:
    """What one tick did."""

    woken: int
    released: int
    escalated: int
    reminded: int
    reassigned: int
    found: int
    let_go: int
    judged: int
    measured: int
    cooled: int
    renewed: int
    segmented: int
    sealed: int


def tick(*, now: datetime) -> Ticked:
    """Act on all that is due by now. Each lead in its own transaction: one that fails does not hold the others."""
    return Ticked(
        woken=_each(_to_wake(now), _wake, now),
        released=_each(_leases_ended(now), _release, now),
        escalated=_escalate(now),
        reassigned=_each(_not_called(now), _reassign, now),
        reminded=_each(_call_late(now), _remind, now),
        found=_each(_nobodys(now), _find, now),
        let_go=following.let_go(),
        judged=following.look_again(now=now, measure=lambda people: measure(people, now=now)),
        measured=measure(scored.waiting(now, BATCH), now=now),
        cooled=_cool(now),
        renewed=_renew(now),
        segmented=segmenting.keep_up(now=now),
        sealed=seal(),
    )


def _each(things: Iterable[Thing], act: Callable[[Thing, datetime], bool], now: datetime) -> int:
    return sum(act(thing, now) for thing in things)


def _to_wake(now: datetime) -> Iterable[Lead]:
    return Lead.objects.filter(stage=str(Stage.RECYCLED), next_at__lte=now).order_by("next_at")[:BATCH]


@transaction.atomic
def _wake(lead: Lead, now: datetime) -> bool:
    lead = locked(lead)
    if lead.stage != Stage.RECYCLED or lead.next_at is None or lead.next_at > now:
        return False
    to_the_desk(lead, because="woke_up", now=now)
    return True


def _leases_ended(now: datetime) -> Iterable[Review]:
    return Review.objects.filter(outcome="", taken_until__lte=now).select_related("lead").order_by("pk")[:BATCH]


def _release(review: Review, now: datetime) -> bool:
    try:
        desk.release(lead=review.lead, by=None, now=now, because="lease_ended")
    except AlreadyJudged:
        return False
    return True


@transaction.atomic
def _escalate(now: datetime) -> int:
    """Alerts that nobody judged in time: told once each, all together in one letter (R52)."""
    late = Lead.objects.filter(
        stage__in=(str(Stage.ALERT), str(Stage.JUDGING)), next_at__lt=now, escalated_at__isnull=True
    )
    ids = list(late.values_list("pk", flat=True))
    if ids:
        for start in range(0, len(ids), BATCH):
            qualify.escalate(lead_ids=ids[start : start + BATCH], now=now)
        letters.late_on_desk(len(ids), now=now)
    return len(ids)


def _not_called(now: datetime) -> Iterable[Assignment]:
    uncalled = Assignment.objects.filter(ended_at__isnull=True, first_called_at__isnull=True)
    return uncalled.filter(reassign_at__lte=now).select_related("lead").order_by("reassign_at")[:BATCH]


def _reassign(assignment: Assignment, now: datetime) -> bool:
    try:
        handover.reassign(lead=assignment.lead, by=None, now=now, because="not_called")
    except NotNow:
        return False
    return True


def _call_late(now: datetime) -> Iterable[Assignment]:
    uncalled = Assignment.objects.filter(ended_at__isnull=True, first_called_at__isnull=True, reminded_at__isnull=True)
    late = uncalled.filter(call_by__lte=now, reassign_at__gt=now)
    return late.select_related("lead__person", "lead__organisation", "salesperson__user").order_by("call_by")[:BATCH]


@transaction.atomic
def _remind(assignment: Assignment, now: datetime) -> bool:
    route.reminded(assignment=assignment, now=now)
    letters.reminder(assignment.lead, assignment, now=now)
    return True


def _nobodys(now: datetime) -> Iterable[Lead]:
    return Lead.objects.filter(holder=str(Holder.NOBODY), next_at__lte=now).order_by("next_at")[:BATCH]


def _find(lead: Lead, now: datetime) -> bool:
    return passing.find_owner(lead=lead, now=now)


def _cool(now: datetime) -> int:
    """Measures that fall by time alone are taken again, so that what is shown is true now (R44)."""
    return _measure_again(scored.cooling(now, BATCH), now)


def fade(*, now: datetime) -> bool:
    """Points fade by the hour: whoever has some is measured again each day. Whether more of them wait.

    Not a part of `tick`: nothing is due, it only keeps what lists and grids show from growing old.
    """
    ids = scored.fading(now - DAY, BATCH)
    return _measure_again(ids, now) == BATCH


def catch_up(*, now: datetime) -> bool:
    """After a large file or an act for many, thousands wait to be measured: some more of them, besides those of a tick.

    Whether more of them wait, and anything came of it: without an agreement they wait until there is one.
    """
    some = scored.waiting(now, BATCH)
    if len(some) < BATCH:
        return False
    measure(some, now=now)
    return set(some) != set(scored.waiting(now, BATCH))


def forget(*, now: datetime) -> bool:
    """What may be kept only for a time is cut or removed, within the time that we promise. Whether more of it waits."""
    more = capture.cut_addresses(now - ADDRESSES_KEPT, CUT_AT_ONCE)
    capture.forget_audience(localtime(now - AUDIENCE_KEPT).date(), BATCH)
    revealing.forget_old(now)
    segmenting.forget(now=now)
    bring.forget_old(now)
    return more


def _renew(now: datetime) -> int:
    """After a new agreement everybody is measured by it, little by little; that calls nobody (R15)."""
    try:
        version = in_force(now).version
    except NoAgreement:
        return 0
    ids = scored.measured_by_another(version.pk, BATCH)
    if ids:
        score.drop_old_heats(version)
    return _measure_again(ids, now)


def _measure_again(person_ids: list[int], now: datetime) -> int:
    """They wait in the same line as those who act, so that two workers never measure the same person at once."""
    if person_ids:
        with transaction.atomic():
            score.touch(dict.fromkeys(person_ids))
        measure(person_ids, now=now)
    return len(person_ids)
