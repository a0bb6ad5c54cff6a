"""The rate of the time: a name that was there only while everything converted badly is not bad in itself.

So leads are compared with those of their own stretch of time, in what ranks the names and in what weighs the rules.
"""

from typing import Final

import numpy as np

from vendange.engine.learning.table import Numbers, Truth, Whole

STRETCHES: Final = 5
LEAST_ROWS: Final = 200


def stretches(rows: int) -> Whole:
    """For each lead, oldest first, the number of its stretch; up to five of equal size."""
    parts = max(1, min(STRETCHES, rows // LEAST_ROWS))
    return np.arange(rows) * parts // max(1, rows)


def usual(won: Truth) -> Numbers:
    """For each lead, oldest first, the rate of its stretch."""
    stretch = stretches(len(won))
    rates: Numbers = (np.bincount(stretch, won) / np.bincount(stretch))[stretch]
    return rates


def controls(rows: int) -> Numbers:
    """A column of ones, then one for each stretch but the last."""
    stretch = stretches(rows)
    return np.column_stack([np.ones(rows), *(stretch == one for one in range(int(stretch.max(initial=0))))])
