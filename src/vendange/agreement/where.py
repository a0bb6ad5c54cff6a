"""Reads a written `where:` into a condition."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Final

from vendange.agreement.conditions import OPERATORS, RANKS, Condition, Group, Leaf, Operator, Value
from vendange.agreement.places import Place
from vendange.agreement.problems import choose_from
from vendange.agreement.sentence import Code, sentence
from vendange.agreement.vocabulary import LEVELS, ORIGINS, PERSON_DIMENSIONS, ROLES, SIGNAL_DIMENSIONS, TIERS
from vendange.agreement.yaml_tree import Listing, Table, Text

CODES: Final[Mapping[str, tuple[str, ...]]] = {"level": LEVELS, "tier": TIERS, "role": ROLES, "origin": ORIGINS}
COUNTRIES: Final = ("person.country", "organisation.country")
COUNTRY: Final = re.compile(r"[A-Za-z]{2}", re.ASCII)
JOINS: Final = ("all", "any", "none")
DAY_FORM: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
SOME_DAY: Final = "1970-01-01"  # stands in for a day that could not be read
NOWHERE: Final = Group("all", ())  # stands in for a condition that could not be read


def read_person_condition(place: Place) -> Condition:
    return _read_table(place, PERSON_DIMENSIONS)


def read_signal_condition(place: Place) -> Condition:
    return _read_table(place, SIGNAL_DIMENSIONS)


def _read_table(place: Place, dimensions: Mapping[str, str]) -> Condition:
    fields = place.fields((*dimensions, *JOINS))
    if place.is_bare():
        place.refuse(
            sentence("This condition asks nothing."), sentence("Write at least one field, such as person.country: FR.")
        )
    parts = [
        _read_group(name, below, dimensions) if name in JOINS else _read_dimension(name, below, dimensions[name])
        for name, below in fields.items()
    ]
    return _joined(parts)


def _joined(parts: list[Condition]) -> Condition:
    if not parts:
        return NOWHERE
    return parts[0] if len(parts) == 1 else Group("all", tuple(parts))


def _read_group(join: str, place: Place, dimensions: Mapping[str, str]) -> Condition:
    parts = tuple(_read_table(item, dimensions) for item in place.items())
    if place.is_list() and not parts:
        place.refuse(
            sentence("{join} has nothing to choose from.", join=join), sentence("List at least one condition.")
        )
    if join == "all":
        return Group("all", parts)
    return Group("any", parts) if join == "any" else Group("none", parts)


def _read_dimension(dimension: str, place: Place, kind: str) -> Condition:
    if kind == "date" and not place.is_table():
        place.refuse(
            sentence("A date is not asked for as such."), sentence("Write {{after: 2026-01-31}}, or before, between.")
        )
        return NOWHERE
    if dimension in COUNTRIES:
        _check_countries(place)
    if place.is_list():
        return Leaf(dimension, "in", _values(place, kind))
    if not place.is_table():
        return Leaf(dimension, "is", _value(place, kind))
    fields = place.fields(OPERATORS[kind])
    if place.is_bare():
        place.refuse(
            sentence("This condition asks nothing."),
            sentence("Write one of: {names}.", names=", ".join(OPERATORS[kind])),
        )
    return _joined([_read_leaf(dimension, operator, fields[operator], kind) for operator in _known(fields, kind)])


def _check_countries(place: Place) -> None:
    """Countries are kept as their two letters: any other text would never be met."""
    if isinstance(place.node, Table):
        asked = [node for name, (_, node) in place.node.fields.items() if name in {"is", "in", "not"}]
    else:
        asked = [place.node]
    for node in asked:
        for one in node.items if isinstance(node, Listing) else [node]:
            if isinstance(one, Text) and one.text.strip() and not COUNTRY.fullmatch(one.text.strip()):
                Place(one, place.where, place.problems).refuse(
                    sentence("{text} is not a country code.", text=one.text.strip()[:40]),
                    sentence("Write two letters, such as FR."),
                    only_new=True,
                )


def _known(fields: Mapping[str, Place], kind: str) -> list[Operator]:
    return [operator for operator in OPERATORS[kind] if operator in fields]


def _read_leaf(dimension: str, operator: Operator, place: Place, kind: str) -> Leaf:
    if operator == "exists":
        return Leaf(dimension, operator, place.truth())
    if operator == "in" or (operator == "not" and place.is_list()):
        return Leaf(dimension, operator, _values(place, kind))
    if operator == "between":
        return Leaf(dimension, operator, _bounds(place, kind))
    return Leaf(dimension, operator, _value(place, kind))


def _values(place: Place, kind: str) -> Value:
    items = list(place.items())
    if place.is_list() and not items:
        place.refuse(sentence("This list is empty."), sentence("List at least one value."))
    if kind == "number":
        return tuple(item.number() for item in items)
    return tuple(_text(item, kind) for item in items)


def _bounds(place: Place, kind: str) -> Value:
    values = _values(place, kind)
    if not isinstance(values, tuple) or len(values) != 2:
        place.refuse(
            sentence("between needs two values."), sentence("Write the lower one and the upper one: [50, 5000].")
        )
        return values
    lower, upper = (_rank(value, kind) for value in values)
    if lower > upper:
        place.refuse(
            sentence("The first value is above the second."),
            sentence("Write [{lower}, {upper}].", lower=_shown(values[1]), upper=_shown(values[0])),
        )
    return values


def _shown(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:g}"


def _rank(value: str | float, kind: str) -> float:
    if not isinstance(value, str):
        return value
    if kind == "date":
        return date.fromisoformat(value).toordinal()
    return RANKS[kind].index(value) if value in RANKS[kind] else 0


def _value(place: Place, kind: str) -> str | float:
    return place.number() if kind == "number" else _text(place, kind)


def _text(place: Place, kind: str) -> str:
    text = place.text()
    if kind == "date":
        return _day(place, text)
    codes = CODES.get(kind)
    if codes and text and text not in codes:
        place.refuse(sentence("{text} is no {kind}.", text=text, kind=Code("rank", kind)), choose_from(text, codes))
    return text


def _day(place: Place, text: str) -> str:
    """A day of the calendar, in quotes or not; any other day after a problem."""
    try:
        if DAY_FORM.fullmatch(text):
            return date.fromisoformat(text).isoformat()
    except ValueError:
        pass
    if text:
        place.refuse(
            sentence("{text} is not a day of the calendar.", text=text), sentence("Write year-month-day: 2026-01-31.")
        )
    return SOME_DAY
