"""Has the habit moved? Outcomes as they come, against what the signed points said of them; and the rates, restated.

An alarm restates the rates at once and leaves the points alone: what was signed stays. New points are only ever a
draft: that is for whoever calls, with `learn` on the newest leads.
"""

from dataclasses import dataclass, replace
from math import log
from typing import Final, Literal

import numpy as np

from vendange.engine.learning.judging import Groups, auc_of
from vendange.engine.learning.learned import Calibration
from vendange.engine.learning.selection import logistic
from vendange.engine.learning.table import Numbers, Truth

MOVED: Final = (1.3, 0.7)  # times the habit that is looked for: up, and down
ALARM: Final = 5.5
FEWEST: Final = 3.0  # expected successes since it began
PSEUDO: Final = 4.0  # leads that behave as before, added before rates are restated

Direction = Literal["up", "down"]


@dataclass(frozen=True, slots=True)
class Drift:
    """The habit moved. Places count from 0 in the outcomes as they came: from `began`, and noticed at `seen`.

    Over that stretch: `observed` and `expected` successes, and the `auc` of the points: how well they still rank, which
    no restated rate can mend.
    """

    direction: Direction
    began: int
    seen: int
    observed: int
    expected: float
    auc: float


def watch(rates: Numbers, won: Truth, *, spread: float = 1.0) -> Drift | None:
    """The first alarm in outcomes that stand in the order in which they became known; None: the habit holds.

    `rates`: what was said of each. `spread`: the standard deviation of outcomes in those of chance, when they scatter
    wider. Two CUSUMs (Page, Biometrika, 1954) of the log likelihood of 1.3 and of 0.7 times the habit against it.
    """
    drifts = [_first(rates, won, factor, spread) for factor in MOVED]
    found = [drift for drift in drifts if drift]
    return min(found, key=lambda drift: drift.seen) if found else None


def _first(rates: Numbers, won: Truth, factor: float, spread: float) -> Drift | None:
    steps = (won * log(factor) + rates * (1 - factor)) / max(1.0, spread) ** 2
    walked = np.concatenate(([0.0], np.cumsum(steps)))
    lowest = np.minimum.accumulate(walked)
    above = walked - lowest  # the CUSUM: how far above its lowest point so far
    places = np.arange(len(walked))
    began = np.maximum.accumulate(np.where(above == 0, places, 0))
    expected = np.concatenate(([0.0], np.cumsum(rates)))
    enough = (above > ALARM) & (expected - expected[began] >= FEWEST)
    if not enough.any():
        return None
    seen = int(enough.argmax())
    start = int(began[seen])
    stretch = slice(start, seen)
    return Drift(
        direction="up" if factor > 1 else "down",
        began=start,
        seen=seen - 1,
        observed=int(won[stretch].sum()),
        expected=float(rates[stretch].sum()),
        auc=auc_of(Groups.of(rates[stretch], won[stretch])),
    )


def restated(calibration: Calibration, scores: Numbers, won: Truth) -> Calibration:
    """The same points with another intercept, so that as many successes are expected as came in these outcomes.

    Four pseudo-leads of the rate before hold it back, so that two outcomes cannot turn everything.
    """
    if not len(won):
        return calibration
    odds = calibration.intercept + calibration.slope * scores
    rates = logistic(odds)
    usual = float(rates.mean())
    usual_odds = log(usual / (1 - usual))
    shift = 0.0
    for _ in range(50):
        now, pseudo = logistic(odds + shift), float(logistic(np.array(usual_odds + shift)))
        missing = float(won.sum() - now.sum()) + PSEUDO * (usual - pseudo)
        bend = float((now * (1 - now)).sum()) + PSEUDO * pseudo * (1 - pseudo)
        step = float(np.clip(missing / bend, -1.0, 1.0))
        shift += step
        if abs(step) < 1e-9:
            break
    return replace(calibration, intercept=calibration.intercept + shift)


def rates_of(calibration: Calibration, scores: Numbers) -> Numbers:
    """The rate that is said of each sum of points."""
    return logistic(calibration.intercept + calibration.slope * scores)
