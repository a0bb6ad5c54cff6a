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


def stretch(start: float, end: float, leads: int, each: int, grade: str = "A2") -> list[Fate]:
    """`leads` leads evenly from `start` to `end` days ago; every `each`-th becomes an opportunity after five days."""
    step = (start - end) / leads
    return [fate(start - place * step, 5 if place % each == 0 else None, grade=grade) for place in range(leads)]


def test_a_habit_that_holds_is_not_restated() -> None:
    found = worths_of(stretch(900, 100, 800, 8), NOW)
    assert found.moved is None and found.of("score", "A2").restated is None


def test_a_habit_that_moved_is_restated_from_when_it_did_and_the_order_of_cells_stays() -> None:
    rows = [*stretch(900, 500, 300, 8), *stretch(900, 500, 300, 4, "A1"), *stretch(500, 100, 400, 3)]
    rows.sort(key=lambda one: one.raised_at)
    found = worths_of(rows, NOW)
    assert found.moved is not None
    assert abs((found.moved.since - (NOW - timedelta(days=500))).days) < 40
    assert found.moved.count > found.moved.expected
    a2, a1 = found.of("score", "A2").propensity, found.of("score", "A1").propensity
    assert 0.28 < a2 < 0.40 and a1 > a2
    assert found.of_cell("D4").restated is not None


def test_few_leads_are_not_watched() -> None:
    rows = [*stretch(400, 300, 100, 8), *stretch(300, 100, 100, 2)]
    assert worths_of(rows, NOW).moved is None
