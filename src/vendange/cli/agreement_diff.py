"""What changes from one agreement to another, in words, section by section."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from vendange.agreement.conditions import Group, Leaf
from vendange.agreement.label import Label
from vendange.agreement.maturity import Change, Heat, Interests, Term
from vendange.agreement.terms import Agreement, Hours, Prices, Span
from vendange.agreement.vocabulary import ORIGINS


def differences(before: Agreement, after: Agreement) -> list[tuple[str, list[str]]]:
    """(section, changes) for each section that differs, in the order of the agreement."""
    if before.sha == after.sha:
        return []
    found = []
    for one in fields(Agreement):
        changes = list(_changes_of(one.name, getattr(before, one.name), getattr(after, one.name)))
        if changes and one.name != "sha":
            found.append((one.name, changes))
    return found


def _changes_of(section: str, before: Any, after: Any) -> Iterator[str]:
    if section != "weights":
        return _changes("", before, after)
    old, new = dict(before), dict(after)
    origins = [origin for origin in ORIGINS if old.get(origin, 1.0) != new.get(origin, 1.0)]
    return (f"{origin}: {old.get(origin, 1.0):g} → {new.get(origin, 1.0):g}" for origin in origins)


def _changes(name: str, before: Any, after: Any) -> Iterator[str]:
    if before == after:
        return
    if _has_ids(before) or _has_ids(after):
        yield from _items(name, before, after)
    elif is_dataclass(before) and type(before) is type(after) and not isinstance(before, Span | Label | Leaf | Group):
        for one in fields(before):
            below = f"{name}, {one.name}" if name else one.name
            yield from _changes(below.replace("_", " "), getattr(before, one.name), getattr(after, one.name))
    elif name.endswith("amount cents"):
        yield f"{name.removesuffix(' cents')}: {before / 100:.2f} → {after / 100:.2f}"
    else:
        yield f"{name + ': ' if name else ''}{said(before)} → {said(after)}"


def _has_ids(value: Any) -> bool:
    return isinstance(value, tuple) and bool(value) and all(hasattr(item, "id") for item in value)


def _items(name: str, before: tuple[Any, ...], after: tuple[Any, ...]) -> Iterator[str]:
    old, new = ({item.id: item for item in items} for items in (before, after))
    place = f"{name}, " if name else ""
    yield from (f"{place}{item.label.en} ({one}) is removed" for one, item in old.items() if one not in new)
    for one, item in new.items():
        if one in old:
            yield from _changes(f"{place}{item.label.en} ({one})", old[one], item)
        else:
            yield f"{place}{item.label.en} ({one}) is new{_points(item)}"
    if set(old) == set(new) and list(old) != list(new):
        yield f"{place}the order is now {', '.join(new)}"


def _points(item: Any) -> str:
    points = getattr(item, "points", None)
    return "" if points is None else f": {points:g} points"


def said(value: Any) -> str:
    """A value of an agreement in plain words.

    >>> said(Span(2, "working_days")), said(None), said(Leaf("person.country", "is", "FR"))
    ('2 working days', 'none', 'person.country is FR')
    """
    match value:
        case None | () | "":
            return "none"
        case Span():
            return f"{value.amount} {value.unit.replace('_', ' ')}"
        case Label():
            return f"{value.en} / {value.fr}"
        case Hours():
            return f"weekday {value.weekday + 1}: {', '.join(f'{_clock(a)}-{_clock(b)}' for a, b in value.periods)}"
        case Leaf():
            return f"{value.dimension} {value.operator.replace('_', ' ')} {said(value.value)}"
        case Group():
            return f"{value.join} of ({'; '.join(said(part) for part in value.parts)})"
        case Term():
            asked = f", {said(value.where)}" if value.where else ""
            return f"at least {value.at_least} of {' or '.join(value.on)}{asked}"
        case Change():
            pace = f"{value.times:g} times the pace of the {value.against_days:g} days before"
            calls = f"calls a human: {value.lead_type}" if value.lead_type else "shown only"
            return f"at least {value.at_least} in {value.within_days:g} days, {pace}, {calls}"
        case Heat():
            people = f"warm with {value.warm}, hot with {value.hot} people of {value.engagement:g} points"
            return f"{people}, roles: {said(value.roles)}"
        case Interests():
            topics = ", ".join(f"{one.label.en} ({one.id})" for one in value.topics)
            return f"{topics}, halved in {value.half_life_days:g} days, burst: {said(value.change)}"
        case Prices():
            levels = ", ".join(f"{one.label.en} ({one.id}) {one.amount_cents / 100:.2f}" for one in value.levels)
            return f"{levels} {value.currency}"
        case float():
            return f"{value:g}"
        case frozenset():
            return ", ".join(sorted(value))
        case tuple() if all(isinstance(item, Term) for item in value):
            return "; ".join(said(item) for item in value)
        case tuple():
            return ", ".join(said(item) for item in value)
        case _:
            return str(value)


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
