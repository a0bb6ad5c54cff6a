"""The board: one line per salesperson, with bars on one common scale, and ten working days of absences."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.utils.formats import date_format
from django.utils.timezone import get_current_timezone, localtime
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from vendange.models import Absence, Salesperson, User
from vendange.route import queries
from vendange.web import figures, moments

DAYS = 10
FITS = ("A", "B", "C", "D")


@dataclass(frozen=True, slots=True)
class Bit:
    """A piece of a bar, in percent of the common scale, as SVG writes it."""

    css: str
    x: str
    width: str


@dataclass(frozen=True, slots=True)
class Line:
    """A salesperson: what they carry against what they can, and when they are away."""

    salesperson: Salesperson
    load: int
    is_away: bool
    away_until: str
    bits: Sequence[Bit]
    room: Bit
    said: str
    days: Sequence[str]  # "", "off" or "gap"
    days_away: int

    @property
    def over(self) -> int:
        return max(0, self.load - self.salesperson.capacity)

    @property
    def free(self) -> int:
        takes = self.salesperson.taking_leads and not self.is_away
        return max(0, self.salesperson.capacity - self.load) if takes else 0


@dataclass(frozen=True, slots=True)
class Board:
    lines: Sequence[Line]
    load: int
    capacity: int
    free: int
    free_people: int
    from_to: str


def board_of(now: datetime, only: User | None = None) -> Board:
    """Everybody, or one person alone: then nothing on it is drawn against what colleagues carry."""
    everybody = queries.salespeople(now)
    people = list(everybody.filter(user=only) if only else everybody)
    loads = queries.loads()
    days = working_days(now)
    away = queries.absences(days[0], days[-1] + timedelta(days=1))
    scale = max([1, *(max(one.capacity, sum(loads.get(one.pk, {}).values())) for one in people)])
    lines = [line_of(one, loads.get(one.pk, {}), away.get(one.pk, ()), days, scale, now) for one in people]
    return Board(
        lines=lines,
        load=sum(line.load for line in lines),
        capacity=sum(line.salesperson.capacity for line in lines),
        free=sum(line.free for line in lines),
        free_people=sum(1 for line in lines if line.free),
        from_to=f"{moments.day(days[0], now)} – {moments.day(days[-1], now)}",
    )


def line_of(
    one: Salesperson,
    load: Mapping[str, int],
    away: Sequence[Absence],
    days: Sequence[datetime],
    scale: int,
    now: datetime,
) -> Line:
    total = sum(load.values())
    off = ["off" if is_off(day, away) else "" for day in days]
    current = next((absence for absence in away if absence.starts_at <= now < absence.ends_at), None)
    return Line(
        salesperson=one,
        load=total,
        is_away=one.is_away,  # type: ignore[attr-defined]  # annotated by salespeople()
        away_until=until(current, now) if current else "",
        bits=bits_of(load, one.capacity, scale),
        room=Bit("room", "0", figures.within(100 * one.capacity / scale)),
        said=said_of(load, total, one.capacity),
        days=[*off[:5], "gap", *off[5:]],
        days_away=off.count("off"),
    )


def bits_of(load: Mapping[str, int], capacity: int, scale: int) -> list[Bit]:
    """A, B, then the rest, from the left; what is over the capacity is hatched."""
    pieces = (("q1", load.get("A", 0)), ("q2", load.get("B", 0)), ("q3", load.get("C", 0) + load.get("D", 0)))
    found, at = [], 0.0
    for css, leads in pieces:
        width = 100 * leads / scale
        if leads:
            found.append(Bit(css, figures.within(at), figures.within(width)))
        at += width
    limit = 100 * capacity / scale
    if at > limit:
        found.append(Bit("over", figures.within(limit), figures.within(at - limit)))
    return found


def said_of(load: Mapping[str, int], total: int, capacity: int) -> str:
    parts = ", ".join(f"{load[fit]} {fit}" for fit in FITS if load.get(fit))
    told = _("%(load)s of %(capacity)s leads") % {"load": total, "capacity": capacity}
    return f"{told}: {parts}" if parts else told


def working_days(now: datetime) -> list[datetime]:
    """Noon of ten weekdays from the Monday of this week."""
    here = localtime(now).date()
    monday = here - timedelta(days=here.weekday())
    dates = [monday + timedelta(days=offset) for offset in (0, 1, 2, 3, 4, 7, 8, 9, 10, 11)]
    return [datetime.combine(date, time(12), tzinfo=get_current_timezone()) for date in dates]


def is_off(day: datetime, away: Sequence[Absence]) -> bool:
    return any(absence.starts_at <= day < absence.ends_at for absence in away)


def until(absence: Absence, now: datetime) -> str:
    """The last day away, in words."""
    last = localtime(absence.ends_at - timedelta(seconds=1))
    if moments.days_between(now, last) < 7:
        return date_format(last, pgettext("format of a weekday", "l"))
    return moments.day(last, now)
