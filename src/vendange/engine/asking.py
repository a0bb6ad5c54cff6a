"""Asks the questions of a plan row by row, in plain Python: the way for a few people; `compile` is the way for many."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from operator import attrgetter
from typing import TypeVar

from vendange.agreement.conditions import (
    DIMENSIONS,
    RANKS,
    Condition,
    Leaf,
    as_known,
    as_number,
    interval,
    wanted_values,
)
from vendange.engine.plan import PLANS_KEPT, WORD, Plan, words_for
from vendange.engine.rows import Profile, SignalRow

Row = TypeVar("Row")
Known = str | float | None
Test = Callable[[Row], bool]
Getter = Callable[[str], Callable[[Row], object]]
Ask = Callable[[Row], tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Asking:
    """The questions of one plan as functions that answer with the words of a mask, 62 bits each."""

    signal: Ask[SignalRow]
    fit: Ask[Profile]
    aside: Ask[Profile]


_askings: dict[int, tuple[Plan, Asking]] = {}


def asking_of(plan: Plan) -> Asking:
    """Made once for each plan that `plan_of` keeps."""
    kept = _askings.get(id(plan))
    if kept is not None and kept[0] is plan:
        return kept[1]
    if len(_askings) >= PLANS_KEPT:
        _askings.clear()
    made = Asking(_of_signals(plan), _of_profiles(plan.fit), _of_profiles(plan.aside))
    _askings[id(plan)] = (plan, made)
    return made


def _of_signals(plan: Plan) -> Ask[SignalRow]:
    """Only the questions about the signal's own kind are asked."""
    by_kind: dict[str, list[tuple[int, int, Test[SignalRow]]]] = defaultdict(list)
    for place, question in enumerate(plan.questions):
        test = compiled(question.where, _from_signal)
        for kind in question.on:
            by_kind[kind].append((place // WORD, 1 << (place % WORD), test))
    words = plan.words

    def ask(signal: SignalRow) -> tuple[int, ...]:
        answers = [0] * words
        for word, bit, test in by_kind.get(signal.kind, ()):
            if test(signal):
                answers[word] |= bit
        return tuple(answers)

    return ask


def _of_profiles(conditions: Sequence[Condition]) -> Ask[Profile]:
    tests = [
        (place // WORD, 1 << (place % WORD), compiled(condition, _from_profile))
        for place, condition in enumerate(conditions)
    ]
    words = words_for(conditions)

    def ask(profile: Profile) -> tuple[int, ...]:
        answers = [0] * words
        for word, bit, test in tests:
            if test(profile):
                answers[word] |= bit
        return tuple(answers)

    return ask


def _from_profile(dimension: str) -> Callable[[Profile], object]:
    return lambda profile: profile.get(dimension)


def _from_signal(dimension: str) -> Callable[[SignalRow], object]:
    return attrgetter(dimension)


def compiled(condition: Condition | None, getter: Getter[Row]) -> Test[Row]:
    """The condition as one function of a row; `getter` says how a row gives the value of a dimension."""
    if condition is None:
        return _always
    if isinstance(condition, Leaf):
        return _compiled_leaf(condition, getter(condition.dimension))
    parts = tuple(compiled(part, getter) for part in condition.parts)
    if condition.join == "all":
        return lambda row: all(part(row) for part in parts)
    if condition.join == "any":
        return lambda row: any(part(row) for part in parts)
    return lambda row: not any(part(row) for part in parts)


def _always(row: object) -> bool:  # noqa: ARG001 (stands where a test of a row stands)
    return True


def _compiled_leaf(leaf: Leaf, get: Callable[[Row], object]) -> Test[Row]:
    known = _reader(leaf.dimension)
    if leaf.operator == "exists":
        wanted = leaf.value is True
        return lambda row: (known(get(row)) is not None) is wanted
    question = _question(leaf)

    def test(row: Row) -> bool:
        value = known(get(row))
        return value is not None and question(value)

    return test


def _reader(dimension: str) -> Callable[[object], Known]:
    kind = DIMENSIONS[dimension]
    if kind == "number":
        return as_number
    if kind == "date":
        return partial(as_known, dimension)
    if kind in RANKS:
        places = {code: float(place) for place, code in enumerate(RANKS[kind])}
        return lambda raw: places.get(raw.casefold()) if isinstance(raw, str) else None
    return lambda raw: raw.casefold() if isinstance(raw, str) and raw else None


def _question(leaf: Leaf) -> Callable[[str | float], bool]:
    if leaf.operator in {"between", "at_least", "at_most", "before", "after"}:
        low, high = interval(leaf)
        return lambda value: low <= float(value) <= high
    wanted = wanted_values(leaf)
    if leaf.operator in {"starts_with", "contains"}:
        text = str(wanted[0])
        if leaf.operator == "starts_with":
            return lambda value: str(value).startswith(text)
        return lambda value: text in str(value)
    choices = frozenset(wanted)
    if leaf.operator == "not":
        return lambda value: value not in choices
    return lambda value: value in choices
