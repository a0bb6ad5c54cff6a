"""Conditions answer as the cases say, asked one by one and compiled alike."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from vendange.agreement.conditions import Group, Leaf, dimensions_of, holds
from vendange.agreement.places import Place
from vendange.agreement.where import read_person_condition, read_signal_condition
from vendange.agreement.yaml_tree import read_tree
from vendange.engine.compiled import compiled

CASES = yaml.safe_load((Path(__file__).parent / "cases" / "conditions.yaml").read_text("utf-8"))


def from_row(dimension: str) -> Callable[[Mapping[str, object]], object]:
    return lambda row: row.get(dimension)


@pytest.mark.parametrize("case", CASES, ids=[case["says"] for case in CASES])
def test_the_cases_that_people_wrote(case: dict[str, Any]) -> None:
    place = Place(read_tree(yaml.safe_dump(case["where"]), []), "where", [])
    condition = read_person_condition(place) if case["of"] == "person" else read_signal_condition(place)
    assert place.problems == []
    quick = compiled(condition, from_row)
    for row in case["yes"]:
        assert holds(condition, row), row
        assert quick(row), row
    for row in case["no"]:
        assert not holds(condition, row), row
        assert not quick(row), row


def test_no_condition_is_always_true() -> None:
    assert holds(None, {})


def test_a_condition_says_what_it_reads() -> None:
    condition = Group("none", (Leaf("person.country", "is", "FR"), Leaf("organisation.tier", "exists", True)))
    assert dimensions_of(condition) == {"person.country", "organisation.tier"}
    assert dimensions_of(None) == frozenset()
