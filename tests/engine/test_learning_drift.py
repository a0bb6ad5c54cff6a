"""When the habit moves: an alarm soon enough, seldom without a reason, and right rates again under the same points."""

import numpy as np
import pytest

from vendange.engine.learning.drift import Drift, rates_of, restated, watch
from vendange.engine.learning.judging import judge
from vendange.engine.learning.learned import Calibration
from vendange.engine.learning.selection import logistic
from vendange.engine.learning.table import Numbers, Truth

SLOPE = 0.15
CHANCE = np.random.default_rng


def card_for(base: float) -> Calibration:
    """The calibration under which drawn points succeed at this rate on the whole."""
    points, low, high = CHANCE(0).normal(0, 6, 20_000).round(), -9.0, 9.0
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if logistic(middle + SLOPE * points).mean() < base else (low, middle)
    return Calibration(low, SLOPE)


def came(base: float, rows: int, chance: np.random.Generator) -> tuple[Numbers, Truth]:
    points = chance.normal(0, 6, rows).round()
    return points, chance.random(rows) < rates_of(card_for(base), points)


def alarm(signed: Calibration, base: float, rows: int, seed: int) -> tuple[Drift | None, Numbers, Truth]:
    points, won = came(base, rows, CHANCE(seed))
    return watch(rates_of(signed, points), won), points, won


def jumps(runs: int) -> tuple[float, list[float]]:
    """The base rate jumps from 12 to 24 %: how often noticed within 400 outcomes, and how far off rates are then.

    Rates are restated on all outcomes since it began, after each 50 more; judged are the 500 outcomes after the alarm,
    each by the rate that was said before it came.
    """
    signed, soon, off = card_for(0.12), 0, []
    for seed in range(runs):
        found, points, won = alarm(signed, 0.24, 1000, seed)
        if found is None or found.direction != "up" or found.seen >= 400:
            continue
        soon += 1
        said = []
        for until in range(found.seen + 1, found.seen + 501, 50):
            now = restated(signed, points[found.began : until], won[found.began : until])
            assert now.slope == signed.slope
            said.append(rates_of(now, points[until : until + 50]))
        next_ones = slice(found.seen + 1, found.seen + 501)
        off.append(judge(points[next_ones], won[next_ones], np.concatenate(said)).ece)
    return soon / runs, off


def test_a_jump_is_noticed_and_its_rates_are_restated() -> None:
    soon, off = jumps(40)
    assert soon >= 0.95
    assert np.mean(np.array(off) < 0.06) >= 0.9


@pytest.mark.thorough
def test_many_jumps_are_noticed_and_their_rates_restated() -> None:
    soon, off = jumps(400)
    assert soon >= 0.95
    assert np.mean(np.array(off) < 0.06) >= 0.95


def test_a_fall_is_noticed_too() -> None:
    found, _, won = alarm(card_for(0.24), 0.12, 1000, 5)
    assert found is not None
    assert (found.direction, found.seen < 500) == ("down", True)
    assert found.observed < found.expected
    assert found.observed == won[found.began : found.seen + 1].sum()


def test_a_habit_that_holds_seldom_alarms() -> None:
    signed = card_for(0.12)
    assert sum(alarm(signed, 0.12, 1500, seed)[0] is not None for seed in range(60)) <= 4


def test_outcomes_that_scatter_wide_alarm_later() -> None:
    signed = card_for(0.12)
    points, won = came(0.24, 2000, CHANCE(9))
    rates = rates_of(signed, points)
    plain, wide = watch(rates, won), watch(rates, won, spread=1.5)
    assert plain is not None
    assert wide is not None
    assert plain.seen < wide.seen


def test_the_beginning_is_found_after_a_quiet_time() -> None:
    signed = card_for(0.12)
    calm, calm_won = came(0.12, 600, CHANCE(21))
    moved, moved_won = came(0.30, 600, CHANCE(22))
    found = watch(rates_of(signed, np.append(calm, moved)), np.append(calm_won, moved_won))
    assert found is not None
    assert 450 < found.began < 700 < found.seen + 100
    assert found.auc > 0.6


def test_two_outcomes_do_not_turn_the_rates() -> None:
    signed = card_for(0.12)
    points = np.zeros(2)
    now = restated(signed, points, np.array([True, True]))
    before, after = rates_of(signed, points)[0], rates_of(now, points)[0]
    assert before < after < 0.6
    assert restated(signed, np.empty(0), np.empty(0, np.bool_)) == signed


def test_restated_rates_expect_what_came() -> None:
    signed = card_for(0.12)
    points, won = came(0.24, 5000, CHANCE(2))
    now = restated(signed, points, won)
    assert rates_of(now, points).sum() == pytest.approx(won.sum(), rel=0.01)
    assert watch(rates_of(now, points), won) is None


def test_nothing_is_no_drift() -> None:
    assert watch(np.empty(0), np.empty(0, np.bool_)) is None
