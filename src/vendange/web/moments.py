"""Moments as people say them: time left, time gone, days. Always in the time zone of the page."""

from datetime import date, datetime, timedelta
from typing import Literal, NamedTuple

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

SPACE = "\u00a0"
HOUR = 60
DAY = 24 * HOUR


class Left(NamedTuple):
    text: str
    state: Literal["", "warn", "bad"]


def clock(moment: datetime) -> str:
    """14:06 · 14 h 06."""
    return date_format(localtime(moment), pgettext("format of an hour", "G:i"))


def day(moment: date, now: datetime) -> str:
    here = localtime(moment).date() if isinstance(moment, datetime) else moment
    if here.year == localtime(now).year:
        return written(here, pgettext("format of a day", "j M"))
    return written(here, pgettext("format of a day with its year", "j M Y"))


def full_day(moment: date) -> str:
    """1 December 2026 · 1er décembre 2026."""
    here = localtime(moment).date() if isinstance(moment, datetime) else moment
    return written(here, pgettext("format of a day and year in a heading", "j F Y"))


def written(here: date, shape: str) -> str:
    """French writes the first of a month as 1er, every other day as a plain number."""
    text = date_format(here, shape)
    return pgettext("first day of a month", "1") + text[1:] if text.startswith("1 ") else text


def weekday(moment: datetime) -> str:
    return date_format(localtime(moment), pgettext("format of a day of this week", "D j"))


def exact(moment: datetime) -> str:
    """For hover: everything."""
    return date_format(localtime(moment), pgettext("format of an exact moment", "l j F Y, G:i"))


def days_between(earlier: datetime, later: datetime) -> int:
    """Nights between the two, as people count days."""
    return (localtime(later).date() - localtime(earlier).date()).days


def lasting(minutes: int) -> str:
    """12 min, 3 h 52, 2 days."""
    if minutes < HOUR:
        return f"{minutes}{SPACE}min"
    if minutes < DAY:
        hours, rest = divmod(minutes, HOUR)
        return f"{hours}{SPACE}h" + (f"{SPACE}{rest:02d}" if rest else "")
    days = minutes // DAY
    return ngettext("%(days)s day", "%(days)s days", days) % {"days": days}


def time_left(moment: datetime, now: datetime, *, near_minutes: int = 15) -> Left:
    minutes = int((moment - now) // timedelta(minutes=1))
    if minutes < 0:
        gone = int((now - moment) // timedelta(minutes=1))
        return Left(_("%(time)s late") % {"time": lasting(max(gone, 1))}, "bad")
    state: Literal["", "warn"] = "warn" if minutes <= near_minutes else ""
    nights = days_between(now, moment)
    if minutes < 6 * HOUR:
        return Left(_("due in %(time)s") % {"time": lasting(max(minutes, 1))}, state)
    if nights == 0:
        return Left(_("by %(hour)s") % {"hour": clock(moment)}, state)
    if nights == 1:
        return Left(_("tomorrow %(hour)s") % {"hour": clock(moment)}, state)
    if nights < 7:
        return Left(_("%(day)s, %(hour)s") % {"day": weekday(moment), "hour": clock(moment)}, state)
    return Left(_("by %(day)s") % {"day": day(moment, now)}, state)


def since(moment: datetime, now: datetime) -> str:
    minutes = int((now - moment) // timedelta(minutes=1))
    nights = days_between(moment, now)
    if minutes < 0:
        return f"{day(moment, now)}, {clock(moment)}"
    if minutes < 1:
        return _("just now")
    if minutes < 6 * HOUR:
        return _("%(time)s ago") % {"time": lasting(minutes)}
    if nights == 0:
        return _("today %(hour)s") % {"hour": clock(moment)}
    if nights == 1:
        return _("yesterday %(hour)s") % {"hour": clock(moment)}
    return day(moment, now)
