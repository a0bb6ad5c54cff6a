"""Where each value of a YAML text stands, to the character: what an edit of the text needs to leave the rest alone.

A path is written as problems write it: `engagement.rules[3].points`, items counted from 1.
"""

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

import yaml

from vendange.agreement.problems import Problem
from vendange.agreement.yaml_tree import read_tree

STEP: Final = re.compile(r"\[(\d+)\]|([^.\[\]]+)")
Step = str | int


@dataclass(slots=True)
class Part:
    """One value. `text[start:end]` is what is written of it, without the comment or the line end that follows."""

    kind: str  # text | list | table
    start: int
    end: int
    line: int  # from 1
    column: int
    flow: bool = False  # written between brackets
    style: str | None = None  # of a text: its quote, | or >; None when plain
    text: str = ""
    items: "list[Part]" = field(default_factory=list)
    fields: "dict[str, tuple[Part, Part]]" = field(default_factory=dict)  # name -> its own part, its value


@lru_cache(maxsize=8)
def parts(text: str) -> Part:
    """The whole text as parts, read once and never to be changed.

    Raises NotAnAgreement when `yaml_tree` cannot read it, or refuses how it is written.
    """
    problems: list[Problem] = []
    read_tree(text, problems)
    builder = _Builder(text)
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        builder.take(event)
    return builder.root


def steps(path: str) -> tuple[Step, ...]:
    """
    >>> steps("fit[2].label.en")
    ('fit', 2, 'label', 'en')
    """
    return tuple(int(number) if number else name for number, name in STEP.findall(path))


def joined(path: tuple[Step, ...]) -> str:
    """
    >>> joined(("fit", 2, "label"))
    'fit[2].label'
    """
    written = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return written.removeprefix(".")


def find(root: Part, path: tuple[Step, ...]) -> Part | None:
    """The value at a path, None when nothing is written there."""
    part = root
    for step in path:
        if isinstance(step, int):
            if part.kind != "list" or not 1 <= step <= len(part.items):
                return None
            part = part.items[step - 1]
        elif part.kind == "table" and step in part.fields:
            part = part.fields[step][1]
        else:
            return None
    return part


def name_of(root: Part, path: tuple[Step, ...]) -> Part | None:
    """The name of the field at a path; the item itself in a list."""
    above, last = find(root, path[:-1]), path[-1]
    if above is None or find(root, path) is None:
        return None
    return above.items[last - 1] if isinstance(last, int) else above.fields[last][0]


class _Builder:
    """Turns parser events into parts; `yaml_tree` has refused anchors, depth and whatever else is not plain."""

    def __init__(self, text: str) -> None:
        self.source = text
        self.root = Part("text", 0, 0, 1, 0)
        self.open: list[Part] = []
        self.names: list[Part | None] = []

    def take(self, event: Any) -> None:
        begin, end = event.start_mark.index, event.end_mark.index
        if isinstance(event, yaml.ScalarEvent):
            if event.style in {"|", ">"}:
                end = begin + len(self.source[begin:end].rstrip())
            self.place(self.part("text", event, end, style=event.style, text=event.value))
        elif isinstance(event, yaml.SequenceStartEvent | yaml.MappingStartEvent):
            kind = "list" if isinstance(event, yaml.SequenceStartEvent) else "table"
            part = self.part(kind, event, end, flow=bool(event.flow_style))
            self.place(part)
            self.open.append(part)
            self.names.append(None)
        elif isinstance(event, yaml.SequenceEndEvent | yaml.MappingEndEvent):
            self.names.pop()
            self.close(self.open.pop(), end)

    def part(
        self, kind: str, event: Any, end: int, *, flow: bool = False, style: str | None = None, text: str = ""
    ) -> Part:
        mark = event.start_mark
        return Part(kind, mark.index, end, mark.line + 1, mark.column, flow, style, text)

    def close(self, part: Part, end: int) -> None:
        """A list or table without brackets ends with its last value: the parser would count comments in."""
        values = part.items or [value for _name, value in part.fields.values()]
        part.end = end if part.flow or not values else max(value.end for value in values)

    def place(self, part: Part) -> None:
        if not self.open:
            self.root = part
            return
        above = self.open[-1]
        name = self.names[-1]
        if above.kind == "list":
            above.items.append(part)
        elif name is None:
            self.names[-1] = part
        else:
            above.fields.setdefault(name.text, (name, part))
            self.names[-1] = None
