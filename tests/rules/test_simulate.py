"""Which weeks may be compared, what fits the desk, what was promised, and a threshold that never saw its own judge."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from vendange.agreement.language import load
from vendange.agreement.terms import Agreement
from vendange.engine.past.comparing import Called
from vendange.engine.past.following import Outcome
from vendange.engine.past.periods import Period, micros, moment
from vendange.engine.past.seen import First
from vendange.engine.rows import DAY
from vendange.engine.shares import Share
from vendange.simulate.rules import (
    Candidate,
    Recommendation,
    Recorded,
    comparable_from,
    judged,
    kind_seen,
    lead_times,
    promised,
    recommended,
    tallies,
    weekly,
    weeks_of,
    work_of,
)

DRAFT = load((Path(__file__).parents[2] / "examples" / "agreements" / "complex-sale.yaml").read_text())
START = micros(datetime(2026, 1, 5, tzinfo=UTC))  # a Monday
DAYS = {"passed": 14, "accepted": 14, "opportunity": 28, "won": 56}


def call(person: int, day: float, grade: str = "A1", way: str = "score") -> Called:
    return Called(person, "project", START + round(day * DAY), way, grade, grade)


def happened(person: int, day: float, kind: str = "won") -> Outcome:
    at = START + round(day * DAY)
    return Outcome(person, kind, at, None, at)


def period(days: int) -> Period:
    return Period(START, START + days * DAY, "UTC")


def test_alerts_are_counted_by_week() -> None:
    found = weeks_of(period(17), [call(1, 0), call(2, 6.9), call(3, 20)], [call(1, 7), call(2, 16.9)])
    assert [(f"{one.start:%m-%d}", one.whole, one.current, one.draft) for one in found] == [
        ("01-05", True, 2, 0),
        ("01-12", True, 0, 1),
        ("01-19", False, 0, 1),
    ]


def test_alerts_are_counted_by_way() -> None:
    found = tallies([call(1, 0), call(2, 0, way="act")], [call(1, 0), call(3, 0)], lambda one: one.way)
    assert [(one.id, one.current, one.draft) for one in found] == [("score", 1, 2), ("act", 1, 0)]


def with_desk(each: int, capacity: int | None) -> Agreement:
    return replace(DRAFT, desk=replace(DRAFT.desk, minutes_per_lead=each, minutes_per_week=capacity))


def test_work_is_set_against_the_minutes_of_the_desk() -> None:
    alerts = weekly(period(79), [call(number, 7 * week) for week in range(11) for number in range(week)])
    assert alerts == list(range(11))
    found = work_of(with_desk(10, 85), alerts)
    assert (found.half, found.nine_tenths, found.most, found.over, found.weeks) == (50, 90, 100, 2, 11)
    assert not found.fits
    assert work_of(with_desk(10, 90), alerts).fits
    assert work_of(with_desk(10, None), alerts).fits
    assert work_of(with_desk(10, 90), []).half is None


def test_a_promise_is_set_against_alerts_of_its_grades() -> None:
    volume = replace(DRAFT.volumes[0], grades=("A1", "A2"))
    whole = Period(micros(datetime(2026, 1, 1, tzinfo=UTC)), micros(datetime(2026, 3, 1, tzinfo=UTC)), "UTC")
    current = [call(1, 0), call(2, 0, "B1"), call(3, 40)]
    draft = [call(number, day) for day in (0, 40) for number in range(4)]
    passes = [(happened(1, 2, "passed"), "A1"), (happened(2, 2, "passed"), "B1")]
    found = promised(volume, whole, current, draft, passes, lambda calls: Share(1, len(calls)))
    assert found.current is not None and (found.current.median, found.current.most) == (1, 1)
    assert found.draft is not None and (found.draft.count, found.draft.median) == (2, 4)
    assert found.passed is not None and found.passed.most == 1
    assert found.share_passed == Share(1, 2)
    assert found.expected == pytest.approx((4 * 0.0945, 2.0, 4 * 0.9055), abs=1e-3)


def test_days_before_an_outcome_are_told_for_both() -> None:
    known = Recorded((happened(1, 60), happened(2, 60), happened(3, 300)), DAYS)
    found = {one.outcome: one for one in lead_times(period(100), [call(1, 20)], [call(1, 10), call(2, 50)], known)}
    assert found["won"].recorded == 2
    assert found["won"].current is not None and found["won"].current.median == 40
    assert found["won"].draft is not None and (found["won"].draft.count, found["won"].draft.median) == (2, 30)
    assert found["passed"].draft is None


def test_alerts_too_young_are_not_judged() -> None:
    known = Recorded((happened(1, 20), happened(2, 99)), DAYS)
    end = period(100).end
    found = judged([call(1, 10), call(2, 98)], known, START, end, end, end)
    assert (found.alerts, found.followed["won"], found.caught["won"]) == (2, Share(1, 1), Share(2, 2))


def test_a_kind_first_seen_late_bars_what_comes_before() -> None:
    end = START + 100 * DAY
    late = kind_seen("video_watched", First(START + 50 * DAY, 40, 8), same=False, start=START, end=end)
    rare = kind_seen("sample_requested", First(START + 95 * DAY, 200, 2), same=False, start=START, end=end)
    never = kind_seen("booth_visited", None, same=False, start=START, end=end)
    assert (late.missed, rare.missed, never.missed) == (True, False, False)
    assert comparable_from([late, rare, never]) == moment(START + 50 * DAY)


def test_a_kind_that_both_treat_alike_bars_nothing() -> None:
    found = kind_seen("video_watched", First(START + 50 * DAY, 40, 8), same=True, start=START, end=START + 100 * DAY)
    assert found.missed
    assert comparable_from([found]) is None


# A year in which person n is called on day n by the generous threshold, every second one also by the strict one; who
# is called by the strict one buys 30 days later.
YEAR = 364


def called(strict: bool) -> list[Called]:
    return [call(day, day) for day in range(0, YEAR, 2 if strict else 1)]


def bought(until: int = YEAR) -> list[Outcome]:
    return [happened(day, day + 30) for day in range(0, until - 30, 2)]


def chosen(outcomes: Sequence[Outcome], draft: Agreement = DRAFT, days: int = YEAR) -> Recommendation:
    candidates = [
        Candidate((40.0, 20.0, 10.0), (("A", 20.0),), False, called(strict=False)),
        Candidate((70.0, 40.0, 15.0), (("A", 40.0),), True, called(strict=True)),
        Candidate((90.0, 60.0, 20.0), (("A", 60.0),), False, [call(day, day) for day in range(0, YEAR, 8)]),
    ]
    return recommended(candidates, Recorded(tuple(outcomes), DAYS), period(days), draft)


def test_the_fewest_alerts_that_catch_nearly_all_are_recommended() -> None:
    found = chosen(bought())
    assert (found.because, found.outcome, found.chosen, found.own) == ("", "won", (70.0, 40.0, 15.0), True)
    assert found.chosen_on is not None and found.held_out is not None
    assert found.chosen_on.followed["won"].value == 1.0
    assert found.held_out.followed["won"] == Share(45, 45)  # every second day from day 217 to day 307
    assert found.held_out.start == found.chosen_on.end == moment(START + (YEAR - 56 - 91) * DAY)


def test_what_does_not_fit_the_desk_is_not_recommended() -> None:
    found = chosen(bought(), with_desk(10, 15))
    assert found.chosen == (90.0, 60.0, 20.0)
    assert chosen(bought(), with_desk(10, 5)).because == "too_much_work"


def test_the_held_out_quarter_is_never_seen_when_choosing() -> None:
    """Whatever is recorded in it, the same threshold is chosen, on the same figures."""
    border = YEAR - 56 - 91
    plain = chosen(bought())
    other = [one for one in bought() if one.at < START + border * DAY]
    other += [happened(day, day + 3) for day in range(border, YEAR - 60, 1) if day % 2]
    turned = chosen(other)
    assert (turned.chosen, turned.chosen_on) == (plain.chosen, plain.chosen_on)
    assert turned.held_out != plain.held_out
    assert turned.because == "did_not_hold"


def test_what_the_rest_promised_must_hold() -> None:
    """The generous one catches more on the rest; on the held-out quarter both catch all that there was."""
    border = YEAR - 56 - 91
    more = [happened(day, day + 30) for day in range(1, border - 30, 2)]
    found = chosen([*bought(), *more])
    assert (found.chosen, found.own) == ((40.0, 20.0, 10.0), False)
    assert found.because == "did_not_hold"
    assert chosen([*bought(), *more], with_desk(10, 40)).own


def against_own(own: Sequence[Called], other: Sequence[Called], draft: Agreement = DRAFT) -> Recommendation:
    candidates = [
        Candidate((70.0, 40.0, 15.0), (("A", 40.0),), True, own),
        Candidate((90.0, 60.0, 20.0), (("A", 60.0),), False, other),
    ]
    return recommended(candidates, Recorded(tuple(bought()), DAYS), period(YEAR), draft)


def test_a_proven_difference_is_recommended() -> None:
    found = against_own(called(strict=False), called(strict=True))
    assert (found.because, found.own) == ("", False)


def test_a_difference_that_may_be_chance_is_not() -> None:
    nearly = [call(day, day) for day in range(YEAR) if not day % 2 or day % 7 == 1]
    assert against_own(nearly, called(strict=True)).because == "no_difference"
    found = against_own(nearly, called(strict=True), with_desk(10, 45))
    assert (found.because, found.own) == ("", False)  # the draft's own does not fit the desk


def test_small_numbers_recommend_nothing() -> None:
    assert chosen(bought()[:20]).because == "few_outcomes"
    assert chosen([]).chosen is None
    assert chosen(bought(150), days=150).because == "short_period"
    assert chosen(bought(), replace(DRAFT, alert=frozenset())).because == "no_score"
