"""An event whose time nobody can believe waits in quarantine until a human says when it happened."""

from datetime import datetime

from django.conf import settings
from django.db import transaction

from vendange.agreement.sentence import Cannot, sentence
from vendange.capture import actions as capture
from vendange.capture import queries as captured
from vendange.capture.rules import OLDEST, Refused
from vendange.journey.arrive import FAULTS, arrive
from vendange.models import RefusedEvent, User


class CannotTakeIn(Cannot):
    """This event does not come in, with this time or at all."""


class TakenAlready(Cannot):
    """Somebody was faster; the time that they chose stands."""


def take_in(*, refused_id: int, happened_at: datetime, by: User, now: datetime) -> RefusedEvent:
    """Take an event of the quarantine in as of `happened_at`. Raises CannotTakeIn, TakenAlready.

    The row is locked meanwhile, so that one time is chosen for one event. After a crash between the two databases of
    SQLite the event stands in the story and in quarantine still; taking it in again changes nothing but that.
    """
    with transaction.atomic(using=settings.INBOX_ALIAS):
        refused = _waiting(refused_id)
        _check(happened_at, captured.of_micros(refused.received_at))
        _arrive(refused, happened_at, now)
        capture.taken_in(refused=refused, happened_at=happened_at, by=by, now=now)
    return refused


def _waiting(refused_id: int) -> RefusedEvent:
    refused = RefusedEvent.objects.select_for_update(of=("self",)).select_related("event").filter(pk=refused_id).first()
    if refused is None or (refused.event is None and refused.taken_at is None):
        raise CannotTakeIn(sentence("This event is not in quarantine. Its reason says what the sender must mend."))
    if refused.taken_at is not None:
        raise TakenAlready(sentence("This event was taken in already, with the time that stands beside it."))
    return refused


def _check(happened_at: datetime, received_at: datetime) -> None:
    if happened_at > received_at:
        raise CannotTakeIn(
            sentence("It cannot have happened after it came in. Choose the time when it came in, or an earlier one.")
        )
    if happened_at < OLDEST:
        raise CannotTakeIn(sentence("Choose a time after the year 2000."))


def _arrive(refused: RefusedEvent, happened_at: datetime, now: datetime) -> None:
    assert refused.event is not None  # noqa: S101 - for the type checker: what waits has its event
    one = captured.read(refused.event, happened_at)
    if isinstance(one, Refused):
        raise CannotTakeIn(
            sentence("Its time is not all that is wrong with this event, so it stays out: {why}", why=one.detail)
        )
    try:
        arrive(signals=[one], now=now)
    except FAULTS as fault:
        raise CannotTakeIn(
            sentence("The database does not take this event, so it stays out: {why}", why=str(fault)[:300])
        ) from fault
