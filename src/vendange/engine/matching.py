"""Other points that call about as often: how far they are stretched, and where the thresholds then lie.

Points of another card are of another size. So they are stretched until fit A and engagement 2 are reached as often as
before, each threshold is set where as many people reach it, and points are stretched again until as many are called.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import log
from typing import Final

from vendange.agreement.maturity import EngagementRule, FitRule, Grades
from vendange.agreement.terms import Agreement
from vendange.engine.crowd import Someone, crowd_of_rows
from vendange.engine.grades import fits
from vendange.engine.kernel.running import Kernel
from vendange.engine.measure import listed
from vendange.engine.plan import made
from vendange.engine.rows import DAY

LOOKS: Final = 13  # moments of the period at which people are looked at, evenly spread
MOST: Final = 100.0
HALVINGS: Final = 8
FARTHEST: Final = 3.0  # doublings
Thresholds = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Matched:
    """`agreement` holds the stretched rules and the moved thresholds; alerts are those of the people looked at."""

    agreement: Agreement
    people: int
    alerts_before: int
    alerts_after: int

    @property
    def about_the_same(self) -> bool:
        """Within a fifth."""
        return abs(self.alerts_after - self.alerts_before) <= 0.2 * max(self.alerts_before, 1)


def matched(
    old: Agreement,
    people: Sequence[Someone],
    *,
    fit: Sequence[FitRule],
    engagement: Sequence[EngagementRule],
    start: int,
    end: int,
) -> Matched:
    """`old` with these rules (a side left empty keeps its own) over a period in microseconds."""
    new = replace(old, sha="")
    grades = old.grades
    if fit:
        was = fit_points(old, people)
        by = stretch(was, fit_points(replace(new, fit=tuple(fit)), people), grades.fit[0])
        by = min(by, MOST / max(1.0, sum(one.points for one in fit if one.points > 0)))  # the best may stay apart
        new = replace(new, fit=tuple(replace(one, points=stretched(one.points, by)) for one in fit))
        grades = Grades(thresholds(was, fit_points(new, people), grades.fit), grades.engagement)
    if engagement:
        was = engagement_points(old, people, start, end)
        tried = replace(new, engagement=tuple(engagement), groups=(), engagement_per_day=None)
        by = stretch(was, engagement_points(tried, people, start, end), grades.engagement[1])
        new = replace(tried, engagement=tuple(_jar(one, by) for one in engagement))
        now = engagement_points(new, people, start, end)
        grades = Grades(grades.fit, thresholds(was, now, grades.engagement, most=old.engagement_cap))
    new = replace(new, grades=grades)
    before = alerts(old, people, start, end)
    best, after = _as_often(new, people, before, start, end) if engagement else (new, alerts(new, people, start, end))
    return Matched(best, len(people), before, after)


def _as_often(new: Agreement, people: Sequence[Someone], wanted: int, start: int, end: int) -> tuple[Agreement, int]:
    """The engagement points stretched further until nearest as many are called: the more points, the more calls.

    The thresholds stay, so that temperatures and dimensions, which have theirs on the same scale, go with them.
    """
    best, found, low, high = new, alerts(new, people, start, end), -FARTHEST, FARTHEST
    for _ in range(HALVINGS):
        if found == wanted:
            break
        middle = (low + high) / 2
        tried = replace(new, engagement=tuple(_jar(one, 2**middle) for one in new.engagement))
        count = alerts(tried, people, start, end)
        if apart(count, wanted) < apart(found, wanted):
            best, found = tried, count
        low, high = (middle, high) if count < wanted else (low, middle)
    return best, found


def apart(count: int, wanted: int) -> float:
    """How many times more or less: twice as many is as far away as half, and none is far from some."""
    return abs(log((count + 1) / (wanted + 1)))


def _jar(rule: EngagementRule, by: float) -> EngagementRule:
    cap = stretched(rule.cap or rule.points, by)
    return replace(rule, cap=cap, points=min(cap, stretched(rule.points, by)))


def stretched(points: float, by: float) -> float:
    """In whole points, never none, the sign kept."""
    size = float(min(MOST, max(1, round(abs(points) * by))))
    return size if points > 0 else -size


def stretch(was: Sequence[float], now: Sequence[float], threshold: float) -> float:
    """By how much the new points are multiplied, so that as many reach the threshold as the old ones did."""
    reached = sum(one >= threshold for one in was)
    ordered = sorted((one for one in now if one > 0), reverse=True)
    if not ordered:
        return 1.0
    return threshold / ordered[min(max(reached, 1), len(ordered)) - 1]


def thresholds(was: Sequence[float], now: Sequence[float], old: Thresholds, *, most: float = MOST) -> Thresholds:
    """For each old threshold the whole number that nearest as many reach; of equals, the nearest to the old one."""
    found: list[float] = []
    for place, threshold in zip((2, 1, 0), reversed(old), strict=True):
        wanted = sum(one >= threshold for one in was)
        least, room = (found[-1] + 1 if found else 1.0), most - place
        tries = [float(whole) for whole in range(int(least), int(room) + 1)] or [room]
        found.append(min(tries, key=_nearness(now, wanted, threshold)))
    return found[2], found[1], found[0]


def _nearness(now: Sequence[float], wanted: int, old: float) -> Callable[[float], tuple[int, float]]:
    def nearness(threshold: float) -> tuple[int, float]:
        return abs(sum(one >= threshold for one in now) - wanted), abs(threshold - old)

    return nearness


def fit_points(agreement: Agreement, people: Sequence[Someone]) -> list[float]:
    plan = made(agreement)
    return [float(one) for one in listed(fits(plan, crowd_of_rows(plan, people)))]


def engagement_points(agreement: Agreement, people: Sequence[Someone], start: int, end: int) -> list[float]:
    """Of everybody, at each of the moments looked at."""
    plan = made(agreement)
    crowd = crowd_of_rows(plan, people)
    kernel = Kernel(plan, len(crowd.at))
    found: list[float] = []
    for look in range(1, LOOKS + 1):
        standing = listed(kernel.stand(crowd, start + (end - start) * look // LOOKS).engagement)
        found += [float(one) for one in standing[:: plan.tracks]]
    return found


def alerts(agreement: Agreement, people: Sequence[Someone], start: int, end: int) -> int:
    """Calls in the period, one for each person, lead type and day; those of organisations' patterns are left out."""
    plan = made(agreement)
    crowd = crowd_of_rows(plan, people)
    found = Kernel(plan, len(crowd.at)).find(crowd)
    pairs = zip(listed(found.person), listed(found.at), strict=True)
    return len({(person, at // DAY) for person, at in pairs if start <= at < end})
