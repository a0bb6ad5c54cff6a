"""Which rules were behind what: shares of the right leads, rules that never fire, what the absence of one changes."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from vendange.agreement.language import load
from vendange.suggest.rules import MANY, Ended, Review, Section, reviewed, stated, usual_days, without

NOW = datetime(2026, 11, 22, tzinfo=UTC)
AGREEMENT = load("""
agreement: Small
lead_types: [quote, project]
fit:
  - {id: decides, where: {person.level: {at_least: director}}, points: 50}
  - {id: small, where: {organisation.employees: {at_most: 9}}, points: -20}
engagement:
  half_life: 20 days
  rules:
    - {id: prices, on: page_viewed, where: {path: {starts_with: /tarifs}}, points: 20, cap: 60}
    - {id: booth, on: booth_visited, points: 30}
acts:
  - {id: quote, on: quote_requested, lead_type: quote}
  - {id: demo, on: demo_requested, lead_type: project}
grades: {fit: {A: 50, B: 30, C: 10}, engagement: {1: 60, 2: 40, 3: 10}}
alert: [A1, A2]
alert_lead_type: project
""")


def lead(
    age: float = 300, *, way: str = "score", reason: str = "A2", points: Mapping[Any, float] | None = None, **said: Any
) -> Ended:
    given = {("fit", "decides"): 50.0, ("engagement", "prices"): 40.0} if points is None else points
    sums = {side: sum(value for (own, _), value in given.items() if own == side) for side in ("fit", "engagement")}
    grade = reason if way == "score" else "D4"
    known = {"judged": True, **said}
    return Ended(way, reason, grade, NOW - timedelta(days=age), 1, given, sums["fit"], sums["engagement"], **known)


def looked_at(*leads: Ended) -> Review:
    return reviewed(leads, {1: AGREEMENT}, AGREEMENT, NOW)


def fate(review: Review, section: Section, rule: str) -> Any:
    return next(one for one in review.fates if (one.section, one.id) == (section, rule))


def test_every_rule_that_can_call_or_give_points_is_listed_once() -> None:
    assert stated(AGREEMENT) == [
        ("acts", "quote"),
        ("acts", "demo"),
        ("cells", "A1"),
        ("cells", "A2"),
        ("engagement", "prices"),
        ("engagement", "booth"),
        ("fit", "decides"),
        ("fit", "small"),
    ]


def test_shares_are_of_judged_and_passed_leads() -> None:
    act: dict[str, Any] = {"way": "act", "reason": "quote", "points": {}}
    found = looked_at(
        lead(**act, passed=True),
        lead(**act, passed=True, refused=("immature",)),
        lead(**act, recycled=True),
        lead(**act, eliminated=True),
        lead(**act, judged=False),
        lead(passed=True),
    )
    one = fate(found, "acts", "quote")
    assert one.raised == 5 and found.raised == 6 and found.judged == 5
    assert (one.passed.count, one.passed.of) == (2, 4)
    assert (one.recycled.count, one.eliminated.count) == (1, 1)
    assert (one.returned.count, one.returned.of) == (1, 2)
    assert (one.rejected.count, one.rejected.of) == (2, 4)
    assert one.reasons == (("immature", 1),)
    assert (found.everything.passed.count, found.everything.passed.of) == (3, 5)


def test_a_win_counts_only_of_leads_that_had_their_time() -> None:
    won = NOW - timedelta(days=250)
    found = looked_at(lead(300, won_at=won), lead(300), lead(100), lead(100, won_at=NOW - timedelta(days=99)))
    one = fate(found, "cells", "A2")
    assert found.within_days == 182
    assert (one.won.count, one.won.of) == (1, 2)
    assert (one.effect.gone, one.effect.won, one.effect.ripe) == (4, 1, 2)  # the same leads as its share


def test_the_time_of_a_win_is_taken_from_the_history() -> None:
    rows = [lead(300, won_at=NOW - timedelta(days=300 - after)) for after in (*range(10, 19), 100)]
    assert usual_days(rows, "won") == 28


def test_never_and_always() -> None:
    found = looked_at(*[lead() for _ in range(30)])
    assert (
        ("acts", "quote") in found.never and ("engagement", "booth") in found.never and ("fit", "small") in found.never
    )
    assert found.always == (("engagement", "prices"), ("fit", "decides"))
    assert looked_at(*[lead() for _ in range(29)]).always == ()


def test_ten_returns_for_one_reason_put_a_rule_on_the_list() -> None:
    nine = [lead(passed=True, refused=("immature",)) for _ in range(MANY - 1)]
    assert looked_at(*nine).to_review == ()
    ten = looked_at(*nine, lead(passed=True, refused=("immature", "immature")))
    assert [(one.section, one.id, one.many) for one in ten.to_review] == [
        ("cells", "A2", (("immature", 10),)),
        ("engagement", "prices", (("immature", 10),)),
    ]


def test_points_that_did_not_lead_are_not_blamed_for_returns() -> None:
    points = {("engagement", "prices"): 15.0, ("engagement", "booth"): 30.0, ("fit", "decides"): 50.0}
    found = looked_at(*[lead(points=points, passed=True, refused=("cold",)) for _ in range(MANY)])
    assert fate(found, "engagement", "prices").many == ()
    assert fate(found, "engagement", "booth").many == (("cold", MANY),)
    assert fate(found, "fit", "decides").many == ()


def test_without_a_rule_only_leads_that_leave_the_calling_cells_are_gone() -> None:
    enough = {("fit", "decides"): 50.0, ("engagement", "prices"): 40.0, ("engagement", "booth"): 30.0}
    found = looked_at(
        lead(points=enough, passed=True), lead(points={**enough, ("engagement", "booth"): 3.0}, eliminated=True)
    )
    booth, prices = fate(found, "engagement", "booth").effect, fate(found, "engagement", "prices").effect
    assert (booth.gone, prices.gone, prices.passed, prices.rejected) == (0, 2, 1, 1)
    assert fate(found, "fit", "decides").effect.gone == 2


def test_without_an_act_all_its_calls_are_gone() -> None:
    rows = [lead(way="act", reason="quote", points={}, passed=True), lead(way="act", reason="demo", points={})]
    assert fate(looked_at(*rows), "acts", "quote").effect.gone == 1


def test_what_takes_points_off_may_go_without_a_lead_going() -> None:
    points = {("fit", "decides"): 50.0, ("fit", "small"): -20.0, ("engagement", "prices"): 60.0}
    assert without(points, "fit", "small") == 50
    assert fate(looked_at(lead(points=points, reason="A1")), "fit", "small").effect.gone == 0


@pytest.mark.parametrize(("bad", "said"), [(25, "worse"), (12, "")])
def test_a_rule_stands_out_only_beyond_chance(bad: int, said: str) -> None:
    act: dict[str, Any] = {"way": "act", "reason": "quote", "points": {}}
    mine = [lead(**act, eliminated=place < bad) for place in range(40)]
    others = [lead(eliminated=place < 10) for place in range(40)]
    assert fate(looked_at(*mine, *others), "acts", "quote").stands_out == said


def test_an_empty_history_says_nothing() -> None:
    found = looked_at()
    assert (found.raised, found.fates, found.everything.passed.value) == (0, (), None)
    assert len(found.never) == len(stated(AGREEMENT)) and found.always == ()
