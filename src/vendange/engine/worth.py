"""What a score is worth: of the leads scored like this that had their time, how many became an opportunity.

A share is of leads that were raised so long ago that nine of ten opportunities of this history came sooner; a younger
lead without one proves nothing yet, and a younger lead with one would flatter.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from vendange.engine.shares import Share, part_of

OTHERWISE: Final = 91  # days in which an opportunity comes, while this history knows fewer than KNOWN of them
KNOWN: Final = 10
LONGEST: Final = 364
FEW: Final = 20  # leads below which a share tells nothing
SHRINKAGE: Final = 10  # leads of the average that stand beside the observed ones, so that one case proves nothing


class Fate(NamedTuple):
    """A judged lead: how it was found and scored, and when it became an opportunity (None: not until now)."""

    way: str
    grade: str
    raised_at: datetime
    opportunity_at: datetime | None


@dataclass(frozen=True, slots=True)
class Worth:
    """What became of leads that are alike, against all. `waiting`: alike too, but raised too lately to count."""

    share: Share
    average: Share
    waiting: int
    within_days: int

    @property
    def few(self) -> bool:
        return self.share.of < FEW

    @property
    def propensity(self) -> float:
        return propensity(self.share.count, self.share.of, self.average.value or 0.0)


@dataclass(frozen=True, slots=True)
class Worths:
    """All that was judged, by (way, grade)."""

    within_days: int
    average: Share
    shares: Mapping[tuple[str, str], Share] = field(default_factory=dict)
    waiting: Mapping[tuple[str, str], int] = field(default_factory=dict)

    def of(self, way: str, grade: str) -> Worth:
        """Leads of this cell that were found this way."""
        key = (way, grade)
        return Worth(self.shares.get(key, Share(0, 0)), self.average, self.waiting.get(key, 0), self.within_days)

    def of_cell(self, grade: str) -> Worth:
        """Leads of this cell, whichever way they were found."""
        same = [share for (_, cell), share in self.shares.items() if cell == grade]
        waiting = sum(count for (_, cell), count in self.waiting.items() if cell == grade)
        share = Share(sum(one.count for one in same), sum(one.of for one in same))
        return Worth(share, self.average, waiting, self.within_days)

    def propensity(self, way: str, grade: str) -> float:
        """The share of leads like this one, drawn to the average on small numbers."""
        return self.of(way, grade).propensity


def worths_of(fates: Sequence[Fate], now: datetime) -> Worths:
    within = usual_days(fates)
    last = now - timedelta(days=within)
    shares: dict[tuple[str, str], Share] = {}
    waiting: dict[tuple[str, str], int] = {}
    for one in fates:
        key = (one.way, one.grade)
        if one.raised_at > last:
            waiting[key] = waiting.get(key, 0) + 1
            continue
        known = shares.get(key, Share(0, 0))
        shares[key] = Share(known.count + came(one, within), known.of + 1)
    average = Share(sum(one.count for one in shares.values()), sum(one.of for one in shares.values()))
    return Worths(within, average, shares, waiting)


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
