"""An agreement made ready to run: conditions become closures, rules are looked up by kind of signal."""

import math
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Final, TypeVar

from vendange.agreement.conditions import DIMENSIONS, RANKS, Condition, Leaf, as_number, wanted_values
from vendange.agreement.maturity import Act, EngagementRule
from vendange.agreement.terms import Agreement
from vendange.engine.rows import DAY, Profile, SignalRow

Row = TypeVar("Row")
Known = str | float | None
Test = Callable[[Row], bool]
Getter = Callable[[str], Callable[[Row], object]]
ByKind = Mapping[str, tuple[tuple[int, Test[SignalRow]], ...]]

PLANS_KEPT: Final = 64


@dataclass(frozen=True, slots=True)
class Plan:
    """What the kernel needs of one agreement. Rules and acts are named by their place in the agreement."""

    agreement: Agreement
    set_aside: tuple[Test[Profile], ...]
    fit: tuple[Test[Profile], ...]
    rules: ByKind
    acts: ByKind
    points: tuple[float, ...]  # per rule
    caps: tuple[float, ...]  # per rule; inf when there is none
    rates: tuple[float, ...]  # per rule: exponent of the decay per microsecond
    cool_down: int  # microseconds


_plans: dict[str, Plan] = {}


def plan_of(agreement: Agreement) -> Plan:
    """The plan of an agreement, made once and kept for the next call."""
    plan = _plans.get(agreement.sha)
    if plan is None or (plan.agreement is not agreement and plan.agreement != agreement):
        if len(_plans) >= PLANS_KEPT:
            _plans.clear()
        plan = _plans[agreement.sha] = _made(agreement)
    return plan


def _made(agreement: Agreement) -> Plan:
    rules = agreement.engagement
    return Plan(
        agreement=agreement,
        set_aside=tuple(compiled(reason.where, _from_profile) for reason in agreement.set_aside),
        fit=tuple(compiled(rule.where, _from_profile) for rule in agreement.fit),
        rules=_by_kind(rules),
        acts=_by_kind(agreement.acts),
        points=tuple(rule.points for rule in rules),
        caps=tuple(math.inf if rule.cap is None else rule.cap for rule in rules),
        rates=tuple(math.log(2) / (rule.half_life_days * DAY) for rule in rules),
        cool_down=round(agreement.cool_down_days * DAY),
    )


def _by_kind(rules: Sequence[EngagementRule | Act]) -> ByKind:
    found: dict[str, list[tuple[int, Test[SignalRow]]]] = defaultdict(list)
    for place, rule in enumerate(rules):
        test = compiled(rule.where, _from_signal)
        for kind in rule.on:
            found[kind].append((place, test))
    return {kind: tuple(tests) for kind, tests in found.items()}


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
    known = _reader(DIMENSIONS[leaf.dimension])
    if leaf.operator == "exists":
        wanted = leaf.value is True
        return lambda row: (known(get(row)) is not None) is wanted
    question = _question(leaf)

    def test(row: Row) -> bool:
        value = known(get(row))
        return value is not None and question(value)

    return test


def _reader(kind: str) -> Callable[[object], Known]:
    if kind == "number":
        return as_number
    if kind in RANKS:
        places = {code: float(place) for place, code in enumerate(RANKS[kind])}
        return lambda raw: places.get(raw.casefold()) if isinstance(raw, str) else None
    return lambda raw: raw.casefold() if isinstance(raw, str) and raw else None


def _question(leaf: Leaf) -> Callable[[str | float], bool]:
    wanted = wanted_values(leaf)
    if leaf.operator in {"starts_with", "contains"}:
        text = str(wanted[0])
        if leaf.operator == "starts_with":
            return lambda value: str(value).startswith(text)
        return lambda value: text in str(value)
    if leaf.operator in {"between", "at_least", "at_most"}:
        low = -math.inf if leaf.operator == "at_most" else float(wanted[0])
        high = math.inf if leaf.operator == "at_least" else float(wanted[-1])
        return lambda value: low <= float(value) <= high
    choices = frozenset(wanted)
    if leaf.operator == "not":
        return lambda value: value not in choices
    return lambda value: value in choices
