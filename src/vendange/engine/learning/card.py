"""A card of few whole points: conditions added one by one where they explain most, ridge, signs that people expect.

How many rules, and how prudent: chosen three times on what came next. The weights are rounded to points as scorecards
are, then mended one point at a time against the log loss (as Ustun and Rudin, JMLR 2019, polish theirs).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from vendange.engine.learning.candidates import Candidates, candidates_of, holds
from vendange.engine.learning.judging import Groups, auc_of
from vendange.engine.learning.learned import Calibration, Condition
from vendange.engine.learning.selection import NEWTON, Fit, logistic, path
from vendange.engine.learning.table import Numbers, Table, Truth, Whole

RIDGES: Final = (3.0, 10.0, 30.0)
SIZES: Final = tuple(range(5, 16))
NEAR: Final = 0.003  # AUC that a smaller card may lose
FOLDS: Final = ((0.4, 0.6), (0.6, 0.8), (0.8, 1.0))
LARGEST: Final = (10, 12, 15, 20)  # points of the strongest rule
NEAR_LOSS: Final = 0.001  # share of the log loss that smaller points may cost
ROUNDS: Final = 3


@dataclass(frozen=True, slots=True, eq=False)
class Card:
    """Whole points for each condition, and the rate that their sum stands for."""

    conditions: tuple[Condition, ...]
    points: tuple[int, ...]
    calibration: Calibration
    ridge: float

    def scores(self, table: Table) -> Numbers:
        total = np.zeros(table.rows)
        for condition, points in zip(self.conditions, self.points, strict=True):
            total += points * holds(condition, table.columns[condition.column])
        return total

    def rates(self, scores: Numbers) -> Numbers:
        return logistic(self.calibration.intercept + self.calibration.slope * scores)


def learn_card(table: Table, won: Truth) -> Card:
    """The card of these leads, which stand oldest first."""
    ridge, size = _chosen_size(table, won)
    candidates = candidates_of(table, won)
    fits = path(candidates, table, won, ridge, size)
    return _in_points(candidates, fits[max(fits)], table, won, ridge)


def _chosen_size(table: Table, won: Truth) -> tuple[float, int]:
    """The ridge and the number of rules that did best on what came next, three times; of equals, the smaller card."""
    found = {(ridge, size): [0.0] for ridge in RIDGES for size in SIZES}
    for until, end in FOLDS:
        first, last = round(until * len(won)), round(end * len(won))
        learnt, next_ones = np.arange(first), np.arange(first, last)
        if not _mixed(won[learnt]) or not _mixed(won[next_ones]):
            continue
        part, coming = table.take(learnt), table.take(next_ones)
        candidates = candidates_of(part, won[learnt])
        for ridge in RIDGES:
            fits = path(candidates, part, won[learnt], ridge, SIZES[-1])
            for size, auc in _tried(candidates, fits, coming, won[next_ones]).items():
                found[ridge, size].append(auc)
    mean = {key: sum(aucs) / max(1, len(aucs) - 1) for key, aucs in found.items()}
    best = max(mean.values())
    return min((key for key in mean if mean[key] >= best - NEAR), key=lambda key: (key[1], -mean[key], -key[0]))


def _mixed(won: Truth) -> bool:
    return bool(won.any() and not won.all())


def _tried(candidates: Candidates, fits: dict[int, Fit], coming: Table, won: Truth) -> dict[int, float]:
    aucs: dict[int, float] = {}
    for size in SIZES:
        fit = fits[max(known for known in fits if known <= size)]
        score = np.zeros(coming.rows)
        for place, weight in zip(fit.places, fit.weights, strict=True):
            condition = candidates.conditions[place]
            score += weight * holds(condition, coming.columns[condition.column])
        aucs[size] = auc_of(Groups.of(np.round(score, 9), won))
    return aucs


def _in_points(candidates: Candidates, fit: Fit, table: Table, won: Truth, ridge: float) -> Card:
    conditions = [candidates.conditions[place] for place in fit.places]
    if not conditions:
        base = float(np.clip(won.mean(), 1e-6, 1 - 1e-6))
        return Card((), (), Calibration(float(np.log(base / (1 - base))), 0.0), ridge)
    met = np.column_stack([holds(one, table.columns[one.column]) for one in conditions]).astype(np.int64)
    signs = np.sign(fit.weights).astype(np.int64)
    tried = [_rounded(met, won, fit.weights, signs, largest) for largest in LARGEST]
    best = min(loss for loss, _ in tried)
    points = next(points for loss, points in tried if loss <= best * (1 + NEAR_LOSS))
    kept = sorted(np.flatnonzero(points), key=lambda place: (-abs(int(points[place])), place))
    _, calibration = _calibrated(met @ points, won)
    return Card(tuple(conditions[at] for at in kept), tuple(int(points[at]) for at in kept), calibration, ridge)


def _rounded(met: Whole, won: Truth, weights: Numbers, signs: Whole, largest: int) -> tuple[float, Whole]:
    """Rounds, then moves one rule by one point as long as that lowers the log loss; a sign is never given up."""
    points = np.round(weights * largest / np.abs(weights).max()).astype(np.int64)
    loss, _ = _calibrated(met @ points, won)
    for _ in range(ROUNDS):
        before = loss
        for rule in range(len(points)):
            for move in (-1, 1):
                other = points.copy()
                other[rule] += move
                if other[rule] * signs[rule] < 0 or abs(other[rule]) > largest:
                    continue
                moved, _ = _calibrated(met @ other, won)
                if moved < loss - 1e-9:
                    loss, points = moved, other
        if loss == before:
            break
    return loss, points


def _calibrated(scores: Whole, won: Truth) -> tuple[float, Calibration]:
    """The logistic of intercept and slope that fits best, and its log loss per lead; counted by sums of points."""
    low = int(scores.min())
    n = np.bincount(scores - low)
    wins = np.bincount(scores[won] - low, minlength=len(n))
    values = np.flatnonzero(n)
    return fit_line((values + low).astype(float), n[values].astype(float), wins[values].astype(float))


def fit_line(values: Numbers, n: Numbers, wins: Numbers) -> tuple[float, Calibration]:
    """Logistic regression of `wins` of `n` on one value, by Newton steps; a trace of ridge keeps it finite."""
    middle, width = float(np.average(values, weights=n)), float(max(1.0, np.ptp(values)))
    matrix = np.column_stack((np.ones(len(values)), (values - middle) / width))
    weights, trace = np.zeros(2), np.diag([1e-3, 1e-3])
    for _ in range(NEWTON):
        rates = logistic(matrix @ weights)
        bend = (matrix * (n * rates * (1 - rates))[:, None]).T @ matrix + trace
        step = np.linalg.solve(bend, matrix.T @ (wins - n * rates) - trace @ weights)
        weights = weights + np.clip(step, -3.0, 3.0)
        if np.abs(step).max() < 1e-7:
            break
    rates = np.clip(logistic(matrix @ weights), 1e-12, 1 - 1e-12)
    loss = -float((wins * np.log(rates) + (n - wins) * np.log(1 - rates)).sum() / n.sum())
    slope = float(weights[1]) / width
    return loss, Calibration(float(weights[0]) - slope * middle, slope)
