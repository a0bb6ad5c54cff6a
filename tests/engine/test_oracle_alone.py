"""What must be true of the slow, obvious version by itself, before the kernel is held against it."""

import math
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, event, settings
from hypothesis import given as given_any
from hypothesis import strategies as st

from tests.engine.drawn import (
    PERSON_SIDE,
    START,
    Moment,
    agreements,
    conditions,
    histories,
    moments,
    organisations,
    profiles,
)
from vendange.agreement.conditions import Condition, holds, surely_not
from vendange.agreement.language import load
from vendange.agreement.maturity import EngagementRule
from vendange.agreement.terms import Agreement
from vendange.engine.oracle import Member, calls, heat, next_change, stand
from vendange.engine.oracle.asking import instants, possible, set_aside
from vendange.engine.oracle.jars import day, jar, pours
from vendange.engine.rows import DAY, SignalRow

MILLIONTH = 0.000_001


def given(*drawn: st.SearchStrategy[Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Whole agreements take a while to draw when the machine is busy: that is no failure."""
    return lambda test: settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)(given_any(*drawn)(test))


@given(agreements(), organisations(), st.randoms(use_true_random=False))
def test_the_order_in_which_signals_and_people_come_in_is_free(
    agreement: Agreement, people: list[Member], chance: Random
) -> None:
    shuffled = [replace(one, signals=chance.sample(one.signals, len(one.signals))) for one in people]
    found = calls(agreement, people)
    assert found == calls(agreement, chance.sample(shuffled, len(shuffled)))
    for one, other in zip(people, shuffled, strict=True):
        assert repr(stand(agreement, one.profile, one.signals, START + 30 * DAY)) == repr(
            stand(agreement, other.profile, other.signals, START + 30 * DAY)
        )
    for way, count in Counter(call.way for call in found).items():
        event(f"{way} calls", payload=str(count))


@given(agreements(), organisations(), st.integers(0, 20))
def test_the_future_changes_no_call_of_the_past(agreement: Agreement, people: list[Member], cut: int) -> None:
    moments = instants([signal for one in people for signal in one.signals])
    until = moments[min(cut, len(moments) - 1)]
    past = [replace(one, signals=[signal for signal in one.signals if signal.at <= until]) for one in people]
    assert calls(agreement, past) == [call for call in calls(agreement, people) if call.at <= until]


@given(agreements(), profiles(), histories())
def test_no_jar_holds_more_than_its_cap_and_no_day_pours_more_than_it_may(
    agreement: Agreement, profile: dict[str, object], signals: list[SignalRow]
) -> None:
    for where in (None, *(one.where for one in agreement.dimensions)):
        poured = pours(agreement, signals, where)
        assert all(pour.amount >= 0 for pour in poured)
        for rule in agreement.engagement:
            held = [jar(rule, poured, at) or 0 for at in instants(signals)]
            assert all(0 <= one <= (math.inf if rule.cap is None else rule.cap) for one in held)
        for today in {day(agreement, pour.at) for pour in poured}:
            mine = [pour for pour in poured if day(agreement, pour.at) == today]
            limits = [(one.per_day, [pour for pour in mine if pour.rule.id == one.id]) for one in agreement.engagement]
            limits += [(one.per_day, [pour for pour in mine if pour.rule.group == one.id]) for one in agreement.groups]
            for limit, among in [*limits, (agreement.engagement_per_day, mine)]:
                assert limit is None or sum(pour.amount for pour in among) <= limit


@given(agreements(), profiles(), histories(), moments())
def test_without_a_limit_per_day_or_content_a_dimension_is_never_above_the_common_engagement(
    agreement: Agreement, profile: dict[str, object], signals: list[SignalRow], moment: Moment
) -> None:
    """With one it can be: what came first in the day took the room of what concerns the dimension."""
    freed = replace(
        agreement,
        engagement=tuple(replace(rule, per_day=None, per_content=None) for rule in agreement.engagement),
        groups=tuple(replace(group, per_day=None) for group in agreement.groups),
        engagement_per_day=None,
    )
    standing = stand(freed, profile, signals, moment.among(signals))
    assert all(engaged <= standing.engagement + MILLIONTH for engaged in standing.dimensions.values())
    assert standing.engagement <= agreement.engagement_cap


@given(agreements(), histories(), moments())
def test_a_jar_holds_the_least_of_what_each_overflow_let_it_keep(
    agreement: Agreement, signals: list[SignalRow], moment: Moment
) -> None:
    """The same figure in one formula: filled to the cap at one moment, plus all that was poured since, at the worst."""
    poured, as_of = pours(agreement, signals), moment.among(signals)
    for rule in agreement.engagement:
        own = [pour for pour in poured if pour.rule.id == rule.id and pour.at <= as_of]
        worth = [float(pour.amount) * fading(rule, as_of - pour.at) for pour in own]
        cap = 1e300 if rule.cap is None else rule.cap
        kept = [cap * fading(rule, as_of - pour.at) + math.fsum(worth[place + 1 :]) for place, pour in enumerate(own)]
        found = jar(rule, poured, as_of)
        assert (found is None) == (not own)
        assert found is None or math.isclose(found, min([*kept, math.fsum(worth)]), rel_tol=1e-9, abs_tol=1e-9)


def fading(rule: EngagementRule, elapsed: int) -> float:
    return float(0.5 ** (elapsed / DAY / rule.half_life_days))


@given(agreements(), organisations())
def test_who_is_set_aside_is_never_called_for_and_counts_for_nobody(agreement: Agreement, people: list[Member]) -> None:
    aside = [one.person for one in people if set_aside(agreement, one.profile)]
    found = calls(agreement, people)
    event("set aside", payload=len(aside))
    assert not any(call.person in aside for call in found)
    assert found == calls(agreement, [one for one in people if one.person not in aside])


@given(agreements(), organisations())
def test_rests_are_kept(agreement: Agreement, people: list[Member]) -> None:
    """A score and a dimension after anything; a pattern, a change and an act after themselves."""
    found = calls(agreement, people)
    cool_down = agreement.cool_down_days * DAY
    for place, call in enumerate(found):
        for earlier in found[:place]:
            same = (earlier.way, earlier.rule) == (call.way, call.rule)
            if call.way in {"score", "dimension"} and earlier.person == call.person:
                assert call.at - earlier.at >= cool_down
            if call.way == "act" and same and earlier.person == call.person:
                assert call.at - earlier.at >= DAY
            if call.way in {"pattern", "change"} and same and earlier.person == call.person:
                assert call.at - earlier.at >= cool_down


@given(agreements(), organisations(), moments())
def test_what_was_before_the_agreement_is_not_called_again(
    agreement: Agreement, people: list[Member], moment: Moment
) -> None:
    since = moment.among([signal for one in people for signal in one.signals])
    assert all(call.at >= since for call in calls(agreement, people, since=since))
    known = {one.person: since - 1 for one in people}
    rested = since - 1 + agreement.cool_down_days * DAY
    scored = [call for call in calls(agreement, people, since=since, known=known) if call.way in {"score", "dimension"}]
    assert all(call.at >= rested for call in scored)


@given(agreements(), profiles(), histories(), moments())
def test_something_falls_at_the_next_change_and_not_before(
    agreement: Agreement, profile: dict[str, object], signals: list[SignalRow], moment: Moment
) -> None:
    as_of = moment.among(signals)
    past = [signal for signal in signals if signal.at <= as_of]

    def shown(at: int) -> tuple[object, ...]:
        found = stand(agreement, profile, past, at)
        heated = heat(agreement, [(profile, found)])
        return found.grade, found.temperature, heated.engaged if heated else 0, now & found.changes

    now = stand(agreement, profile, past, as_of).changes
    fall = next_change(agreement, profile, signals, as_of)
    event("falls" if fall else "never falls")
    if fall is None:
        assert shown(as_of) == shown(as_of + 100_000 * DAY)
    else:
        assert shown(as_of) == shown(fall - 1) == shown((as_of + fall) // 2) != shown(fall)


@given(conditions(PERSON_SIDE), profiles())
def test_what_is_not_known_is_held_against_nobody(condition: Condition, profile: dict[str, object]) -> None:
    assert (possible(condition, profile) is False) == holds(surely_not(condition), profile)
    if possible(condition, profile) is True:
        assert holds(condition, profile)


STATED = load("""
agreement: Downloads
fit: [{id: director, where: {person.level: {at_least: director}}, points: 80}]
engagement:
  half_life: 21 days
  rules:
    - {id: downloads, on: content_downloaded, points: 5, cap: 25, per_content: 5}
    - {id: webinar, on: webinar_attended, points: 40}
grades: {fit: {A: 70, B: 45, C: 20}, engagement: {1: 70, 2: 40, 3: 15}}
alert: [A1, A2, B1, B2, C1, C2, D1, D2]
temperature: {hot: 40, warm: 15, margin: 5}
""")


@pytest.mark.parametrize("level", ["staff", "director"])
def test_who_downloads_two_hundred_papers_is_capped_and_calls_nobody(level: str) -> None:
    profile = {"person.level": level}
    papers = [
        SignalRow(number, START + number * DAY // 50, "content_downloaded", asset=f"paper-{number}.pdf")
        for number in range(200)
    ]
    assert calls(STATED, [Member(1, profile, papers)]) == []
    last = papers[-1].at
    assert 24.9 < stand(STATED, profile, papers, last).engagement <= 25
    assert stand(STATED, profile, papers, last + 21 * DAY).engagement <= 12.5


@pytest.mark.parametrize("days", [3, 4, 6])
def test_nobody_flaps_at_the_border_of_a_temperature(days: int) -> None:
    """One paper every few days keeps the engagement below the threshold and within the margin: warm all the time."""
    stated = replace(STATED, engagement=(replace(STATED.engagement[0], points=2.0, cap=16.0),))
    papers = [SignalRow(number, START + number, "content_downloaded", asset=str(number)) for number in range(8)]
    papers += [
        SignalRow(100 + number, START + number * days * DAY, "content_downloaded", asset=f"later-{number}")
        for number in range(1, 10)
    ]
    moments = [START + DAY + number * DAY // 3 for number in range(27 * days - 3)]
    seen = [stand(stated, {}, papers, at) for at in moments]
    assert {one.temperature for one in seen} == {"warm"}
    assert min(one.engagement for one in seen) < 15
    assert stand(stated, {}, papers, moments[-1] + 60 * DAY).temperature == "cold"


def test_a_margin_lasts_until_its_end() -> None:
    papers = [SignalRow(number, START, "content_downloaded", asset=str(number)) for number in range(4)]
    days = [(0, "warm"), (8, "warm"), (21, "warm"), (21.01, "cold")]
    assert [(day, stand(STATED, {}, papers, START + round(day * DAY)).temperature) for day, _ in days] == days
