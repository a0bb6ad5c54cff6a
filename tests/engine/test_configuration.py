"""What a configurator sends is read whatever it is, and what changed between two saves is exactly that."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vendange.engine.configuration import (
    CHANGED,
    MOST_OPTIONS,
    SAVED,
    Changed,
    Option,
    applied,
    as_props,
    changes,
    changes_json,
    read_changes,
    read_configuration,
    thread_of,
    told,
)

TEXTS = st.text(max_size=12)
ODD = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), TEXTS, st.sampled_from(["value", "price", "12", "1e400", "é"])
)
NESTED: Any = st.recursive(
    ODD,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(TEXTS | st.sampled_from(["name", "value", "price", "engine"]), inner, max_size=4)
    ),
    max_leaves=12,
)
NAMES = ("configuration_id", "product", "price", "currency", "options", "value")
ANYTHING = st.dictionaries(st.sampled_from(NAMES), NESTED)


@given(ANYTHING, ANYTHING)
def test_differences_made_to_the_old_one_give_the_new_one(old: dict[str, Any], new: dict[str, Any]) -> None:
    before, after = (
        read_configuration(old),
        read_configuration({**new, "configuration_id": old.get("configuration_id")}),
    )
    found = changes(before, after)
    assert applied(before, found) == after
    assert bool(found) == (before != after)
    assert read_changes(changes_json(found)) == found
    assert applied(after, changes(after, before)) == before


@given(ANYTHING)
def test_what_is_kept_reads_as_what_was_sent(given_: dict[str, Any]) -> None:
    one = read_configuration(given_)
    assert read_configuration(as_props(one)) == one
    assert told(one, one).changes == {} and told(one, one).kind == SAVED


@given(NESTED)
def test_no_kept_thing_breaks_the_reader_of_differences(kept: Any) -> None:
    found = read_changes(kept)
    assert found is None or applied(read_configuration({}), found) is not None


def test_a_dearer_engine() -> None:
    base = {"product": "Press 40", "currency": "eur", "options": {"engine": "diesel", "colour": "red"}, "price": 41_000}
    now = base | {"options": {"engine": "electric", "colour": "red"}, "price": "45200"}
    found = told(read_configuration(base), read_configuration(now))
    assert (found.kind, found.value) == (CHANGED, 4200.0)
    assert found.changes == {
        "price": [41_000.0, 45_200.0],
        "options": [{"name": "engine", "before": {"value": "diesel"}, "after": {"value": "electric"}}],
    }


def test_the_same_options_written_otherwise_are_no_change() -> None:
    mapped = {"options": {"engine": {"value": "diesel", "price": 900}, "seats": 2, "gps": True}}
    listed = {
        "options": [
            {"name": "seats", "value": "2"},
            {"name": "engine", "value": "diesel", "price": "900.00"},
            {"name": "gps", "value": "true"},
        ]
    }
    assert not changes(read_configuration(mapped), read_configuration(listed))


def test_options_are_added_and_taken_away() -> None:
    before = read_configuration({"options": ["roof", "gps"]})
    found = changes(before, read_configuration({"options": ["gps", "hook"]}))
    assert found.options == (Changed("hook", None, Option("true")), Changed("roof", Option("true"), None))


def test_options_within_options_lie_flat_and_too_deep_ones_are_left_out() -> None:
    given_ = {"options": {"engine": {"power": {"kw": 90}}, "a": {"b": {"c": {"d": {"e": 1}}}}}}
    assert dict(read_configuration(given_).options) == {"engine.power.kw": Option("90")}


def test_of_very_many_options_the_same_ones_are_kept_in_any_order() -> None:
    names = [f"o{number:04}" for number in range(400)]
    one = read_configuration({"options": dict.fromkeys(names, "x")})
    other = read_configuration({"options": dict.fromkeys(reversed(names), "x")})
    assert len(one.options) == MOST_OPTIONS and not changes(one, other)


@pytest.mark.parametrize(
    ("before", "after", "value"),
    [
        ({"price": 10}, {"price": 10, "options": ["roof"]}, 0.0),
        ({"price": 10}, {"price": 7.5}, -2.5),
        ({"price": 10}, {"options": ["roof"]}, None),
        ({"price": 10, "currency": "EUR"}, {"price": 12, "currency": "USD"}, None),
    ],
)
def test_the_value_of_a_change_is_how_much_dearer_it_is(
    before: dict[str, Any], after: dict[str, Any], value: float | None
) -> None:
    found = told(read_configuration(before), read_configuration(after))
    assert (found.kind, found.value) == (CHANGED, value)


def test_what_is_the_same_configuration() -> None:
    named, other = read_configuration({"configuration_id": "c1"}), read_configuration({"product": "Press"})
    assert thread_of(named, 1, 7) == thread_of(named, 1, 8) != thread_of(named, 2, 7)
    assert thread_of(other, 1, 7) != thread_of(other, 1, 8)
    assert thread_of(other, 1, 7) == thread_of(read_configuration({"product": "PRESS"}), 1, 7)
