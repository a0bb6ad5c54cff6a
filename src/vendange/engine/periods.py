"""For how long a sentence says that something holds, and when that is over."""

import re
from calendar import monthrange
from datetime import datetime, timedelta
from typing import Final

YEAR: Final = timedelta(days=365)  # leap years too: day 365 is in, day 366 is not (C53)
_COUNTS: Final = {
    "a": 1,
    "an": 1,
    "one": 1,
    "un": 1,
    "une": 1,
    "six": 6,
    "three": 3,
    "trois": 3,
    "twelve": 12,
    "douze": 12,
}
_PERIOD: Final = re.compile(r"\b(\d{1,4}|[a-z]+)[\s\u00a0\u202f]+(day|jour|month|year|an|mois)s?\b", re.IGNORECASE)


def months_in(text: str) -> float:
    """The longest period that a sentence names, in months; 0 when it names none.

    >>> months_in("valable 12 mois"), months_in("for one year"), months_in("for 24 months"), months_in("for ever")
    (12.0, 12.0, 24.0, 0.0)
    """
    each = {"day": 12 / 365, "jour": 12 / 365, "month": 1, "mois": 1, "year": 12, "an": 12}
    found = [
        (int(count) if count.isdigit() else _COUNTS.get(count.lower(), 0)) * each[unit.lower()]
        for count, unit in _PERIOD.findall(text)
    ]
    return float(max(found, default=0))


def last_day(start: datetime, months: float) -> datetime:
    """The same hour of the last day of so many months, a year at most; part of a month is counted in days.

    >>> str(last_day(datetime(2026, 11, 30), 3)), str(last_day(datetime(2026, 11, 30), 90 * 12 / 365))
    ('2027-02-28 00:00:00', '2027-02-28 00:00:00')
    >>> str(last_day(datetime(2027, 6, 1), 12)), str(last_day(datetime(2027, 6, 1), 24))
    ('2028-05-31 00:00:00', '2028-05-31 00:00:00')
    """
    if months >= 12:
        return start + YEAR
    if months != int(months):
        return start + timedelta(days=round(months * 365 / 12))
    year, month = divmod(start.year * 12 + start.month - 1 + int(months), 12)
    return start.replace(year=year, month=month + 1, day=min(start.day, monthrange(year, month + 1)[1]))
