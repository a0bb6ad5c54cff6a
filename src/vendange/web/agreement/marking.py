"""Two readings as one: the newer, with what it says otherwise marked in place, as on paper.

A word that is new stands in <ins>, one that is gone in <del>. Lines are paired by their first text. Nothing here
decides what counts as a change: that is `agreement/differences.py`; this only shows where.
"""

import re
from collections.abc import Sequence
from dataclasses import fields, is_dataclass, replace
from difflib import SequenceMatcher
from typing import Any, Final, TypeVar, cast

from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from vendange.agreement.label import Label
from vendange.agreement.terms import Agreement
from vendange.web.agreement.reading import Cell, Reading

PIECES: Final = re.compile(r"\s+|[^\s,;.()]+|[,;.()]")
ALIKE: Final = 0.5  # less than that in common, and the whole text is another one
Part = TypeVar("Part")


def marked(before: Reading, after: Reading) -> Reading:
    """The newer reading with its changes marked; both in the language of the page."""
    return both(before, after)


def both(before: Part, after: Part) -> Part:
    if before == after or isinstance(after, Agreement):
        return after
    found: object = after
    if isinstance(after, str):
        found = text(str(before), after)
    elif isinstance(after, Label):
        found = of_label(before, after)
    elif isinstance(after, Cell) and isinstance(before, Cell):
        found = replace(after, code=added(after.code) if after.calls else removed(after.code))
    elif isinstance(after, list):
        found = lines(list(before) if isinstance(before, list) else [], after)
    elif isinstance(after, tuple) and isinstance(before, tuple):
        found = tuple(both(old, new) for old, new in zip(before, after, strict=True))
    elif is_dataclass(after):
        parts = {one.name: both(getattr(before, one.name), getattr(after, one.name)) for one in fields(after)}
        whole: Any = after  # whatever reading, line or label it is
        found = replace(whole, **parts)
    return cast(Part, found)


def text(before: str, after: str) -> SafeString:
    """Word by word where they are alike, whole where they are not."""
    old, new = PIECES.findall(before), PIECES.findall(after)
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    if matcher.ratio() < ALIKE:
        return spaced(removed(before), added(after))
    parts = []
    for what, a, b, c, d in matcher.get_opcodes():
        gone, come = "".join(old[a:b]), "".join(new[c:d])
        parts.append(conditional_escape(come) if what == "equal" else spaced(removed(gone), added(come)))
    return mark_safe("".join(parts))  # noqa: S308 (each part is escaped)


def spaced(gone: SafeString, come: SafeString) -> SafeString:
    return format_html("{} {}", gone, come) if gone and come else SafeString(gone or come)


def added(told: str) -> SafeString:
    return format_html("<ins>{}</ins>", told) if told.strip() else conditional_escape(told)


def removed(told: str) -> SafeString:
    return format_html("<del>{}</del>", told) if told.strip() else SafeString("")


def of_label(before: Any, after: Label) -> Label:
    language = get_language() or ""
    told = text(before.in_language(language), after.in_language(language))
    return Label(told, told)


def lines(before: Sequence[Any], after: Sequence[Any]) -> list[Any]:
    """Lines of both, in the order of the newer; what is gone stands where it stood."""
    old, new = {key(one): one for one in before}, {key(one): one for one in after}
    found: list[Any] = [both(old[name], one) if name in old else all_of(one, is_new=True) for name, one in new.items()]
    names = list(new)
    for place, (name, one) in enumerate(old.items()):
        if name not in new:
            stood_after = next((known for known in reversed(list(old)[:place]) if known in names), None)
            at = names.index(stood_after) + 1 if stood_after else 0
            names.insert(at, name)
            found.insert(at, all_of(one, is_new=False))
    return found


def key(line: Any) -> str:
    """What a line is known by: its first text, in English where it has two languages."""
    first = line
    while not isinstance(first, str):
        if isinstance(first, Label):
            return first.en
        first = first[0] if isinstance(first, tuple) else getattr(first, naming(first))
    return first


def naming(line: Any) -> str:
    """Duties are known by what is owed, everything else by its first field."""
    names = [one.name for one in fields(line)]
    return "what" if "what" in names else names[0]


def all_of(part: Any, *, is_new: bool) -> Any:
    """Every text of a line that is new or gone."""
    mark = added if is_new else removed
    if isinstance(part, str):
        return mark(part)
    if isinstance(part, Label):
        return Label(mark(part.en), mark(part.fr))
    if isinstance(part, list | tuple):
        return type(part)(all_of(one, is_new=is_new) for one in part)
    if is_dataclass(part) and not isinstance(part, type):
        return replace(part, **{one.name: all_of(getattr(part, one.name), is_new=is_new) for one in fields(part)})
    return part
