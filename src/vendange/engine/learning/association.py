"""Do the columns tell anything of the outcome at all? One test over all leads, for when the newest are few.

For each value of each column, successes seen against those usual at that time, as in chi-squared. How far chance goes
is found by exchanging outcomes among leads of the same stretch of time (a permutation test, Fisher 1935); the sum of
squares is read as a gamma with the mean and variance of those exchanges, then as a normal (Wilson and Hilferty 1931).
"""

from typing import Final

import numpy as np

from vendange.engine.learning.leaks import values_of
from vendange.engine.learning.season import stretches, usual
from vendange.engine.learning.table import Numbers, Table, Truth, Whole

EXCHANGES: Final = 200
PSEUDO: Final = 10.0  # expected successes added to each value, so that rare ones do not rule
SEED: Final = 20_260_401


def association(table: Table, won: Truth) -> float:
    """Standard deviations beyond chance, of a normal; the leads stand oldest first."""
    columns = [values_of(column) for column in table.columns.values()]
    expected = usual(won)
    usual_wins: list[Numbers] = [np.bincount(codes, expected).astype(np.float64) for codes in columns]
    chance = np.random.default_rng(SEED)
    stretch = stretches(len(won))
    places = [np.flatnonzero(stretch == one) for one in range(int(stretch.max()) + 1)]
    found = _squares(columns, usual_wins, won)
    by_chance = np.empty(EXCHANGES)
    for number in range(EXCHANGES):
        exchanged = won.copy()
        for place in places:
            exchanged[place] = chance.permutation(won[place])
        by_chance[number] = _squares(columns, usual_wins, exchanged)
    return _as_normal(found, float(by_chance.mean()), float(by_chance.var()))


def _squares(columns: list[Whole], usual_wins: list[Numbers], won: Truth) -> float:
    total = 0.0
    for codes, expected in zip(columns, usual_wins, strict=True):
        seen = np.bincount(codes[won], minlength=len(expected))
        total += float(((seen - expected) ** 2 / (expected + PSEUDO)).sum())
    return total


def _as_normal(found: float, mean: float, variance: float) -> float:
    if mean <= 0 or variance <= 0:
        return 0.0
    spread = variance / (9 * mean**2)  # 1 / (9 × shape of the gamma)
    return float(((found / mean) ** (1 / 3) - (1 - spread)) / np.sqrt(spread))
