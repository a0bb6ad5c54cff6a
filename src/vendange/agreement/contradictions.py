"""Promises that contradict each other: a lead taken away while its salesperson still has time for it."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from vendange.agreement.calendars import NeverOpen, due
from vendange.agreement.terms import Calendar, Hours, Span

MONDAY: Final = datetime(2026, 3, 2, tzinfo=UTC)  # of a week like any other
MINUTES: Final = {"minutes": 1, "hours": 60}


def is_before(reassign: Span, promise: Span, hours: Sequence[Hours]) -> bool:
    """Whether `reassign` is over before `promise`, on whichever day of an ordinary week both begin.

    What is so on some days only (24 hours, 1 working day: on a Friday) is no contradiction.
    """
    first, second = _exact(reassign), _exact(promise)
    if first and second and first[0] == second[0]:
        return first[1] < second[1]
    calendar = Calendar("UTC", "", tuple(hours))
    starts = [MONDAY + timedelta(days=one.weekday, minutes=one.periods[0][0]) for one in hours if one.periods]
    try:
        return bool(starts) and all(due(at, reassign, calendar) < due(at, promise, calendar) for at in starts)
    except (NeverOpen, OverflowError):
        return False


def _exact(span: Span) -> tuple[str, int] | None:
    """What can be compared without a calendar: working days with working days, other time of one family in minutes."""
    family, unit = ("working", span.unit.removeprefix("working_")) if "working" in span.unit else ("", span.unit)
    if unit == "days":
        return ("working days", span.amount) if family else ("", span.amount * 24 * 60)
    return family, span.amount * MINUTES[unit]
