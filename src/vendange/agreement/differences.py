"""What changes from one agreement to another, value by value. Doors put it into words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Final, Literal

from vendange.agreement.conditions import Group, Leaf
from vendange.agreement.label import Label
from vendange.agreement.language import plain
from vendange.agreement.maturity import Change
from vendange.agreement.terms import Agreement, Span
from vendange.agreement.vocabulary import ORIGINS

Kind = Literal["changed", "added", "removed", "order"]
THRESHOLDS: Final = {"fit": "ABC", "engagement": "123", "grades": "123"}
WHOLE: Final = Span | Label | Leaf | Group | Change  # told as one value, never field by field


@dataclass(frozen=True, slots=True)
class Difference:
    """One value that is another one. `fields`: from the section down to the value, "" for none; `item`: of which rule.

    added, removed: the whole item is in `after` or `before`. order: the ids as they stood and stand.
    """

    section: str
    kind: Kind
    before: Any
    after: Any
    fields: tuple[str, ...] = ()
    item: str = ""
    label: Label | None = None

    @property
    def field(self) -> str:
        return self.fields[-1] if self.fields else ""


@dataclass(frozen=True, slots=True)
class _Place:
    section: str
    fields: tuple[str, ...] = ()
    item: str = ""
    label: Label | None = None

    def at(self, field: str) -> "_Place":
        return _Place(self.section, (*self.fields, field), self.item, self.label)

    def of(self, item: Any) -> "_Place":
        return _Place(self.section, self.fields, item.id, item.label)

    def found(self, kind: Kind, before: Any, after: Any) -> Difference:
        return Difference(self.section, kind, before, after, self.fields, self.item, self.label)


def differences(before: Agreement, after: Agreement) -> list[Difference]:
    """All that differs, in the order of the agreement; none for a text that was only written otherwise."""
    if before.sha == after.sha:
        return []
    names = [one.name for one in fields(Agreement) if one.name != "sha"]
    return [one for name in names for one in _in_section(name, getattr(before, name), getattr(after, name))]


def _in_section(section: str, before: Any, after: Any) -> Iterator[Difference]:
    place = _Place(section)
    if section != "weights":
        return _between(place, before, after)
    old, new = dict(before), dict(after)
    changed = [one for one in ORIGINS if old.get(one, 1.0) != new.get(one, 1.0)]
    return (place.at(one).found("changed", old.get(one, 1.0), new.get(one, 1.0)) for one in changed)


def _between(place: _Place, before: Any, after: Any) -> Iterator[Difference]:
    if plain(before) == plain(after):
        return
    if _has_ids(before) or _has_ids(after):
        yield from _items(place, before, after)
    elif is_dataclass(before) and type(before) is type(after) and not isinstance(before, WHOLE):
        for one in fields(before):
            yield from _between(place.at(one.name), getattr(before, one.name), getattr(after, one.name))
    elif _thresholds(before) and _thresholds(after):
        for name, old, new in zip(THRESHOLDS[place.fields[-1]], before, after, strict=True):
            yield from _between(place.at(name), old, new)
    else:
        yield place.found("changed", before, after)


def _has_ids(value: Any) -> bool:
    return isinstance(value, tuple) and bool(value) and all(hasattr(item, "id") for item in value)


def _thresholds(value: Any) -> bool:
    return isinstance(value, tuple) and len(value) == 3 and all(isinstance(item, float) for item in value)


def _items(place: _Place, before: Sequence[Any], after: Sequence[Any]) -> Iterator[Difference]:
    old, new = ({item.id: item for item in items} for items in (before, after))
    for one, item in old.items():
        if one not in new:
            yield place.of(item).found("removed", item, None)
    for one, item in new.items():
        if one in old:
            yield from _between(place.of(item), old[one], item)
        else:
            yield place.of(item).found("added", None, item)
    kept = [[one for one in items if one in old and one in new] for items in (old, new)]
    if kept[0] != kept[1]:
        yield place.found("order", tuple(kept[0]), tuple(kept[1]))
