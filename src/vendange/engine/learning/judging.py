"""How good a ranking is on leads that it never saw. Equal scores are equal: no figure depends on the order of rows."""

from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt
from typing import Final

import numpy as np

from vendange.engine.learning.learned import Compared, Judged, Step
from vendange.engine.learning.table import Numbers, Truth, Whole

CERTAIN: Final = 1.959964  # standard deviations that hold 95 % of a normal curve
SURE: Final = 2.6  # standard deviations that chance passes five times in a thousand
LIKELY: Final = 1.0  # on the newest leads, when all leads together show what chance does once in a hundred: SURE_OF_ALL
SURE_OF_ALL: Final = 2.33
LEAST_AUC: Final = 0.55
BETTER: Final = 1.645  # standard deviations that chance passes once in twenty
BEST: Final = 0.2
STEPS: Final = 10
STEP_ROWS: Final = 100


@dataclass(frozen=True, slots=True, eq=False)
class Groups:
    """Leads of equal score together, lowest score first."""

    scores: Numbers
    n: Whole
    wins: Whole

    @classmethod
    def of(cls, scores: Numbers, won: Truth) -> "Groups":
        values, codes = np.unique(scores, return_inverse=True)
        size = len(values)
        return cls(values, np.bincount(codes, minlength=size), np.bincount(codes[won], minlength=size))

    @property
    def lost(self) -> Whole:
        return self.n - self.wins


def auc_of(groups: Groups) -> float:
    """The chance that a won lead stands above one that was not; equals count half. 0.5 when one kind is missing."""
    wins, lost = int(groups.wins.sum()), int(groups.lost.sum())
    if not wins or not lost:
        return 0.5
    below = np.cumsum(groups.lost) - groups.lost
    return float((groups.wins * (below + groups.lost / 2)).sum() / (wins * lost))


def above_chance(groups: Groups) -> float:
    """Standard deviations by which the AUC is above one half, if scores told nothing; variance corrected for ties.

    Lehmann, Nonparametrics (1975), chapter 1, section 4.
    """
    wins, lost = int(groups.wins.sum()), int(groups.lost.sum())
    rows = wins + lost
    if not wins or not lost:
        return 0.0
    ties = float((groups.n.astype(float) ** 3 - groups.n).sum()) / (rows * (rows - 1))
    variance = wins * lost / 12 * (rows + 1 - ties)
    return (auc_of(groups) - 0.5) * wins * lost / sqrt(variance) if variance > 0 else 0.0


def placements(scores: Numbers, won: Truth) -> Numbers:
    """For each win the share of losses below it, for each loss the share of wins above it; equals count half."""
    groups = Groups.of(scores, won)
    place = np.searchsorted(groups.scores, scores)
    below = np.cumsum(groups.lost) - groups.lost / 2
    above = groups.wins.sum() - np.cumsum(groups.wins) + groups.wins / 2
    share: Numbers = np.where(won, below[place] / max(1, groups.lost.sum()), above[place] / max(1, groups.wins.sum()))
    return share


def variance_of(placed: Numbers, won: Truth) -> float:
    """Variance of a mean of placements, that is of an AUC, or of the difference of two.

    DeLong, DeLong, Clarke-Pearson (Biometrics, 1988).
    """
    return sum(float(np.var(part, ddof=1)) / len(part) for part in (placed[won], placed[~won]) if len(part) > 1)


def lift_of(groups: Groups, share: float = BEST) -> float:
    """How many times the usual rate the best `share` of leads has; a group that the edge cuts gives its part."""
    if not groups.wins.sum():
        return 0.0
    wanted = share * groups.n.sum()
    n, wins = groups.n[::-1], groups.wins[::-1]
    taken = np.clip(wanted - (np.cumsum(n) - n), 0, n)
    return float((taken * wins / n).sum() / wanted / (wins.sum() / n.sum()))


def steps_of(scores: Numbers, won: Truth, expected: Numbers) -> tuple[Step, ...]:
    """Up to ten steps of score with as many leads each, at least a hundred; equal scores stay in one step."""
    values, codes = np.unique(scores, return_inverse=True)
    n = np.bincount(codes)
    parts = max(1, min(STEPS, len(scores) // STEP_ROWS))
    step = np.minimum(((np.cumsum(n) - n / 2) * parts / len(scores)).astype(np.int64), parts - 1)
    return tuple(_step(values[step == one], step[codes] == one, won, expected) for one in np.unique(step))


def _step(values: Numbers, mine: Truth, won: Truth, expected: Numbers) -> Step:
    n, wins = int(mine.sum()), int(won[mine].sum())
    return Step(float(values[0]), float(values[-1]), n, wins, float(expected[mine].mean()), wins / n)


def ece_of(table: tuple[Step, ...]) -> float:
    """Mean distance between the rate said and the rate seen, each step by its leads."""
    rows = sum(step.n for step in table)
    return sum(step.n * abs(step.expected - step.rate) for step in table) / rows if rows else 0.0


def judge(scores: Numbers, won: Truth, expected: Numbers) -> Judged:
    """`expected`: the rate said of each lead, from 0 to 1."""
    groups = Groups.of(scores, won)
    auc, reach = auc_of(groups), CERTAIN * sqrt(variance_of(placements(scores, won), won))
    table = steps_of(scores, won, expected)
    return Judged(
        n=len(scores),
        wins=int(won.sum()),
        auc=auc,
        low=max(0.0, auc - reach),
        high=min(1.0, auc + reach),
        z=above_chance(groups),
        lift=lift_of(groups),
        ece=ece_of(table),
        table=table,
    )


def is_signal(judged: Judged, association: Callable[[], float]) -> bool:
    """The newest leads alone are sure, or they agree with what all leads show (`association`, asked only then)."""
    if judged.auc < LEAST_AUC or judged.z < LIKELY:
        return False
    return judged.z >= SURE or association() >= SURE_OF_ALL


def compare(scores: Numbers, known: Numbers, won: Truth) -> Compared:
    """Beside the points in force, on the leads that have them (NaN: has none)."""
    has = ~np.isnan(known)
    scores, known, won = scores[has], known[has], won[has]
    groups = Groups.of(known, won)
    mine, theirs = placements(scores, won), placements(known, won)
    gain = auc_of(Groups.of(scores, won)) - auc_of(groups)
    spread = sqrt(variance_of(mine - theirs, won))
    return Compared(len(won), auc_of(groups), lift_of(groups), gain, gain / spread if spread else 0.0)


def is_better(compared: Compared) -> bool:
    """Beats the points in force beyond what one chance in twenty gives; where nobody has any, there is none to beat."""
    return not compared.n or (compared.gain > 0 and compared.z >= BETTER)
