"""What a score is worth: of the leads scored like this that had their time, how many became an opportunity.

A share is of leads that were raised so long ago that nine of ten opportunities of this history came sooner; a younger
lead without one proves nothing yet, and a younger lead with one would flatter.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import exp, log
from typing import Final, NamedTuple

from vendange.engine.shares import Share, part_of

OTHERWISE: Final = 91  # days in which an opportunity comes, while this history knows fewer than KNOWN of them
KNOWN: Final = 10
LONGEST: Final = 364
FEW: Final = 20  # leads below which a share tells nothing
HABIT: Final = 200  # leads from which a habit is taken before it is watched
HABIT_CASES: Final = 30  # of them, how many became an opportunity
UNSURE: Final = 1.1  # times the scatter of chance: the habit itself is only counted
LEAST_RATE: Final = 0.005
SHRINKAGE: Final = 10  # leads of the average that stand beside the observed ones, so that one case proves nothing


class Fate(NamedTuple):
    """A judged lead: how it was found and scored, and when it became an opportunity (None: not until now)."""

    way: str
    grade: str
    raised_at: datetime
    opportunity_at: datetime | None


@dataclass(frozen=True, slots=True)
class Restated:
    """The habit has moved: of `of` leads raised from `since` on, `count` became one where `expected` were.

    `shift`: by how much every rate is moved, in log odds; the points and the order of the cells stay.
    """

    since: datetime
    count: int
    of: int
    expected: float
    shift: float


@dataclass(frozen=True, slots=True)
class Worth:
    """What became of leads that are alike, against all. `waiting`: alike too, but raised too lately to count.

    `restated`: the rate to reckon with since the habit has moved, None while it holds.
    """

    share: Share
    average: Share
    waiting: int
    within_days: int
    moved: Restated | None = None
    restated: float | None = None

    @property
    def few(self) -> bool:
        return self.share.of < FEW

    @property
    def propensity(self) -> float:
        """The share of leads like this one, drawn to the average on small numbers, as it is now."""
        if self.restated is not None:
            return self.restated
        return propensity(self.share.count, self.share.of, self.average.value or 0.0)


@dataclass(frozen=True, slots=True)
class Worths:
    """All that was judged, by (way, grade). `before`: the same of the leads before the habit moved."""

    within_days: int
    average: Share
    shares: Mapping[tuple[str, str], Share] = field(default_factory=dict)
    waiting: Mapping[tuple[str, str], int] = field(default_factory=dict)
    moved: Restated | None = None
    before: Mapping[tuple[str, str], Share] = field(default_factory=dict)

    def of(self, way: str, grade: str) -> Worth:
        """Leads of this cell that were found this way."""
        return self._worth([key for key in {*self.shares, *self.waiting} if key == (way, grade)])

    def of_cell(self, grade: str) -> Worth:
        """Leads of this cell, whichever way they were found."""
        return self._worth([key for key in {*self.shares, *self.waiting} if key[1] == grade])

    def propensity(self, way: str, grade: str) -> float:
        return self.of(way, grade).propensity

    def _worth(self, keys: Sequence[tuple[str, str]]) -> Worth:
        waiting = sum(self.waiting.get(key, 0) for key in keys)
        share = added(self.shares[key] for key in keys if key in self.shares)
        return Worth(share, self.average, waiting, self.within_days, self.moved, self._restated(keys))

    def _restated(self, keys: Sequence[tuple[str, str]]) -> float | None:
        if self.moved is None:
            return None
        old = added(self.before[key] for key in keys if key in self.before)
        usual = added(self.before.values()).value or 0.0
        return _logistic(_odds(propensity(old.count, old.of, usual)) + self.moved.shift)


def added(shares: Iterable[Share]) -> Share:
    whole = list(shares)
    return Share(sum(one.count for one in whole), sum(one.of for one in whole))


def worths_of(fates: Sequence[Fate], now: datetime) -> Worths:
    """`fates`: the oldest first."""
    within = usual_days(fates)
    last = now - timedelta(days=within)
    ripe = [one for one in fates if one.raised_at <= last]
    waiting: dict[tuple[str, str], int] = {}
    for one in fates:
        if one.raised_at > last:
            waiting[one.way, one.grade] = waiting.get((one.way, one.grade), 0) + 1
    shares = _shares(ripe, within)
    moved, before = _moved(ripe, within)
    return Worths(within, added(shares.values()), shares, waiting, moved, before)


def _shares(fates: Iterable[Fate], within: int) -> dict[tuple[str, str], Share]:
    shares: dict[tuple[str, str], Share] = {}
    for one in fates:
        known = shares.get((one.way, one.grade), Share(0, 0))
        shares[one.way, one.grade] = Share(known.count + came(one, within), known.of + 1)
    return shares


def _moved(ripe: Sequence[Fate], within: int) -> tuple[Restated | None, Mapping[tuple[str, str], Share]]:
    """Whether the newer half of the leads went otherwise than the rates of the older half said, and from when on."""
    half = len(ripe) // 2
    habit = _shares(ripe[:half], within)
    usual = added(habit.values())
    if half < HABIT or usual.count < HABIT_CASES:
        return None, {}
    import numpy as np  # only where there is enough to watch: a door that starts does without

    from vendange.engine.learning.drift import restated, watch
    from vendange.engine.learning.learned import Calibration

    newer = ripe[half:]
    said = {key: propensity(one.count, one.of, usual.value or 0.0) for key, one in habit.items()}
    rates = np.array([said.get((one.way, one.grade), usual.value or 0.0) for one in newer])
    won = np.array([came(one, within) for one in newer], np.bool_)
    found = watch(rates, won, spread=UNSURE)
    if found is None:
        return None, {}
    since = slice(found.began, None)
    odds = np.array([_odds(float(one)) for one in rates[since]])
    shift = restated(Calibration(0.0, 1.0), odds, won[since]).intercept
    told = Restated(newer[found.began].raised_at, int(won[since].sum()), len(odds), float(rates[since].sum()), shift)
    return told, _shares(ripe[: half + found.began], within)


def _odds(rate: float) -> float:
    held = min(max(rate, LEAST_RATE), 1 - LEAST_RATE)
    return log(held / (1 - held))


def _logistic(odds: float) -> float:
    return 1 / (1 + exp(-odds))


def usual_days(fates: Sequence[Fate]) -> int:
    """Whole weeks, in days, within which nine of ten opportunities came; 91 while fewer than ten are known."""
    known = sorted((one.opportunity_at - one.raised_at) / timedelta(days=1) for one in fates if one.opportunity_at)
    if len(known) < KNOWN:
        return OTHERWISE
    weeks = -int(-part_of(known, 0.9) // 7)
    return min(max(weeks, 1) * 7, LONGEST)


def came(one: Fate, within_days: int) -> bool:
    return one.opportunity_at is not None and one.opportunity_at <= one.raised_at + timedelta(days=within_days)


def propensity(successes: int, total: int, average: float) -> float:
    """Share of leads like this one that became an opportunity, drawn towards the average on small numbers.

    >>> propensity(0, 0, 0.15), propensity(30, 96, 0.15)
    (0.15, 0.2971698113207547)
    """
    return (successes + SHRINKAGE * average) / (total + SHRINKAGE)
