"""What was known before a lead, as columns; each learnt condition as a rule; and points that call about as often."""

from typing import Any

import pytest

from vendange.agreement.conditions import Leaf
from vendange.agreement.label import Label
from vendange.agreement.language import load
from vendange.engine.before import Counter, acts_of, as_engagement, as_fit, cell
from vendange.engine.crowd import Someone
from vendange.engine.learning.learned import Condition
from vendange.engine.matching import alerts, apart, matched, stretch, stretched, thresholds
from vendange.engine.offered import Card, CardRule, as_rules, name_of, with_points
from vendange.engine.rows import DAY, SignalRow

LABEL = Label("Learnt", "Appris")
AGREEMENT = load("""
agreement: Small
lead_types: [project]
fit:
  - {id: decides, where: {person.level: {at_least: director}}, points: 60}
engagement:
  half_life: 20 days
  weights: {declared: 0.5}
  rules:
    - {id: prices, on: page_viewed, where: {path: {starts_with: /tarifs}}, points: 20, cap: 60}
    - {id: fair, on: booth_visited, where: {at: {between: [2026-06-02, 2026-06-05]}}, points: 30}
interests:
  half_life: 60 days
  topics: [{id: machining, on: content_read, where: {topic: machining}}]
grades: {fit: {A: 60, B: 30, C: 10}, engagement: {1: 50, 2: 30, 3: 10}}
alert: [A1, A2]
cool_down: 30 days
""")


def signal(day: float, kind: str = "page_viewed", **read: Any) -> SignalRow:
    return SignalRow(int(day * 1000), round(day * DAY), kind, **read)


def columns(*signals: SignalRow, at: float = 100) -> dict[str, float]:
    counter = Counter(acts_of(AGREEMENT, {"page_viewed", "sample_requested"}), dict(AGREEMENT.weights))
    return dict(zip(counter.columns(), counter.row(signals, round(at * DAY)), strict=True))


def test_what_the_agreement_tells_apart_then_kinds_that_it_reads_nowhere() -> None:
    keys = [one.key for one in acts_of(AGREEMENT, {"page_viewed", "booth_visited", "sample_requested", "content_read"})]
    assert keys == ["rule/prices", "topic/machining", "kind/sample_requested"]


def test_a_signal_counts_one_and_half_of_it_after_a_half_life() -> None:
    found = columns(signal(70, path="/tarifs"), signal(100, path="/Tarifs/x"), signal(100, path="/other"))
    assert found["rule/prices|30"] == 1.5
    assert found["rule/prices|7"] == pytest.approx(1 + 0.5 ** (30 / 7), abs=0.001)
    assert found["kind/sample_requested|90"] == 0


def test_what_people_say_of_themselves_weighs_less_and_later_signals_nothing() -> None:
    assert columns(signal(100, path="/tarifs", origin="declared"))["rule/prices|30"] == 0.5
    assert columns(signal(101, path="/tarifs"))["rule/prices|30"] == 0
    assert columns(signal(-90000, path="/tarifs"))["rule/prices|7"] == 0


@pytest.mark.parametrize(
    ("dimension", "value", "said"),
    [
        ("person.level", "student", 0.0),
        ("person.level", "executive", 4.0),
        ("person.level", "", None),
        ("person.level", "wizard", None),
        ("organisation.tier", "core", 2.0),
        ("organisation.employees", 0, 0),
        ("organisation.employees", None, None),
        ("person.country", "FR", "FR"),
    ],
)
def test_ranks_are_numbers_and_what_is_not_known_is_empty(dimension: str, value: object, said: object) -> None:
    assert cell(dimension, value) == said


def test_conditions_on_fields_become_fit_rules() -> None:
    assert as_fit(Condition("person.level", "at_least", 3), 5.0, "level", LABEL).where == Leaf(
        "person.level", "at_least", "director"
    )
    assert as_fit(Condition("organisation.tier", "at_least", 1.5), 5.0, "tier", LABEL).where == Leaf(
        "organisation.tier", "at_least", "core"
    )
    assert as_fit(Condition("person.role", "exists", False), -2.0, "role", LABEL).where == Leaf(
        "person.role", "exists", False
    )
    assert as_fit(Condition("person.country", "in", ("BE", "FR")), 2.0, "land", LABEL).where == Leaf(
        "person.country", "in", ("BE", "FR")
    )


