"""How sure a share is, and how values spread: the few figures that every comparison of histories needs."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, sqrt
from typing import Final

CERTAIN: Final = 1.959964  # standard deviations that hold 95 % of a normal curve
FEW: Final = 30  # cases below which a share is called small


@dataclass(frozen=True, slots=True)
class Share:
    """`count` of `of` cases."""

    count: int
    of: int

    @property
    def value(self) -> float | None:
        """From 0 to 1; None when there is no case."""
        return self.count / self.of if self.of else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Wilson's 95 % interval, which stays right for few cases and for shares near 0 and 1."""
        if not self.of:
            return None
        z2 = CERTAIN * CERTAIN
        middle = self.count + z2 / 2
        reach = CERTAIN * sqrt(self.count * (self.of - self.count) / self.of + z2 / 4)
        low, high = (middle - reach) / (self.of + z2), (middle + reach) / (self.of + z2)
        return (0.0 if not self.count else low), (1.0 if self.count == self.of else high)

    @property
    def few(self) -> bool:
        return self.of < FEW

    def overlaps(self, other: "Share") -> bool:
        """Whether one truth could have given both; so too when one of them has no case."""
        mine, theirs = self.interval, other.interval
        return mine is None or theirs is None or (mine[0] <= theirs[1] and theirs[0] <= mine[1])


@dataclass(frozen=True, slots=True)
class Spread:
    """Where the values of a series lie: its quarters, and the value that nine of ten do not pass."""

    count: int
    quarter: float
    median: float
    three_quarters: float
    nine_tenths: float
    most: float


def spread(values: Sequence[float]) -> Spread | None:
    """None when there is no value."""
    if not values:
        return None
    ordered = sorted(values)
    quarter, median, three_quarters, nine_tenths = (part_of(ordered, share) for share in (0.25, 0.5, 0.75, 0.9))
    return Spread(len(ordered), quarter, median, three_quarters, nine_tenths, float(ordered[-1]))


def part_of(ordered: Sequence[float], share: float) -> float:
    """The value below which this share of sorted values lies, drawn straight between neighbours.

    >>> part_of([1, 2, 3, 4], 0.5), part_of([7], 0.9)
    (2.5, 7.0)
    """
    place = share * (len(ordered) - 1)
    low, high = ordered[floor(place)], ordered[ceil(place)]
    return float(low + (high - low) * (place - floor(place)))
