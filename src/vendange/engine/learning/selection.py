"""Conditions chosen one after the other, where each explains most of what is left, with the signs that people expect.

Forward selection by score test (Rao 1948), logistic ridge by Newton steps (le Cessie and van Houwelingen 1992). Leads
that meet the same chosen conditions are one pattern: only patterns are weighed, each step passes the leads once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from vendange.engine.learning.candidates import Candidates, Field, holds
from vendange.engine.learning.season import controls, stretches
from vendange.engine.learning.table import Numbers, Table, Truth, Whole

LEAST_GAIN: Final = 4.0  # of the score test, chi-squared with one degree of freedom: 2 standard deviations
SEASON_RIDGE: Final = 1.0  # how strongly the rates of stretches of time are drawn together
TRACE: Final = 1e-6
NEWTON: Final = 25


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """Chosen candidates by place, with their weights."""

    places: tuple[int, ...]
    weights: Numbers


@dataclass(slots=True, eq=False)
class Patterns:
    """`codes`: the pattern of each lead; `rows`: for each pattern a 1, its stretch of time, the conditions it meets."""

    codes: Whole
    rows: Numbers
    n: Numbers
    wins: Numbers

    @classmethod
    def of(cls, won: Truth) -> "Patterns":
        codes = stretches(len(won))
        first = np.unique(codes, return_index=True)[1]
        return cls(codes, controls(len(won))[first], *_counted(codes, won))

    def met(self, condition: Truth, won: Truth) -> "Patterns":
        """Each pattern parts into the leads that meet the condition and those that do not."""
        parted = 2 * self.codes + condition
        there = np.flatnonzero(np.bincount(parted))
        place = np.zeros(int(there[-1]) + 1, np.int64)
        place[there] = np.arange(len(there))
        codes = place[parted]
        return Patterns(codes, np.column_stack((self.rows[there // 2], there % 2)), *_counted(codes, won))

    def without(self, columns: Sequence[int]) -> "Patterns":
        return Patterns(self.codes, np.delete(self.rows, columns, axis=1), self.n, self.wins)


def _counted(codes: Whole, won: Truth) -> tuple[Numbers, Numbers]:
    size = int(codes.max()) + 1
    return np.bincount(codes, minlength=size).astype(float), np.bincount(codes[won], minlength=size).astype(float)


def logistic(odds: Numbers) -> Numbers:
    """Rates of log odds; far out, at the edge of what a float can hold."""
    rates: Numbers = 1.0 / (1.0 + np.exp(-np.clip(odds, -35.0, 35.0)))
    return rates


def path(candidates: Candidates, table: Table, won: Truth, ridge: float, most: int) -> dict[int, Fit]:
    """The card of each size from 0 on, each grown from the one before; a rule whose sign turns is dropped for good."""
    patterns, places, barred = Patterns.of(won), list[int](), set[int]()
    wins, lead = candidates.sums(won.astype(float)), patterns.rows.shape[1]
    shrink = np.full(lead, SEASON_RIDGE)
    shrink[0] = TRACE
    weights = _newton(patterns, shrink, np.zeros(lead))
    fits = {0: Fit((), weights[lead:])}
    while len(places) < most:
        place = _next(candidates, wins, patterns, weights, [*places, *barred])
        if place is None:
            return fits
        condition = candidates.conditions[place]
        patterns = patterns.met(holds(condition, table.columns[condition.column]), won)
        places, shrink = [*places, place], np.append(shrink, ridge)
        weights = _newton(patterns, shrink, np.append(weights, 0.0))
        while turned := [at for at, one in enumerate(places) if weights[at + lead] * candidates.signs[one] <= 0]:
            barred.update(places[at] for at in turned)
            places = [one for at, one in enumerate(places) if at not in turned]
            gone = [at + lead for at in turned]
            patterns, shrink = patterns.without(gone), np.delete(shrink, gone)
            weights = _newton(patterns, shrink, np.delete(weights, gone))
        fits[len(places)] = Fit(tuple(places), weights[lead:])
    return fits


def _next(
    candidates: Candidates, wins: Numbers, patterns: Patterns, weights: Numbers, taken: Sequence[int]
) -> int | None:
    """The candidate that would explain most of what is left, in the direction it has alone; None: none is worth it."""
    if not candidates.conditions:
        return None
    rates = logistic(patterns.rows @ weights)
    spread = rates * (1 - rates)
    weighed = patterns.rows * spread[:, None]
    wanted = np.column_stack((rates, spread, weighed)).T
    sums = np.concatenate([_sums(field, patterns, wanted) for field in candidates.fields], axis=1)
    slope, own, with_chosen = wins - sums[0], sums[1], sums[2:]
    bend = (weighed * patterns.n[:, None]).T @ patterns.rows + 1e-9 * np.eye(len(weights))
    left = own - (with_chosen * np.linalg.solve(bend, with_chosen)).sum(0)
    fresh = (left > 1e-6 * own) & (np.sign(slope) == candidates.signs)
    gains = np.where(fresh, slope**2 / np.where(fresh, left, 1.0), 0.0)
    gains[list(taken)] = 0.0
    gains = np.round(gains, 7)  # so that equals are equal, and the first of them is taken
    best = int(gains.argmax())
    return best if gains[best] >= LEAST_GAIN else None


def _sums(field: Field, patterns: Patterns, wanted: Numbers) -> Numbers:
    """For each row of `wanted` (figures of patterns), its sum over the leads that meet each condition of the field."""
    size = field.masks.shape[1]
    crossed = np.bincount(patterns.codes * size + field.bins, minlength=len(patterns.n) * size)
    sums: Numbers = (wanted @ crossed.reshape(len(patterns.n), size)) @ field.masks.T
    return sums


def _newton(patterns: Patterns, shrink: Numbers, weights: Numbers) -> Numbers:
    """Weights of the ridge logistic, each with its own shrinkage."""
    rows = patterns.rows
    for _ in range(NEWTON):
        rates = logistic(rows @ weights)
        bend = (rows * (patterns.n * rates * (1 - rates))[:, None]).T @ rows + np.diag(shrink)
        step = np.linalg.solve(bend, rows.T @ (patterns.wins - patterns.n * rates) - shrink * weights)
        weights = weights + np.clip(step, -3.0, 3.0)
        if np.abs(step).max() < 1e-8:
            break
    return weights