@pytest.mark.parametrize(("threshold", "each"), [(0.3, 6), (1, 6), (2, 3), (2.5, 3), (4, 2), (60, 1)])
def test_as_many_signals_as_the_threshold_fill_the_jar(threshold: float, each: float) -> None:
    acts = acts_of(AGREEMENT, ())
    rule = as_engagement(Condition("rule/prices|30", "at_least", threshold), 6.0, "prices", LABEL, acts)
    assert (rule.points, rule.cap, rule.half_life_days) == (each, 6.0, 30.0)
    assert rule.on == ("page_viewed",) and rule.where == AGREEMENT.engagement[0].where


def card_rule(column: str, points: int, value: float = 1) -> CardRule:
    return CardRule("x", column, "at_least", value, points, 100, 0.4, 0.2, 40, 0.5)


def test_points_that_fade_cannot_be_taken_off() -> None:
    rules = [card_rule("rule/prices|7", -3), card_rule("person.level", -3, 3), card_rule("rule/prices|30", 4)]
    fit, engagement = as_rules(rules, acts_of(AGREEMENT, ()), lambda _: LABEL)
    assert [one.points for one in fit] == [-3] and [one.half_life_days for one in engagement] == [30.0]
    given = with_points([rules[1]], fit, [])
    assert given[0].gives == -3 and not rules[0].can_be_written
    assert not Card("", "won", 91, 9, 9, 0, verdict="signal", rules=(rules[0],)).offered


def test_ids_are_those_of_the_agreement_and_each_its_own() -> None:
    assert name_of(Condition("rule/prices|30", "at_least", 1), set()) == "prices"
    assert name_of(Condition("kind/quote_requested|7", "at_least", 1), set()) == "quote-requested"
    assert name_of(Condition("person.job_title", "is", "x"), {"learned-job-title"}) == "learned-job-title-2"


def test_stretching_reaches_the_threshold_as_often() -> None:
    was, now = [50.0, 40.0, 20.0, 0.0], [5.0, 4.0, 3.0, 0.0]
    assert stretch(was, now, 40) == 10
    assert stretch([], [], 40) == 1
    assert [stretched(one, 2.6) for one in (1.0, -1.0, 0.1, 90.0)] == [3.0, -3.0, 1.0, 100.0]
    assert thresholds(was, [10 * one for one in now], (50, 40, 20)) == (50, 40, 20)


def test_thresholds_go_down_even_where_everybody_has_the_same_points() -> None:
    first, second, third = thresholds([50.0] * 4, [1.0] * 4, (50, 40, 20))
    assert 100 >= first > second > third >= 1


def test_none_is_farther_from_some_than_twice_as_many() -> None:
    assert apart(0, 49) > apart(100, 49) > apart(60, 49) > apart(49, 49) == 0


def test_other_points_call_about_as_often() -> None:
    people = [
        Someone(
            number,
            None,
            {"person.level": "director" if number % 2 else "staff"},
            [signal(day + number % 9, path="/tarifs") for day in range(0, 300, 5 + number * 2)],
        )
        for number in range(60)
    ]
    fit = [as_fit(Condition("person.level", "at_least", 3), 3.0, "level", LABEL)]
    jar = as_engagement(Condition("rule/prices|90", "at_least", 8), 20.0, "prices", LABEL, acts_of(AGREEMENT, ()))
    found = matched(AGREEMENT, people, fit=fit, engagement=[jar], start=30 * DAY, end=300 * DAY)
    assert found.alerts_before == alerts(AGREEMENT, people, 30 * DAY, 300 * DAY) > 20
    assert found.alerts_after == alerts(found.agreement, people, 30 * DAY, 300 * DAY)
    assert found.about_the_same, (found.alerts_before, found.alerts_after, found.agreement.grades)
    given = [one.points for one in found.agreement.fit] + [one.points for one in found.agreement.engagement]
    assert all(points.is_integer() for points in given)
