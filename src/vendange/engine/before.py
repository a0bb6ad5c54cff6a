"""What was known of a lead before it was raised, as columns to learn from, and each column as a rule of an agreement.

A column of the person or the organisation has the name of its dimension; levels and tiers are numbers, higher is
better. A column of acts is named SORT/NAME|DAYS: `rule/reads-prices|30` is what its signals were worth, each one
point at first and half of it after 30 days. The sorts: `rule`, an engagement rule of the agreement; `kind`, all signals
of a kind; `topic`, one of its topics.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any, Final

from vendange.agreement.conditions import RANKS, Condition, Leaf, dimensions_of, holds
from vendange.agreement.label import Label
from vendange.agreement.maturity import EngagementRule, FitRule
from vendange.agreement.terms import Agreement
from vendange.agreement.vocabulary import PERSON_DIMENSIONS
from vendange.engine.learning.learned import Condition as Learned
from vendange.engine.rows import DAY, SignalRow

HALF_LIVES: Final = (7, 30, 90)  # days
PROFILE: Final = tuple(name for name in PERSON_DIMENSIONS if name != "person.known_since")
NO_LABEL: Final = Label("", "")
READ: Final = ("path", "asset", "campaign", "channel", "topic", "value", "origin")
FULLEST: Final = 400.0  # half-lives are shorter: an older signal is worth nothing that counts
Cell = str | float | None


@dataclass(frozen=True, slots=True)
class Acts:
    """Signals that are counted together: of these kinds, and of those only which meet the condition."""

    key: str
    on: tuple[str, ...]
    where: Condition | None


def acts_of(agreement: Agreement, kinds: Iterable[str]) -> tuple[Acts, ...]:
    """What an agreement already tells apart, then the kinds that it reads nowhere, each as a whole."""
    topics = agreement.interests.topics if agreement.interests else ()
    stated = [
        *(Acts(f"rule/{one.id}", one.on, one.where) for one in agreement.engagement),
        *(Acts(f"topic/{one.id}", one.on, one.where) for one in topics),
    ]
    read = {kind for one in stated for kind in one.on}
    known = [one for one in stated if "at" not in dimensions_of(one.where)]  # the days of a fair tell of that fair only
    return (*known, *(Acts(f"kind/{kind}", (kind,), None) for kind in sorted({*kinds} - read)))


class Counter:
    """Which acts a signal belongs to, asked once for each different signal."""

    def __init__(self, acts: Sequence[Acts], weights: Mapping[str, float]) -> None:
        self.acts, self.weights = acts, weights
        self.known: dict[tuple[object, ...], tuple[int, ...]] = {}

    def columns(self) -> list[str]:
        return [f"{one.key}|{days}" for one in self.acts for days in HALF_LIVES]

    def row(self, signals: Iterable[SignalRow], at: int) -> list[float]:
        """What each column holds at a moment (microseconds); `signals`: those known then."""
        sums = [0.0] * (len(self.acts) * len(HALF_LIVES))
        for one in signals:
            places = self._places(one)
            days = (at - one.at) / DAY
            if not places or days < 0:
                continue
            weight = self.weights.get(one.origin or "", 1.0)
            for offset, half_life in enumerate(HALF_LIVES):
                worth = weight * 0.5 ** min(days / half_life, FULLEST)
                for place in places:
                    sums[place * len(HALF_LIVES) + offset] += worth
        return [round(one, 3) for one in sums]

    def _places(self, one: SignalRow) -> tuple[int, ...]:
        key = (one.kind, *(getattr(one, name) for name in READ))
        if key not in self.known:
            row = dict(zip(READ, key[1:], strict=True))
            self.known[key] = tuple(
                place for place, acts in enumerate(self.acts) if one.kind in acts.on and holds(acts.where, row)
            )
        return self.known[key]


def cell(dimension: str, value: object) -> Cell:
    """A value of the profile as a cell: a rank as a number, lowest 0; None when nothing is known."""
    if value is None or value == "":
        return None
    ranks = RANKS.get(PERSON_DIMENSIONS[dimension])
    if ranks is not None:
        return float(ranks.index(str(value))) if value in ranks else None
    return value if isinstance(value, int | float) else str(value)


def as_fit(learned: Learned, points: float, name: str, label: Label) -> FitRule:
    """A condition on the profile as a rule of the agreement."""
    return FitRule(name, label, as_leaf(learned), points)


def as_leaf(learned: Learned) -> Leaf:
    ranks = RANKS.get(PERSON_DIMENSIONS[learned.column])
    operator: Any = learned.operator
    value: Any = learned.value
    if ranks is not None and operator != "exists":
        value = ranks[min(max(ceil(float(value)), 0), len(ranks) - 1)]
    return Leaf(learned.column, operator, value)


def as_engagement(learned: Learned, points: float, name: str, label: Label, acts: Sequence[Acts]) -> EngagementRule:
    """A sum of fading signals as a jar: as many of them as the threshold fill it, one more runs over.

    The jar fades where the learned rule would stop at once: a threshold of 2 and 6 points become 3 points for each
    signal, 6 at most.
    """
    key, days = split(learned.column)
    found = next(one for one in acts if one.key == key)
    needed = max(1.0, float(str(learned.value)))
    return EngagementRule(
        id=name,
        label=label,
        on=found.on,
        where=found.where,
        points=float(max(1, ceil(points / needed - 1e-9))),
        cap=points,
        half_life_days=float(days),
    )


def split(column: str) -> tuple[str, int]:
    """The acts and the half-life of a column of acts."""
    key, _, days = column.rpartition("|")
    return key, int(days)


def is_of_acts(column: str) -> bool:
    return "|" in column
