"""Each mistake in what a mature lead is, or in what is owed for it, is refused with its line and what to do."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rules.mistakes import COMPLETE, HEAD, scored, told
from vendange.agreement.language import NotAnAgreement, load


def limited(section: str, rule: str = "") -> str:
    return f"{HEAD}engagement:\n  {section}\n  rules:\n    - {{id: a, on: page_viewed, points: 5{rule}}}\n"


def burst(change: str) -> str:
    topics = "topics: [{id: t, on: page_viewed}]"
    return f"{HEAD}interests:\n  {topics}\n  change: {{{change}}}\n"


def pattern(rule: str) -> str:
    return f"{HEAD}patterns:\n  - {{{rule}}}\n"


def heat(rule: str) -> str:
    return f"{scored('id: a, on: page_viewed, points: 5')}organisation: {{{rule}}}\n"


def priced(level: str, currency: str = "EUR") -> str:
    return f"{HEAD}prices:\n  currency: {currency}\n  levels:\n    - {{{level}}}\n"


# name of the mistake: text, line, part of what is wrong, part of the remedy
MISTAKES = {
    "outside is reserved": (
        HEAD + "target: {set_aside: [{id: outside, where: {person.country: FR}}]}\n",
        4,
        "outside is a name of the engine",
        "another id",
    ),
    "reserved pattern": (pattern("id: limit, within: 1 day, all: [{on: page_viewed}]"), 5, "limit is", "another id"),
    "reserved act": (HEAD + "  - {id: limit, on: demo_requested}\n", 4, "limit is a name", "another id"),
    "reserved dimension": (
        limited("dimensions: [{id: outside, where: {path: /a}}]"),
        5,
        "outside is a name",
        "another id",
    ),
    "no persona": (HEAD + "target: {personas: []}\n", 4, "list is empty", "at least one"),
    "persona of nobody": (HEAD + "target: {personas: [{id: a}]}\n", 4, "where is missing", "Add where"),
    "persona twice": (
        HEAD + "target: {personas: [{id: a, where: {person.role: pays}}, {id: a, where: {person.role: uses}}]}\n",
        4,
        "a is used twice",
        "its own id",
    ),
    "low limit of a day": (
        scored("id: a, on: page_viewed, points: 5, per_day: 4"),
        6,
        "limit 4 is below",
        "at least 5",
    ),
    "low limit of a content": (
        scored("id: a, on: page_viewed, points: 5, per_content: 4.5"),
        6,
        "limit 4.5 is below",
        "at least 5",
    ),
    "low limit of all": (limited("cap: 4"), 5, "limit 4 is below", "at least 5"),
    "low limit of all in a day": (limited("per_day: 4"), 5, "limit 4 is below", "at least 5"),
    "low limit of a group": (
        limited("groups: [{id: g, cap: 4}]", ", group: g"),
        5,
        "limit 4 is below",
        "at least 5",
    ),
    "low limit of a group in a day": (
        limited("groups: [{id: g, per_day: 4}]", ", group: g"),
        5,
        "limit 4 is below",
        "at least 5",
    ),
    "more than everything": (limited("cap: 101"), 5, "101 is too large", "at most 100"),
    "no cap": (limited("cap: 0"), 5, "0 is too small", "above 0"),
    "no number": (limited("per_day: .nan"), 5, ".nan is not a number", "plain number"),
    "unknown group": (limited("groups: [{id: content, cap: 9}]", ", group: contnt"), 7, "contnt", "mean content"),
    "group of nowhere": (scored("id: a, on: page_viewed, points: 5, group: g"), 6, "no group g", "under groups"),
    "group without limit": (limited("groups: [{id: g}]", ", group: g"), 5, "limits nothing", "cap or per_day"),
    "group without rule": (limited("groups: [{id: g, cap: 9}]"), 5, "No rule belongs to the group g", "group: g"),
    "group twice": (
        limited("groups: [{id: g, cap: 9}, {id: g, cap: 8}]", ", group: g"),
        5,
        "g is used twice",
        "its own id",
    ),
    "weight above 1": (limited("weights: {declared: 1.5}"), 5, "1.5 is too large", "at most 1"),
    "weight below 0": (limited("weights: {declared: -0.5}"), 5, "-0.5 is too small", "at least 0"),
    "weight of a slip": (limited("weights: {declred: 0.5}"), 5, "no field declred", "mean declared"),
    "weight of nothing": (limited("weights: {}"), 5, "Nothing is written", "remove the field"),
    "dimension of a person": (
        limited("dimensions: [{id: d, where: {person.country: FR}}]"),
        5,
        "no field person.country",
        "path",
    ),
    "dimension twice": (
        limited("dimensions: [{id: d, where: {path: /a}}, {id: d, where: {path: /b}}]"),
        5,
        "d is used twice",
        "its own id",
    ),
    "dimension without rules": (
        HEAD + "engagement:\n  rules: []\n  dimensions: [{id: d, where: {path: /a}, alert: [A1]}]\n",
        6,
        "Without engagement rules",
        "Add rules",
    ),
    "dimension of a wrong cell": (limited("dimensions: [{id: d, where: {path: /a}, alert: [A9]}]"), 5, "A9", "A1"),
    "dimension of a wrong type": (
        limited("dimensions: [{id: d, where: {path: /a}, lead_type: projet}]"),
        5,
        "projet is not known",
        "lead",
    ),
    "rising dimension": (
        limited("dimensions: [{id: d, where: {path: /a}, grades: {1: 5, 2: 6, 3: 1}}]"),
        5,
        "do not go down",
        "1 above 2",
    ),
    "too many dimensions": (
        limited(f"dimensions: [{', '.join(f'{{id: d{n}, where: {{path: /{n}}}}}' for n in range(31))}]"),
        5,
        "31 dimensions",
        "at most 30",
    ),
    "interests in nothing": (HEAD + "interests: {topics: []}\n", 4, "list is empty", "at least one"),
    "interests without topics": (HEAD + "interests: {half_life: 9 days}\n", 4, "topics is missing", "Add topics"),
    "negative half-life of interest": (
        HEAD + "interests: {half_life: -9 days, topics: [{id: t, on: page_viewed}]}\n",
        4,
        "negative",
        "21 days",
    ),
    "topic twice": (
        HEAD + "interests: {topics: [{id: t, on: page_viewed}, {id: t, on: content_read}]}\n",
        4,
        "t is used twice",
        "its own id",
    ),
    "topic without points": (
        HEAD + "interests: {topics: [{id: t, on: page_viewed, points: 0}]}\n",
        4,
        "cannot decay",
        "above 0",
    ),
    "topic with a cap": (
        HEAD + "interests: {topics: [{id: t, on: page_viewed, cap: 5}]}\n",
        4,
        "no field cap",
        "points",
    ),
    "less than before": (
        burst("within: 14 days, against: 180 days, at_least: 4, times: 0.5"),
        6,
        "0.5 is too small",
        "at least 1",
    ),
    "burst longer than the past": (
        burst("within: 14 days, against: 7 days, at_least: 4, times: 3"),
        6,
        "past is shorter",
        "longer time for against",
    ),
    "burst of none": (
        burst("within: 14 days, against: 180 days, at_least: 0, times: 3"),
        6,
        "0 is too small",
        "at least 1",
    ),
    "burst of a wrong type": (
        burst("within: 14 days, against: 180 days, at_least: 4, times: 3, lead_type: projet"),
        6,
        "projet is not known",
        "lead",
    ),
    "a burst finer than can be told": (
        burst("within: 14 days, against: 180 days, at_least: 4, times: 2.3333"),
        6,
        "finer than can be told",
        "three decimals",
    ),
    "half a burst": (burst("within: 14 days"), 6, "against is missing", "Add against"),
    "pattern without acts": (pattern("id: p, within: 14 days, all: []"), 5, "has no act", "at least one"),
    "pattern without time": (pattern("id: p, all: [{on: page_viewed}]"), 5, "within is missing", "Add within"),
    "pattern of a crowd": (
        pattern("id: p, of: person, people: 2, within: 14 days, all: [{on: page_viewed}]"),
        5,
        "cannot come from 2 people",
        "of: organisation",
    ),
    "pattern of a team": (
        pattern("id: p, of: team, within: 14 days, all: [{on: page_viewed}]"),
        5,
        "team is not known",
        "person, organisation",
    ),
    "pattern of nobody": (
        pattern("id: p, of: organisation, people: 0, within: 14 days, all: [{on: page_viewed}]"),
        5,
        "0 is too small",
        "at least 1",
    ),
    "pattern in working time": (
        pattern("id: p, within: 2 working days, all: [{on: page_viewed}]"),
        5,
        "Working time",
        "elapsed",
    ),
    "pattern of a wrong type": (
        pattern("id: p, within: 1 day, lead_type: projet, all: [{on: page_viewed}]"),
        5,
        "projet is not known",
        "lead",
    ),
    "pattern of one act twice": (
        pattern("id: p, within: 1 day, all: [{on: page_viewed}, {on: page_viewed}]"),
        5,
        "listed twice",
        "at_least: 2",
    ),
    "endless pattern": (
        pattern(f"id: p, within: 1 day, all: [{', '.join(f'{{on: own_{n}}}' for n in range(11))}]"),
        5,
        "11 acts",
        "at most 10",
    ),
    "a half act": (pattern("id: p, within: 1 day, all: [{on: page_viewed, at_least: 1.5}]"), 5, "1.5", "1 or 2"),
    "hot before warm": (heat("engagement: 20, warm: 3, hot: 1"), 7, "hot with fewer", "at least 3"),
    "hot out of reach": (heat("engagement: 101, warm: 1, hot: 3"), 7, "101 is too large", "at most 100"),
    "heat without rules": (
        HEAD + "organisation: {engagement: 20, warm: 1, hot: 3}\n",
        4,
        "nobody is ever engaged",
        "remove organisation",
    ),
    "heat of a wrong role": (
        heat("engagement: 20, warm: 1, hot: 3, roles: [decide]"),
        7,
        "decide is not known",
        "mean decides",
    ),
    "margin as large as warm": (
        HEAD + "temperature: {hot: 40, warm: 15, margin: 15}\n",
        4,
        "ever becomes cold again",
        "below 15",
    ),
    "negative margin": (HEAD + "temperature: {hot: 40, warm: 15, margin: -1}\n", 4, "-1 is too small", "at least 0"),
    "no minutes": (HEAD + "desk: {minutes_per_lead: 0}\n", 4, "0 is too small", "at least 1"),
    "half a minute": (HEAD + "desk: {minutes_per_lead: 7.5}\n", 4, "not a whole number", "7 or 8"),
    "no time for one lead": (
        HEAD + "desk: {minutes_per_lead: 20, minutes_per_week: 19}\n",
        4,
        "not the time to judge one lead",
        "together in a week",
    ),
    "pressure of an unknown channel": (
        HEAD + "pressure: [{id: m, channels: [e-mail], at_most: 2, within: 7 days}]\n",
        4,
        "e-mail is not known",
        "mean email",
    ),
    "pressure on no channel": (
        HEAD + "pressure: [{id: m, channels: [], at_most: 2, within: 7 days}]\n",
        4,
        "list is empty",
        "at least one",
    ),
    "pressure of nothing": (HEAD + "pressure: [{id: m, at_most: 0, within: 7 days}]\n", 4, "0 is too", "at least 1"),
    "pressure without time": (HEAD + "pressure: [{id: m, at_most: 2}]\n", 4, "within is missing", "Add within"),
    "a price to the tenth of a cent": (priced("id: a, amount: 180.005"), 7, "not an amount", "two decimals"),
    "a negative price": (priced("id: a, amount: -1"), 7, "-1 is too small", "at least 0"),
    "a small currency": (priced("id: a, amount: 1", "eur"), 5, "eur is not a known currency", "mean EUR"),
    "no such currency": (priced("id: a, amount: 1", "EURO"), 5, "EURO is not a known currency", "three capital"),
    "price of a wrong type": (priced("id: a, amount: 1, lead_types: [projet]"), 7, "projet is not known", "lead"),
    "price of a wrong cell": (priced("id: a, amount: 1, grades: [E]"), 7, "E is not known", "A1"),
    "prices without level": (HEAD + "prices: {currency: EUR, levels: []}\n", 4, "list is empty", "at least one"),
    "a price behind one for all": (
        priced("id: any, amount: 1}\n    - {id: a, grades: [A], amount: 2"),
        8,
        "any takes them all first",
        "above any",
    ),
    "change that is only reported": (
        "agreement: Short\nalert: []\ninterests:\n  topics: [{id: t, on: page_viewed}]\n"
        "  change: {within: 7 days, against: 70 days, at_least: 3, times: 2}\n",
        2,
        "can ever call",
        "a pattern",
    ),
    "cells out of reach": (
        "agreement: Short\nalert: [A1]\nfit:\n  - {id: f, points: 69, where: {person.country: FR}}\n"
        "engagement:\n  rules:\n    - {id: a, on: page_viewed, points: 5}\n",
        2,
        "can ever call",
        "can reach",
    ),
    "caps out of reach": (
        "agreement: Short\nalert: [D2]\nengagement:\n  groups: [{id: g, cap: 30}]\n  rules:\n"
        "    - {id: a, on: page_viewed, points: 5, group: g}\n    - {id: b, on: page_viewed, points: 5, cap: 9}\n",
        2,
        "can ever call",
        "can reach",
    ),
    "too many conditions": (
        HEAD
        + "fit:\n"
        + "".join(f"  - {{id: f{n}, points: 1, where: {{organisation.region: c{n}}}}}\n" for n in range(500)),
        1,
        "501 different conditions",
        "at most 500",
    ),
}


@pytest.mark.parametrize(("text", "line", "what", "remedy"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_refused_with_line_and_remedy(text: str, line: int, what: str, remedy: str) -> None:
    assert told(text, line, what, remedy) == ""


STILL_ALERTS = {
    "a pattern": "patterns: [{id: p, within: 1 day, all: [{on: page_viewed, at_least: 3}]}]",
    "a burst": "interests: {topics: [{id: t, on: page_viewed}],"
    " change: {within: 7 days, against: 70 days, at_least: 3, times: 2, lead_type: lead}}",
    "a dimension": "engagement: {rules: [{id: a, on: page_viewed, points: 5}],"
    " dimensions: [{id: d, where: {path: /a}, alert: [D4]}]}",
    "a cell": "engagement: {rules: [{id: a, on: page_viewed, points: 5}]}\nalert: [D1]",
}


@pytest.mark.parametrize("text", STILL_ALERTS.values(), ids=STILL_ALERTS)
def test_one_way_to_call_somebody_is_enough(text: str) -> None:
    calls_nobody = "" if "alert: [D1]" in text else "alert: []\n"
    assert load(f"agreement: Short\n{calls_nobody}{text}\n").sha


@pytest.mark.parametrize("rule", [", cap: 9", ", cap: 50", ""])
def test_a_group_may_hold_less_than_one_of_its_rules(rule: str) -> None:
    agreement = load(limited("groups: [{id: g, cap: 5}]", f", group: g{rule}"))
    assert agreement.groups[0].cap == 5


def test_the_same_condition_asked_often_counts_once() -> None:
    rules = "".join(f"  - {{id: f{n}, points: 1, where: {{person.country: FR}}}}\n" for n in range(600))
    assert len(load(f"{HEAD}fit:\n{rules}").fit) == 600


VALUES = [
    found.span() for found in re.finditer(r"(?<=: )[^,{}\[\]\n:]+(?=[,}\n])|(?<=[\[ ])[\w/.]+(?=[,\]])", COMPLETE)
]
ODD = [
    "",
    "-1",
    "0",
    ".nan",
    "1e9",
    "[]",
    "{}",
    "[1, 2]",
    "[[]]",
    "[{}]",
    "[a, a]",
    "{a: 1}",
    "no",
    "'x'",
    "~",
    "limit",
]


@given(st.sampled_from(VALUES), st.sampled_from([*ODD, "999999999999999", "2026-02-30", "0.001", "A1"]))
def test_any_value_anywhere_is_read_or_refused(place: tuple[int, int], odd: str) -> None:
    try:
        assert load(COMPLETE[: place[0]] + odd + COMPLETE[place[1] :]).sha
    except NotAnAgreement as refusal:
        assert all(problem.line >= 1 and problem.remedy for problem in refusal.problems)
