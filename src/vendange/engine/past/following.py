"""What was recorded after the calls of a replay: how often, how soon, and what nobody was called for.

`within` and all times are microseconds. Who was not called was never worked on: what is recorded speaks for the
agreement that was in force then, and against any other.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from vendange.engine.past.comparing import Called
from vendange.engine.rows import DAY
from vendange.engine.shares import Share, part_of

Times = Mapping[int, Sequence[int]]  # by person, sorted


class Outcome(NamedTuple):
    """Something recorded about a person. `after`: since their lead was raised; None when that is not known.

    `useful`: the last moment at which a call could still have helped; for a win, when sales knew of the project.
    """

    person: int
    kind: str  # passed | accepted | opportunity | won
    at: int
    after: int | None
    useful: int


def times_of(rows: Iterable[Called | Outcome]) -> Times:
    found: dict[int, list[int]] = {}
    for row in rows:
        found.setdefault(row.person, []).append(row.at)
    for times in found.values():
        times.sort()
    return found


def followed(calls: Iterable[Called], outcomes: Times, *, within: int, until: int) -> Share:
    """Calls after which the outcome came `within`; only those that had so much time until `until`."""
    ripe = [call for call in calls if call.at + within <= until]
    return Share(sum(_is_between(outcomes, call.person, call.at, call.at + within) for call in ripe), len(ripe))


def caught(outcomes: Iterable[Outcome], calls: Times, *, within: int) -> Share:
    """Outcomes before which there was a call, not longer than `within` before."""
    whole = list(outcomes)
    return Share(sum(_is_between(calls, one.person, one.at - within, one.useful) for one in whole), len(whole))


def _is_between(times: Times, person: int, low: int, high: int) -> bool:
    mine = times.get(person, ())
    return bisect_left(mine, low) < bisect_right(mine, high)


def days_before(outcomes: Iterable[Outcome], calls: Times, *, within: int) -> list[float]:
    """For each outcome that was called for, days from the first call (not longer than `within` before) to it."""
    found = []
    for one in outcomes:
        mine = calls.get(one.person, ())
        first = bisect_left(mine, one.at - within)
        if first < len(mine) and mine[first] <= one.useful:
            found.append((one.at - mine[first]) / DAY)
    return found


def usual_days(outcomes: Iterable[Outcome], *, otherwise: int, at_least: int = 10) -> int:
    """Whole weeks, in days, within which nine of ten outcomes came; `otherwise` when fewer are known. 7 to 364."""
    known = sorted(one.after / DAY for one in outcomes if one.after is not None and one.after >= 0)
    if len(known) < at_least:
        return otherwise
    weeks = -int(-part_of(known, 0.9) // 7)
    return min(max(weeks, 1), 52) * 7
