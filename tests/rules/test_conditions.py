"""Conditions answer as the cases say, asked one by one."""

from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from typing import Any, Literal

import pytest
import yaml

from vendange.agreement.conditions import (
    NEVER,
    Condition,
    Group,
    Leaf,
    dimensions_of,
    holds,
    surely,
    surely_not,
)
from vendange.agreement.places import Place
from vendange.agreement.where import read_person_condition, read_signal_condition
from vendange.agreement.yaml_tree import read_tree

CASES = yaml.safe_load((Path(__file__).parent / "cases" / "conditions.yaml").read_text("utf-8"))


def ids(cases: list[dict[str, Any]]) -> list[str]:
    return [case["says"] for case in cases]


def condition_of(case: dict[str, Any]) -> Condition:
    place = Place(read_tree(yaml.safe_dump(case["where"]), []), "where", [])
    condition = read_person_condition(place) if case["of"] == "person" else read_signal_condition(place)
    assert place.problems == []
    return condition


def row_of(written: Mapping[str, object]) -> dict[str, object]:
    """Times in microseconds since 1970, as the engine has them."""
    return {
        name: round(value.replace(tzinfo=UTC).timestamp() * 1_000_000) if isinstance(value, datetime) else value
        for name, value in written.items()
    }


@pytest.mark.parametrize("case", CASES, ids=ids(CASES))
def test_the_cases_that_people_wrote(case: dict[str, Any]) -> None:
    condition = condition_of(case)
    for row in map(row_of, case["yes"]):
        assert holds(condition, row), row
        assert not holds(surely_not(condition), row), row
    for row in map(row_of, case["no"]):
        assert not holds(condition, row), row
        assert not holds(surely(condition), row), row


FRENCH = Leaf("person.country", "is", "FR")
DECIDES = Leaf("person.level", "at_least", "director")
LARGE = Leaf("organisation.employees", "between", (50.0, 5000.0))
SINCE = Leaf("person.known_since", "after", "2026-01-31")


@pytest.mark.parametrize(
    ("condition", "impossible", "possible"),
    [
        (FRENCH, [{"person.country": "BE"}], [{}, {"person.country": "FR"}]),
        (Leaf("person.country", "not", "FR"), [{"person.country": "fr"}], [{}, {"person.country": "BE"}]),
        (DECIDES, [{"person.level": "staff"}], [{}, {"person.level": "boss"}, {"person.level": "executive"}]),
        (LARGE, [{"organisation.employees": 9}], [{}, {"organisation.employees": float("nan")}]),
        (SINCE, [{"person.known_since": 0}], [{}]),
        (Leaf("person.country", "exists", value=True), [], [{}, {"person.country": "FR"}]),
        (Leaf("person.country", "exists", value=False), [{"person.country": "FR"}], [{}]),
        (
            Group("all", (FRENCH, DECIDES)),
            [{"person.country": "BE"}, {"person.level": "staff"}],
            [{}, {"person.country": "FR"}],
        ),
        (
            Group("any", (FRENCH, DECIDES)),
            [{"person.country": "BE", "person.level": "staff"}],
            [{}, {"person.country": "BE"}, {"person.level": "staff"}],
        ),
        (Group("none", (FRENCH,)), [{"person.country": "FR"}], [{}, {"person.country": "BE"}]),
        (Group("none", (Group("none", (FRENCH,)),)), [{"person.country": "BE"}], [{}, {"person.country": "FR"}]),
    ],
)
def test_what_cannot_be_is_said_only_of_what_is_known(
    condition: Condition, impossible: list[dict[str, object]], possible: list[dict[str, object]]
) -> None:
    assert all(holds(surely_not(condition), row) for row in impossible)
    assert not any(holds(surely_not(condition), row) for row in possible)


LEAVES = (
    FRENCH,
    Leaf("person.country", "not", ("FR", "BE")),
    DECIDES,
    Leaf("person.level", "between", ("staff", "manager")),
    Leaf("person.country", "exists", value=True),
    Leaf("person.level", "exists", value=False),
)
JOINS: tuple[Literal["all", "any", "none"], ...] = ("all", "any", "none")
PAIRS = [
    Group(join, (Group(inner, pair), LEAVES[0]))
    for join in JOINS
    for inner in JOINS
    for pair in product(LEAVES, LEAVES)
]
COUNTRIES, LEVELS = ("FR", "BE", "CH"), ("student", "staff", "manager", "director", "executive")


@pytest.mark.parametrize("country", [None, *COUNTRIES])
@pytest.mark.parametrize("level", [None, *LEVELS])
def test_what_surely_holds_or_not_does_so_whatever_the_unknown_turns_out_to_be(
    country: str | None, level: str | None
) -> None:
    row = {"person.country": country, "person.level": level}
    known_later = [
        {"person.country": one, "person.level": other}
        for one in ([country] if country else COUNTRIES)
        for other in ([level] if level else LEVELS)
    ]
    for condition in PAIRS:
        if holds(surely(condition), row):
            assert all(holds(condition, later) for later in known_later), condition
        if holds(surely_not(condition), row):
            assert not any(holds(condition, later) for later in known_later), condition


def test_with_all_known_either_it_is_or_it_cannot_be() -> None:
    plain = [leaf for leaf in LEAVES if leaf.operator != "exists"]
    for country, level, join, one, other in product(COUNTRIES, LEVELS, JOINS, plain, plain):
        row = {"person.country": country, "person.level": level}
        condition = Group(join, (one, Group("none", (other,))))
        assert holds(surely_not(condition), row) != holds(condition, row) == holds(surely(condition), row)


def test_never_is_true_of_nothing() -> None:
    assert not holds(NEVER, {})
    assert surely(Leaf("person.country", "exists", value=False)) == NEVER


def test_no_condition_is_always_true() -> None:
    assert holds(None, {})


def test_a_condition_says_what_it_reads() -> None:
    condition = Group("none", (Leaf("person.country", "is", "FR"), Leaf("organisation.tier", "exists", True)))
    assert dimensions_of(condition) == {"person.country", "organisation.tier"}
    assert dimensions_of(None) == frozenset()
