"""A card learnt from drawn leads: what it finds, what it says of itself, and that no figure depends on chance order."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from tests.engine.leads import drawn, shuffled
from vendange.engine.learning.candidates import candidates_of, holds, round_cuts
from vendange.engine.learning.judging import Groups, above_chance, auc_of, compare, is_better, judge, lift_of
from vendange.engine.learning.learn import learn
from vendange.engine.learning.learned import CannotLearn, Condition, Learned
from vendange.engine.learning.table import Cell, Table, column_of, in_order


@pytest.fixture(scope="module")
def learned() -> Learned:
    return learn(*drawn())


def test_it_finds_what_was_put_in(learned: Learned) -> None:
    assert learned.verdict == "signal"
    assert learned.offered
    points = {(rule.condition.column, rule.condition.value): rule.points for rule in learned.rules}
    pages = {float(str(value)): given for (column, value), given in points.items() if column == "pages"}
    assert points["source", "partner"] > 0 > points["source", "mail"]
    assert any(7 <= value <= 9 and given > 0 for value, given in pages.items())
    assert learned.judged.auc > 0.65
    assert learned.judged.low < learned.judged.auc < learned.judged.high
    assert learned.judged.ece < 0.05


def test_points_are_few_whole_and_of_the_sign_of_the_effect_alone(learned: Learned) -> None:
    assert 1 <= len(learned.rules) <= 15
    for rule in learned.rules:
        assert isinstance(rule.points, int)
        assert 1 <= abs(rule.points) <= 20
        assert rule.sign == np.sign(rule.points) == np.sign(rule.rate - rule.rest)


def test_it_judges_on_the_newest_three_tenths(learned: Learned) -> None:
    assert (learned.oldest.n, learned.newest.n, learned.judged.n) == (1400, 600, 600)
    assert learned.order == "time"
    assert learned.oldest.until is not None
    assert learned.newest.since is not None
    assert learned.oldest.until <= learned.newest.since
    assert sum(step.n for step in learned.judged.table) == 600
    assert sum(step.wins for step in learned.judged.table) == learned.newest.wins


def test_the_newest_leads_have_no_say_in_the_card(learned: Learned) -> None:
    """With other outcomes of the newest leads, the same points; only the judgement changes."""
    table, won, time = drawn()
    time = time + np.arange(len(time)) * 1e-6  # no two at once, so that other outcomes leave the order
    plain, turned = learn(table, won, time), won.copy()
    turned[1400:] = np.roll(turned[1400:], 7)
    other = learn(table, turned, time, known_points=None)
    assert other.tried == plain.tried
    assert other.calibration == plain.calibration
    assert other.judged != plain.judged


def test_the_order_of_rows_changes_nothing_in_time() -> None:
    table, won, time = drawn(800)
    time = np.floor(time / 30)  # many at once
    known = np.random.default_rng(4).integers(0, 9, 800).astype(float)
    rows = np.random.default_rng(5).permutation(800)
    first = learn(table, won, time, known_points=known)
    again = learn(table.take(rows), won[rows], time[rows], known_points=known[rows])
    assert first == again
    assert first.order == "time"


def test_a_shuffle_asks_no_column() -> None:
    table, won, _ = drawn(800)
    first = in_order(table, won, None)
    assert (first == in_order(table.only([]), won, None)).all()
    assert (first != np.arange(800)).any()


def test_leads_that_are_alike_spread_over_both_parts() -> None:
    table = Table.of({"source": ["a", "b"] * 200})
    order = in_order(table, np.arange(400) % 4 < 2, None)
    assert 40 < (order[:280] % 2 == 0).sum() < 240
    assert sorted(order) == list(range(400))


def test_exchanged_outcomes_are_seldom_called_a_signal() -> None:
    chance, claims = np.random.default_rng(11), 0
    for rows in (300, 600, 1200, 2000) * 5:
        claims += learn(*shuffled(drawn(), rows, chance, labels=True)).verdict != "no_signal"
    assert claims <= 1


def test_without_a_signal_no_rule_is_shown() -> None:
    learned = learn(*drawn(600, strength=0.0))
    assert (learned.verdict, learned.rules, learned.offered) == ("no_signal", (), False)


def test_it_offers_itself_only_when_it_beats_the_points_in_force() -> None:
    table, won, time = drawn()
    numbers, source = np.nan_to_num(table.columns["pages"].numbers), table.columns["source"]
    names = np.array(source.names)[source.codes]
    best = 12 * (numbers >= 8) + 10 * (names == "partner") - 12 * (names == "mail")
    beaten = learn(table, won, time, known_points=best.astype(float))
    assert (beaten.verdict, beaten.offered, bool(beaten.rules)) == ("not_better", False, True)
    assert beaten.compared is not None
    assert beaten.compared.n == 600
    poor = np.where(np.arange(2000) % 3 == 0, np.nan, (np.arange(2000) % 7).astype(float))
    offered = learn(table, won, time, known_points=poor)
    assert offered.verdict == "signal"
    assert offered.compared is not None
    assert offered.compared.n < 600  # only leads that had points are compared
    assert offered.compared.gain > 0.1


@pytest.mark.parametrize(
    ("rows", "wins", "code"),
    [(99, 40, "few_rows"), (200, 0, "one_outcome"), (200, 200, "one_outcome"), (200, 8, "few_oldest")],
)
def test_too_little_is_said_with_its_figures(rows: int, wins: int, code: str) -> None:
    won = np.zeros(rows, np.bool_)
    won[:: max(1, rows // wins) if wins else rows][:wins] = bool(wins)
    if wins == rows:
        won[:] = True
    with pytest.raises(CannotLearn) as caught:
        learn(Table.of({"page": ["a", "b"] * (rows // 2) + ["a"] * (rows % 2)}), won, np.arange(rows, dtype=float))
    assert caught.value.code == code


def test_a_lead_without_its_time_is_a_mistake_of_the_caller() -> None:
    table, won, time = drawn(300)
    time[7] = np.nan
    with pytest.raises(ValueError, match="each lead has the time"):
        learn(table, won, time)


def test_points_that_nobody_has_yet_are_no_rival() -> None:
    learned = learn(*drawn(), known_points=np.full(2000, np.nan))
    assert learned.compared is not None
    assert (learned.compared.n, learned.offered) == (0, True)


def test_outcomes_may_be_noughts_and_ones() -> None:
    table, won, time = drawn(600)
    assert learn(table, won.astype(np.int64), time) == learn(table, won, time)


def test_a_table_without_any_use_gives_no_signal() -> None:
    table = Table.of({"same": ["x"] * 300, "id": [f"lead {place}" for place in range(300)]})
    learned = learn(table, np.arange(300) % 3 == 0, np.arange(300, dtype=float))
    assert learned.verdict == "no_signal"
    assert {(one.column, one.reason) for one in learned.warned} == {("same", "constant"), ("id", "identifier")}
    assert learned.used == ()


def test_columns_are_read_for_what_they_are() -> None:
    kinds: dict[str, list[Cell]] = {
        "number": ["1", "2.5", "-3e2", "", "NaN"],
        "text": ["01220", "75001", "", None, "x"],
        "date": ["2026-04-01", "2026-04-01T10:00:00Z", date(2026, 4, 2), None, ""],
    }
    for kind, cells in kinds.items():
        assert column_of("it", cells).kind == kind
    assert column_of("it", ["1,5", "2"], "comma").numbers.tolist() == [1.5, 2.0]
    assert column_of("it", ["1,5", "2"]).kind == "text"
    assert column_of("it", ["2026-13-45", "2026-04-01"]).kind == "text"
    assert column_of("it", ["", None]).empty.all()
    assert column_of("it", [True, False, True]).names == ("False", "True")


def test_conditions_hold_where_they_say() -> None:
    number = column_of("n", [1.0, 5.0, None])
    assert holds(Condition("n", "at_least", 5), number).tolist() == [False, True, False]
    assert holds(Condition("n", "exists", False), number).tolist() == [False, False, True]
    text = column_of("t", ["a", "b", ""])
    assert holds(Condition("t", "is", "a"), text).tolist() == [True, False, False]
    assert holds(Condition("t", "in", ("a", "b", "gone")), text).tolist() == [True, True, False]
    day = column_of("d", ["2026-03-31", "2026-04-01", ""])
    assert holds(Condition("d", "after", date(2026, 3, 31)), day).tolist() == [False, True, False]


def test_each_condition_tells_apart_as_its_bins_say() -> None:
    table, won, _ = drawn(700)
    candidates = candidates_of(table, won)
    counts = candidates.sums(np.ones(700))
    for condition, count in zip(candidates.conditions, counts, strict=True):
        met = holds(condition, table.columns[condition.column])
        assert met.sum() == count
        assert 30 <= count <= 670
        assert not isinstance(condition.value, tuple) or len(condition.value) <= 12


def test_thresholds_are_numbers_that_people_choose() -> None:
    assert round_cuts(np.arange(1.0, 1001.0))[:4].tolist() == [60, 100, 200, 250]
    years = round_cuts(np.tile(np.arange(1979.0, 2018.0), 20))
    assert len(years) > 8
    assert set(years % 1) == {0}
    assert round_cuts(np.tile([0.0, 1.0, 2.0], 9)).tolist() == [1, 2]
    assert not len(round_cuts(np.zeros(50)))


def test_auc_and_its_certainty_on_a_table_done_by_hand() -> None:
    groups = Groups.of(np.array([1.0, 1, 2, 2, 3, 3]), np.array([False, False, True, False, True, True]))
    assert auc_of(groups) == pytest.approx(8.5 / 9)
    variance = 9 / 12 * (7 - 3 * (8 - 2) / 30)
    assert above_chance(groups) == pytest.approx((8.5 - 4.5) / variance**0.5)
    assert auc_of(Groups.of(np.ones(4), np.array([True, False, True, False]))) == 0.5
    assert above_chance(Groups.of(np.ones(4), np.array([True, False, True, False]))) == 0


def test_lift_shares_the_group_that_the_edge_cuts() -> None:
    scores = np.array([2.0] + [1.0] * 4 + [0.0] * 5)
    won = np.array([True, True, True, False, False] + [False] * 5)
    groups = Groups.of(scores, won)
    assert lift_of(groups, 0.1) == pytest.approx(1 / 0.3)
    assert lift_of(groups, 0.2) == pytest.approx((1 + 0.5) / 2 / 0.3)
    rows = np.random.default_rng(1).permutation(10)
    assert lift_of(Groups.of(scores[rows], won[rows]), 0.2) == lift_of(groups, 0.2)


def test_rates_that_are_true_are_called_true() -> None:
    chance = np.random.default_rng(3)
    scores = chance.integers(0, 20, 5000).astype(float)
    rates = 0.02 + scores / 40
    judged = judge(scores, chance.random(5000) < rates, rates)
    assert judged.ece < 0.03
    assert judge(scores, chance.random(5000) < rates, rates + 0.2).ece == pytest.approx(0.2, abs=0.02)


def test_the_same_points_are_not_better_than_themselves() -> None:
    scores, won = np.arange(200.0), np.arange(200) % 3 == 0
    same = compare(scores, scores, won)
    assert (same.gain, same.z, is_better(same)) == (0, 0, False)
    assert is_better(replace(same, n=0))  # nobody had points: nothing to beat
