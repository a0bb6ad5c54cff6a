"""When an agreement begins: midnight of a day, where the agreement's own clock stands."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

FARTHEST: Final = timedelta(days=730)


def midnight(day: date, time_zone: str) -> datetime:
    """The first moment of a day in a time zone, in UTC.

    >>> midnight(date(2026, 12, 1), "Europe/Paris").isoformat()
    '2026-11-30T23:00:00+00:00'
    """
    return datetime.combine(day, time(), ZoneInfo(time_zone)).astimezone(UTC)


def day_of(moment: datetime, time_zone: str) -> date:
    """The day that a moment falls on in a time zone."""
    return moment.astimezone(ZoneInfo(time_zone)).date()


def is_coming(status: str, in_force_from: datetime | None, now: datetime) -> bool:
    """Signed by both, and its day has not come: the only signed version that can still be taken back."""
    return status == "signed" and in_force_from is not None and in_force_from > now
