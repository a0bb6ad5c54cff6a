"""Shares with known intervals, calls that stay, move, come and go, and what followed them."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from vendange.agreement.language import load
from vendange.engine.past.comparing import Called, difference, one_a_day
from vendange.engine.past.following import Outcome, caught, days_before, followed, times_of, usual_days
from vendange.engine.past.periods import Period, micros
from vendange.engine.past.variants import by_cell, by_threshold, calls_from
from vendange.engine.rows import DAY
from vendange.engine.shares import Share, part_of, spread

HOUR = DAY // 24
EXAMPLE = Path(__file__).parents[2] / "examples" / "agreements" / "complex-sale.yaml"


@pytest.mark.parametrize(
    ("count", "of", "low", "high"),
    [  # the examples of Newcombe, Statistics in Medicine 17 (1998), method 3; the last one by symmetry
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (29, 29, 0.8830, 1.0),
    ],
)
def test_intervals_are_those_of_the_textbook(count: int, of: int, low: float, high: float) -> None:
    assert Share(count, of).interval == pytest.approx((low, high), abs=5e-5)


def test_a_share_of_nothing_has_no_value() -> None:
    assert (Share(0, 0).value, Share(0, 0).interval, Share(0, 0).few) == (None, None, True)
    assert Share(0, 0).overlaps(Share(30, 30))


def test_shares_that_cannot_be_the_same_do_not_overlap() -> None:
    assert Share(50, 100).overlaps(Share(60, 100))
    assert not Share(10, 100).overlaps(Share(60, 100))


def test_a_spread_has_its_quarters() -> None:
    found = spread([4, 1, 3, 2, 5])
    assert found is not None
    assert (found.count, found.quarter, found.median, found.three_quarters, found.most) == (5, 2, 3, 4, 5)
    assert found.nine_tenths == pytest.approx(4.6)
    assert spread([]) is None
    assert part_of([1, 2, 3, 4], 0.5) == 2.5


def call(person: int, at: int, lead_type: str = "project") -> Called:
    return Called(person, lead_type, at, "score", "A1", "A1")


def test_several_ways_on_one_day_are_one_piece_of_work() -> None:
    calls = [call(1, 0), call(1, 5 * HOUR), call(1, 5 * HOUR, "quote"), call(2, 5 * HOUR), call(1, 25 * HOUR)]
    assert [(one.person, one.lead_type, one.at // HOUR) for one in one_a_day(calls)] == [
        (1, "project", 0),
        (1, "quote", 5),
        (2, "project", 5),
        (1, "project", 25),
    ]


def test_calls_stay_move_come_and_go() -> None:
    before = [call(1, 0), call(2, 0), call(3, 0), call(4, 0), call(4, 200 * DAY)]
    after = [call(1, DAY), call(2, 9 * DAY), call(3, 0, "quote"), call(4, 195 * DAY)]
    found = difference(before, after, 90 * DAY)
    assert [(old.person, new.at // DAY) for old, new in found.same] == [(1, 1)]
    assert [(old.person, old.at // DAY, new.at // DAY) for old, new in found.moved] == [(2, 0, 9), (4, 200, 195)]
    assert [(one.person, one.lead_type) for one in found.gained] == [(3, "quote")]
    assert [(one.person, one.at // DAY) for one in found.lost] == [(3, 0), (4, 0)]


def test_a_call_that_stays_is_never_taken_for_one_that_moves() -> None:
    found = difference([call(1, 10 * DAY)], [call(1, 3 * DAY), call(1, 10 * DAY)], 90 * DAY)
    assert len(found.same) == 1
    assert [one.at // DAY for one in found.gained] == [3]
    assert not found.moved


def won(person: int, day: int, useful: int | None = None, after: int | None = 30) -> Outcome:
    when = day if useful is None else useful
    return Outcome(person, "won", day * DAY, after * DAY if after is not None else None, when * DAY)


def test_what_followed_is_counted_among_those_that_had_time() -> None:
    calls = [call(1, 0), call(2, 0), call(3, 90 * DAY)]
    ends = times_of([won(1, 30), won(2, 31), won(3, 95)])
    assert followed(calls, ends, within=30 * DAY, until=100 * DAY) == Share(1, 2)


def test_a_call_after_sales_knew_catches_nothing() -> None:
    calls = times_of([call(1, 20 * DAY), call(2, 20 * DAY)])
    assert caught([won(1, 40), won(2, 40, useful=15), won(3, 40)], calls, within=60 * DAY) == Share(1, 3)
    assert caught([won(1, 90)], calls, within=60 * DAY) == Share(0, 1)


def test_days_are_counted_from_the_first_call_within_reach() -> None:
    calls = times_of([call(1, 0), call(1, 70 * DAY), call(1, 80 * DAY)])
    assert days_before([won(1, 100)], calls, within=60 * DAY) == [30]


def test_the_usual_time_holds_nine_of_ten() -> None:
    assert usual_days([won(1, 0, after=days) for days in range(1, 101)], otherwise=1) == 91
    assert usual_days([won(1, 0, after=3)] * 20, otherwise=1) == 7
    assert usual_days([won(1, 0, after=3)] * 9 + [won(1, 0, after=None)], otherwise=182) == 182


def test_weeks_begin_on_monday_and_follow_the_clock() -> None:
    start, end = micros(datetime(2026, 10, 21, 12, tzinfo=UTC)), micros(datetime(2026, 11, 4, tzinfo=UTC))
    weeks = Period(start, end, "Europe/Paris").by_week()
    assert [whole for _, _, whole in weeks] == [False, True, False]  # the clocks change on 25 October
    assert weeks[1][:2] == (
        micros(datetime(2026, 10, 25, 23, tzinfo=UTC)),
        micros(datetime(2026, 11, 1, 23, tzinfo=UTC)),
    )


def test_only_whole_months_are_months() -> None:
    start, end = micros(datetime(2026, 1, 15, tzinfo=UTC)), micros(datetime(2026, 4, 2, tzinfo=UTC))
    assert Period(start, end, "UTC").whole_months() == [
        (micros(datetime(2026, month, 1, tzinfo=UTC)), micros(datetime(2026, month + 1, 1, tzinfo=UTC)))
        for month in (2, 3)
    ]
    exact = Period(micros(datetime(2026, 1, 1, tzinfo=UTC)), micros(datetime(2026, 2, 1, tzinfo=UTC)), "UTC")
    assert exact.whole_months() == [(exact.start, exact.end)]


def test_thresholds_move_together_and_the_own_are_among_them() -> None:
    draft = load(EXAMPLE.read_text())
    found = by_threshold(draft)
    assert [one.thresholds for one in found if one.own] == [(70.0, 40.0, 15.0)]
    assert found[0].thresholds == (28.0, 16.0, 6.0)
    assert all(one.thresholds[0] <= 100 for one in found)
    assert sorted(one.thresholds for one in found) == [one.thresholds for one in found]
    assert calls_from(draft) == [("A", 40.0), ("B", 70.0)]


def test_each_cell_is_turned_once() -> None:
    draft = load(EXAMPLE.read_text())
    found = {one.cell: one.agreement.alert for one in by_cell(draft)}
    assert found["A1"] == draft.alert - {"A1"}
    assert found["C3"] == draft.alert | {"C3"}
    assert len(found) == 16
    assert calls_from(replace(draft, alert=frozenset({"A4"}))) == [("A", 0.0)]
