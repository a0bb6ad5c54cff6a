"""Edits of a written agreement that leave every other character as it was: comments, order, quotes, line ends.

An edit changes the text, never what was read from it; what the new text says is for `language.load` to judge. Where
an edit is not sure to hit the right place, `CannotWrite` says so and nothing changes.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final
from unicodedata import category

from vendange.agreement.positions import Part, Step, find, joined, name_of, parts, steps
from vendange.agreement.sentence import Cannot, sentence

Value = str | float | Mapping[str, "Value"] | Sequence["Value"]

PLAIN: Final = re.compile(r"[^\W\d_](?:[\w ./'’()+-]*[^\W_])?")
BARE: Final = re.compile(r"[\w./+-]+(?: [\w./+-]+)*")
EMPTY: Final = frozenset({"", "~", "null", "Null", "NULL"})
SPACES: Final = re.compile(r"[ \t\r\n\f\v]+")
UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
NUMBER: Final = re.compile(r"[+-]?\d+(\.\d+)?")
DASH: Final = re.compile(r"-\s+\Z")
# Where an id of one list is named elsewhere: list -> paths below the root, * for every item.
NAMED: Final[Mapping[str, Sequence[str]]] = {
    "lead_types": (
        "alert_lead_type",
        "acts[*].lead_type",
        "patterns[*].lead_type",
        "engagement.dimensions[*].lead_type",
        "interests.change.lead_type",
        "prices.levels[*].lead_types",
        "prices.levels[*].lead_types[*]",
    ),
    "engagement.groups": ("engagement.rules[*].group",),
}


class CannotWrite(Cannot):
    """The text is written in a way that this edit cannot follow; the sentence names the line."""


def set_value(text: str, path: str, value: Value) -> str:
    """The text with this value at this path: replaced where one stands, else added with the tables that it needs."""
    root, way = parts(text), steps(path)
    part = find(root, way)
    if part is not None:
        written = _scalar(value, part) if part.kind == "text" and isinstance(value, str | float | int) else None
        new = _replaced(text, part, written or flow(value))
    else:
        new = _added(text, root, way, value)
    return _checked(text, new, way, value)


def add_item(text: str, path: str, item: Value) -> str:
    """The text with one more item at the end of the list at this path; the list is made when there is none."""
    root, way = parts(text), steps(path)
    part = find(root, way)
    if part is None:
        return set_value(text, path, [item])
    if part.kind != "list":
        raise _cannot(part.line)
    return _checked(text, _appended(text, part, item), (*way, len(part.items) + 1), item)


def remove(text: str, path: str) -> str:
    """The text without the field or the item at this path; comments around it stay. Nothing there: as it was."""
    root, way = parts(text), steps(path)
    part, name = find(root, way), name_of(root, way)
    if part is None or name is None:
        return text
    above = find(root, way[:-1]) or root
    siblings = [(one, one) for one in above.items] or list(above.fields.values())
    place = next(number for number, (first, _value) in enumerate(siblings) if first is name)
    if len(siblings) == 1:
        empty = "[]" if above.kind == "list" else "{}"
        return _replaced(text, above, empty) if len(way) > 1 else _cut(text, name.start, part.end)
    cut = _cut_from_brackets if above.flow else _cut_from_lines
    new = cut(text, siblings, place)
    if _shape(parts(new), way[:-1]) != len(siblings) - 1:
        raise _cannot(part.line)
    return new


def rename(text: str, path: str, name: str) -> str:
    """The text with another id for the item at this path, also where the rest of the text names it."""
    part = find(parts(text), (*steps(path), "id")) or find(parts(text), steps(path))
    if part is None or part.kind != "text":
        return text
    old, section = part.text, joined(tuple(steps(path)[:-1]))
    text = set_value(text, joined((*steps(path), "id")) if _has_id(text, path) else path, name)
    for pattern in NAMED.get(section, ()):
        for found in _matching(parts(text), pattern):
            named = find(parts(text), steps(found))
            if named is not None and named.kind == "text" and named.text == old:
                text = set_value(text, found, name)
    return text


def flow(value: Value) -> str:
    """A value between brackets, as the examples write them: {en: Lead, fr: Piste}.

    >>> flow({"id": "quote", "label": {"en": "Asks: a quote"}, "at": [1, 2.5]})
    '{id: quote, label: {en: "Asks: a quote"}, at: [1, 2.5]}'
    """
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{plain(name)}: {flow(one)}" for name, one in value.items()) + "}"
    if isinstance(value, str):
        return plain(value)
    if isinstance(value, Sequence):
        return "[" + ", ".join(flow(one) for one in value) + "]"
    return number(value)


def plain(text: str) -> str:
    """A text as it stands in YAML: bare when that is safe everywhere, else in double quotes; always on one line."""
    said = one_line(text)
    if said not in EMPTY and (PLAIN.fullmatch(said) or BARE.fullmatch(said)) and not said.startswith(("-", ".", "+")):
        return said
    return _quoted(said)


def one_line(text: str) -> str:
    """Without line breaks, and spaces once: what a field of a form may hold. Spaces that may not break stay."""
    return SPACES.sub(" ", text).strip(" ")


def number(value: float) -> str:
    return f"{value:.9f}".rstrip("0").rstrip(".") if value % 1 else f"{value:.0f}"


def is_number(text: str) -> bool:
    return bool(NUMBER.fullmatch(text)) and text.isascii()


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(f"\\U{ord(sign):08x}" if category(sign) in UNSEEN else sign for sign in escaped) + '"'


def _scalar(value: str | float, part: Part) -> str:
    """In the quotes that stand there already, unless it is a number: a number is never quoted."""
    if not isinstance(value, str):
        return number(value)
    said = one_line(value)
    if is_number(said) and part.style is None:
        return said
    if part.style == "'" and not any(category(sign) in UNSEEN for sign in said):
        return "'" + said.replace("'", "''") + "'"
    return _quoted(said) if part.style == '"' else plain(said)


def _replaced(text: str, part: Part, written: str) -> str:
    before, after = text[: part.start], text[part.end :]
    if part.start == part.end and before and not before[-1].isspace():  # `name:` with nothing after it
        written = f" {written}"
    if part.kind != "text" and not part.flow:  # lines below a name become brackets beside it
        before = before.rstrip(" \n\r") + " "
        if "#" in text[len(before) - 1 : part.start]:
            raise _cannot(part.line)
    return before + written + after


def _added(text: str, root: Part, way: tuple[Step, ...], value: Value) -> str:
    """Beside the nearest table that is there; what is missing between is written around the value."""
    depth = max(size for size in range(len(way)) if find(root, way[:size]) is not None)
    above, name = find(root, way[:depth]) or root, way[depth]
    for step in reversed(way[depth + 1 :]):
        value = [value] if isinstance(step, int) else {step: value}
    if above.kind == "list" and name == len(above.items) + 1:
        return _appended(text, above, value)
    if above.kind != "table" or isinstance(name, int):
        raise _cannot(above.line)
    written = f"{plain(name)}: {flow(value)}"
    if not above.fields:
        return text[: above.start] + "{" + written + "}" + text[above.end :]
    last = list(above.fields.values())[-1][1]
    if after := _grade_after(above, name):
        break_ = ", " if above.flow else _line_end(text) + " " * after.column
        return f"{text[: after.start]}{written}{break_}{text[after.start :]}"
    if above.flow:
        return f"{text[: last.end]}, {written}{text[last.end :]}"
    first = next(iter(above.fields.values()))[0]
    return _line_after(text, last, first.column, written)


def _grade_after(above: Part, name: str) -> Part | None:
    """The name before which a grade takes its place again: 1, 2, 3 and A, B, C are read in their order."""
    if any(len(one) != 1 for one in (name, *above.fields)):
        return None
    return next((own for one, (own, _value) in above.fields.items() if one > name), None)


def _appended(text: str, above: Part, item: Value) -> str:
    if not above.items:
        return _replaced(text, above, flow([item]))
    last = above.items[-1]
    if above.flow:
        return f"{text[: last.end]}, {flow(item)}{text[last.end :]}"
    dash = _dash(text, last)
    column = dash - (text.rfind("\n", 0, dash) + 1)
    if isinstance(item, Mapping) and last.kind == "table" and not last.flow:
        lines = [f"{plain(name)}: {flow(one)}" for name, one in item.items()]
        break_ = _line_end(text) + " " * (column + 2)
        return _line_after(text, last, column, "- " + break_.join(lines))
    return _line_after(text, last, column, f"- {flow(item)}")


def _line_after(text: str, last: Part, column: int, written: str) -> str:
    """A line of its own below the line on which a value ends, whatever comment that line still holds."""
    end = text.find("\n", last.end)
    line = " " * column + written
    if end < 0:
        return f"{text}{_line_end(text)}{line}{_line_end(text)}"
    return f"{text[: end + 1]}{line}{_line_end(text)}{text[end + 1 :]}"


def _line_end(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


def _dash(text: str, item: Part) -> int:
    """Where the dash of an item stands; only when nothing but spaces is before it on its line."""
    found = DASH.search(text, 0, item.start)
    if found is None or text[text.rfind("\n", 0, found.start()) + 1 : found.start()].strip(" "):
        raise _cannot(item.line)
    return found.start()


def _cut(text: str, start: int, end: int) -> str:
    """Without these whole lines; a comment after the value goes with its line."""
    begin = text.rfind("\n", 0, start) + 1
    stop = text.find("\n", end)
    return text[:begin] + ("" if stop < 0 else text[stop + 1 :])


def _cut_from_lines(text: str, siblings: Sequence[tuple[Part, Part]], place: int) -> str:
    name, value = siblings[place]
    start = _dash(text, value) if name is value else name.start
    line = text[text.rfind("\n", 0, start) + 1 : start]
    if not line.strip(" "):
        return _cut(text, start, value.end)
    following = siblings[place + 1][0].start if place + 1 < len(siblings) else -1
    if following < 0 or "#" in text[value.end : following]:
        raise _cannot(name.line)
    return text[: name.start] + text[following:]  # the first field after a dash: the next one takes its place


def _cut_from_brackets(text: str, siblings: Sequence[tuple[Part, Part]], place: int) -> str:
    name, value = siblings[place]
    if place + 1 < len(siblings):
        between = text[value.end : siblings[place + 1][0].start]
        return text[: name.start] + (between.replace(",", "", 1).lstrip(" ")) + text[siblings[place + 1][0].start :]
    before = siblings[place - 1][1].end
    between = text[before : name.start]
    return text[:before] + between.replace(",", "", 1).rstrip(" ") + text[value.end :]


def _has_id(text: str, path: str) -> bool:
    return find(parts(text), (*steps(path), "id")) is not None


def _matching(root: Part, pattern: str) -> list[str]:
    """Every path that the pattern names; `*` stands for each item of a list."""
    head, star, rest = pattern.partition("[*]")
    part = find(root, steps(head))
    if part is None or not star:
        return [] if part is None else [pattern]
    return [found for place in range(1, len(part.items) + 1) for found in _matching(root, f"{head}[{place}]{rest}")]


def _shape(root: Part, way: tuple[Step, ...]) -> int:
    part = find(root, way)
    return -1 if part is None else len(part.items) or len(part.fields)


def _checked(text: str, new: str, way: tuple[Step, ...], value: Value) -> str:
    """The new text, once it is seen to say what was asked; anything else is refused rather than written."""
    found = find(parts(new), way)
    if found is None or plain_of(found) != _said(value):
        raise _cannot((find(parts(text), way) or parts(text)).line)
    return new


def plain_of(part: Part) -> Value:
    """What stands there as texts, lists and tables."""
    if part.kind == "text":
        return part.text
    if part.kind == "list":
        return [plain_of(one) for one in part.items]
    return {name: plain_of(value) for name, (_own, value) in part.fields.items()}


def _said(value: Value) -> object:
    if isinstance(value, Mapping):
        return {name: _said(one) for name, one in value.items()}
    if isinstance(value, str):
        return one_line(value)
    return [_said(one) for one in value] if isinstance(value, Sequence) else number(value)


def _cannot(line: int) -> CannotWrite:
    return CannotWrite(
        sentence("Line {line} is written in a form that cannot be changed from here. Change it in the text.", line=line)
    )
