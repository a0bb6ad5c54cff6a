"""Two replays side by side: which calls both give, which come at another date, which only one of them gives."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from vendange.engine.rows import DAY

Key = tuple[int, str]  # person, lead type


class Called(NamedTuple):
    """A human is called to judge somebody. `at` in microseconds; `way` and `rule`: what called first."""

    person: int
    lead_type: str
    at: int
    way: str
    rule: str
    grade: str


@dataclass(frozen=True, slots=True)
class Difference:
    """`same` and `moved` hold pairs (before, after); a moved one comes more than a day earlier or later."""

    same: tuple[tuple[Called, Called], ...]
    moved: tuple[tuple[Called, Called], ...]
    gained: tuple[Called, ...]
    lost: tuple[Called, ...]


def one_a_day(calls: Iterable[Called]) -> list[Called]:
    """Calls of one person for one type of lead within a day are one piece of work: the first of them, by time."""
    kept: list[Called] = []
    last: dict[Key, int] = {}
    for call in sorted(calls, key=_by_time):
        key = call.person, call.lead_type
        if key not in last or call.at - last[key] >= DAY:
            last[key] = call.at
            kept.append(call)
    return kept


def _by_time(call: Called) -> int:
    return call.at


def difference(before: Sequence[Called], after: Sequence[Called], reach: int) -> Difference:
    """Pair the calls of each person and lead type, in order of time; pairs further apart than `reach` are no pair."""
    old, new = _by_key(before), _by_key(after)
    pairs: list[tuple[Called, Called]] = []
    gained: list[Called] = []
    lost: list[Called] = []
    for key in {**old, **new}:
        mine, theirs = list(old.get(key, ())), list(new.get(key, ()))
        pairs += _taken(mine, theirs, DAY)
        pairs += _taken(mine, theirs, reach)
        lost += mine
        gained += theirs
    same = (pair for pair in pairs if abs(pair[0].at - pair[1].at) <= DAY)
    moved = (pair for pair in pairs if abs(pair[0].at - pair[1].at) > DAY)
    return Difference(
        tuple(sorted(same, key=_by_later)),
        tuple(sorted(moved, key=_by_later)),
        tuple(sorted(gained, key=_by_time)),
        tuple(sorted(lost, key=_by_time)),
    )


def _by_later(pair: tuple[Called, Called]) -> tuple[int, int]:
    return pair[1].at, pair[0].at


def _by_key(calls: Iterable[Called]) -> Mapping[Key, list[Called]]:
    found: dict[Key, list[Called]] = {}
    for call in sorted(calls, key=_by_time):
        found.setdefault((call.person, call.lead_type), []).append(call)
    return found


def _taken(mine: list[Called], theirs: list[Called], reach: int) -> Iterator[tuple[Called, Called]]:
    """Pairs not further apart than `reach`, first with first; both lists keep what finds no partner."""
    left: list[Called] = []
    alone: list[Called] = []
    while mine and theirs:
        apart = mine[0].at - theirs[0].at
        if abs(apart) <= reach:
            yield mine.pop(0), theirs.pop(0)
        elif apart < 0:
            left.append(mine.pop(0))
        else:
            alone.append(theirs.pop(0))
    mine[:0], theirs[:0] = left, alone
