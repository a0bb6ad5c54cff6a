"""What a score is worth: only leads that had their time count, and few of them prove nothing."""

from datetime import UTC, datetime, timedelta

import pytest

from vendange.engine.worth import FEW, OTHERWISE, Fate, Worth, propensity, usual_days, worths_of

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def fate(age: float, after: float | None = None, way: str = "score", grade: str = "A2") -> Fate:
    raised = NOW - timedelta(days=age)
    return Fate(way, grade, raised, None if after is None else raised + timedelta(days=after))


def test_a_young_lead_counts_for_nothing_whether_it_became_one_or_not() -> None:
    old = [fate(200, after=10), fate(200), fate(92)]
    young = [fate(90), fate(90, after=5)]
    found = worths_of([*old, *young], NOW).of("score", "A2")
    assert found.within_days == OTHERWISE
    assert (found.share.count, found.share.of, found.waiting) == (1, 3, 2)


def test_an_opportunity_that_came_too_late_is_none() -> None:
    found = worths_of([fate(300, after=92), fate(300, after=91)], NOW)
    assert (found.average.count, found.average.of) == (1, 2)


def test_the_time_is_that_of_nine_opportunities_of_ten_in_whole_weeks() -> None:
    assert usual_days([fate(300, after=20)] * 9) == OTHERWISE
    assert usual_days([fate(300, after=20)] * 10) == 21
    assert usual_days([fate(300, after=0)] * 10) == 7
    assert usual_days([fate(900, after=600)] * 10) == 364


def test_a_cell_holds_all_ways_and_a_way_only_its_own() -> None:
    rows = [fate(200, 5), fate(200, way="act"), fate(200, 5, way="act", grade="B1")]
    found = worths_of(rows, NOW)
    assert (found.of_cell("A2").share.count, found.of_cell("A2").share.of) == (1, 2)
    assert (found.of("act", "A2").share.count, found.of("act", "A2").share.of) == (0, 1)
    assert (found.average.count, found.average.of) == (2, 3)
    assert found.of("act", "C3").share.of == 0


def test_nothing_known_gives_no_figure() -> None:
    found = worths_of([], NOW).of("score", "A1")
    assert found.share.value is None and found.average.value is None and found.propensity == 0


@pytest.mark.parametrize(("of", "few"), [(FEW - 1, True), (FEW, False)])
def test_few_cases_are_called_few(of: int, few: bool) -> None:
    found: Worth = worths_of([fate(200)] * of, NOW).of("score", "A2")
    assert found.few is few


def test_propensity_is_drawn_to_the_average_on_small_numbers() -> None:
    found = worths_of([*([fate(200, 5)] * 3), *([fate(200, way="act")] * 27)], NOW)
    assert found.average.value == pytest.approx(0.1)
    assert found.propensity("score", "A2") == pytest.approx(propensity(3, 3, 0.1)) == pytest.approx(4 / 13)
    assert found.propensity("report", "A2") == pytest.approx(0.1)
