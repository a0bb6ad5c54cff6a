"""The closed grammar of conditions: what a rule may ask of a person or of a signal, and nothing else.

A leaf asks one dimension one question. What is not known answers no question: every leaf but `exists: false` is
then false. Texts are compared without regard to case. Levels and tiers are ranks: a better one is "at least" a
lesser one.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal

from vendange.agreement.vocabulary import LEVELS, PERSON_DIMENSIONS, SIGNAL_DIMENSIONS, TIERS

Operator = Literal[
    "is", "in", "not", "between", "at_least", "at_most", "starts_with", "contains", "before", "after", "exists"
]
Scalar = str | float | bool
Value = Scalar | tuple[str, ...] | tuple[float, ...]

DIMENSIONS: Final[Mapping[str, str]] = {**PERSON_DIMENSIONS, **SIGNAL_DIMENSIONS}

# Codes from lowest to highest, so that `at_least` always means this one or better.
RANKS: Final[Mapping[str, tuple[str, ...]]] = {"level": LEVELS, "tier": tuple(reversed(TIERS))}

SAMENESS: Final[tuple[Operator, ...]] = ("is", "in", "not", "exists")
ORDER: Final[tuple[Operator, ...]] = ("between", "at_least", "at_most")
DATES: Final[tuple[Operator, ...]] = ("before", "after", "between", "exists")
DAY: Final = 86_400_000_000  # microseconds

# Which questions each type of dimension answers.
OPERATORS: Final[Mapping[str, tuple[Operator, ...]]] = {
    "text": (*SAMENESS, "starts_with", "contains"),
    "number": (*SAMENESS, *ORDER),
    "level": (*SAMENESS, *ORDER),
    "tier": (*SAMENESS, *ORDER),
    "role": SAMENESS,
    "origin": SAMENESS,
    "date": DATES,
}


@dataclass(frozen=True, slots=True)
class Leaf:
    """One question to one dimension. `in` holds a tuple, `between` two bounds (both included), `not` one or several."""

    dimension: str
    operator: Operator
    value: Value


@dataclass(frozen=True, slots=True)
class Group:
    """all: every part holds · any: at least one does · none: not one does."""

    join: Literal["all", "any", "none"]
    parts: tuple["Leaf | Group", ...]


Condition = Leaf | Group

NEVER: Final = Group("any", ())  # true of nothing


def holds(condition: Condition | None, row: Mapping[str, object]) -> bool:
    """Whether the condition is true of this row; no condition is always true.

    >>> holds(Leaf("person.level", "at_least", "director"), {"person.level": "executive"})
    True
    >>> holds(Leaf("person.country", "not", "FR"), {})
    False
    """
    if condition is None:
        return True
    if isinstance(condition, Leaf):
        return leaf_holds(condition, row.get(condition.dimension))
    answers = [holds(part, row) for part in condition.parts]
    if condition.join == "all":
        return all(answers)
    return any(answers) if condition.join == "any" else not any(answers)


def surely(condition: Condition) -> Condition:
    """The condition that holds where this one does whatever the unknown turns out to be.

    >>> surely(Group("none", (Leaf("person.country", "is", "FR"),))) == Group(
    ...     "all", (surely_not(Leaf("person.country", "is", "FR")),)
    ... )
    True
    """
    if isinstance(condition, Leaf):
        return NEVER if condition.operator == "exists" and not condition.value else condition
    if condition.join == "none":
        return Group("all", tuple(map(surely_not, condition.parts)))
    return Group(condition.join, tuple(map(surely, condition.parts)))


def surely_not(condition: Condition) -> Condition:
    """The condition that holds where this one cannot, as enough is known to say so (R32).

    >>> elsewhere = surely_not(Leaf("person.country", "is", "FR"))
    >>> holds(elsewhere, {"person.country": "BE"}), holds(elsewhere, {"person.country": "FR"}), holds(elsewhere, {})
    (True, False, False)
    """
    if isinstance(condition, Leaf):
        known = Leaf(condition.dimension, "exists", value=True)
        if condition.operator == "exists":
            return NEVER if condition.value else known
        return Group("all", (known, Group("none", (condition,))))
    if condition.join == "none":
        return Group("any", tuple(map(surely, condition.parts)))
    return Group("any" if condition.join == "all" else "all", tuple(map(surely_not, condition.parts)))


def leaf_holds(leaf: Leaf, raw: object) -> bool:
    """The answer of one value to one question."""
    known = as_known(leaf.dimension, raw)
    if leaf.operator == "exists":
        return (known is not None) == leaf.value
    if known is None:
        return False
    wanted = wanted_values(leaf)
    if leaf.operator == "starts_with":
        return str(known).startswith(str(wanted[0]))
    if leaf.operator == "contains":
        return str(wanted[0]) in str(known)
    if leaf.operator in {*ORDER, *DATES}:
        low, high = interval(leaf)
        return low <= float(known) <= high
    return (known in wanted) != (leaf.operator == "not")


def interval(leaf: Leaf) -> tuple[float, float]:
    """What an order or date question accepts, both ends included, in the form of `as_known`.

    A date stands for its whole day in UTC: nothing of that day is before it, nothing of it is after.
    """
    wanted = [float(bound) for bound in wanted_values(leaf)]
    last = DAY - 1 if DIMENSIONS[leaf.dimension] == "date" else 0
    if leaf.operator == "between":
        return wanted[0], wanted[1] + last
    if leaf.operator == "at_least":
        return wanted[0], math.inf
    if leaf.operator == "after":
        return wanted[0] + DAY, math.inf
    return -math.inf, wanted[0] - 1 if leaf.operator == "before" else wanted[0]


def wanted_values(leaf: Leaf) -> tuple[str | float, ...]:
    """What the leaf compares with, in the form of `as_known`. Codes that are not in the vocabulary drop out."""
    values = leaf.value if isinstance(leaf.value, tuple) else (leaf.value,)
    known = (as_known(leaf.dimension, value) for value in values)
    return tuple(value for value in known if value is not None)


def as_known(dimension: str, raw: object) -> str | float | None:
    """A raw value in the form in which it is compared: folded text, number, or place in a rank. None: not known.

    >>> as_known("person.country", "Fr"), as_known("person.level", "manager"), as_known("value", float("nan"))
    ('fr', 2.0, None)
    """
    kind = DIMENSIONS[dimension]
    if kind == "date" and isinstance(raw, str):
        return day_start(raw)
    if kind in {"number", "date"}:
        return as_number(raw)
    if not isinstance(raw, str) or raw == "":
        return None
    folded = raw.casefold()
    if kind not in RANKS:
        return folded
    rank = RANKS[kind]
    return float(rank.index(folded)) if folded in rank else None


def day_start(text: str) -> float:
    """The microsecond, since 1970, at which a day written 2026-01-31 begins in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1e6


def as_number(raw: object) -> float | None:
    """The finite number, or None; true and false are no numbers."""
    if isinstance(raw, bool) or not isinstance(raw, int | float) or not math.isfinite(raw):
        return None
    return float(raw)


def dimensions_of(condition: Condition | None) -> frozenset[str]:
    """Every dimension that the condition reads."""
    if condition is None:
        return frozenset()
    if isinstance(condition, Leaf):
        return frozenset({condition.dimension})
    return frozenset().union(*(dimensions_of(part) for part in condition.parts))
