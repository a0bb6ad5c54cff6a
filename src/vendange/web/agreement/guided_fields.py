"""What the guided form is made of: fields, entries of lists, switches and sections, each with its id in the page."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from vendange.words import Word


def anchor(path: str) -> str:
    """The id in the page of what stands at a path."""
    return "w-" + path.replace("[", "-").replace("]", "").replace(".", "-")


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    label: Word
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Input:
    """One field. `kind`: number, text, span, choice or cells; `unit` only of a span, `options` of a choice or cells."""

    path: str
    kind: str
    label: Word
    value: str
    wrong: Sequence[str] = ()
    unit: str = ""
    options: Sequence[Option] = ()
    usual: str = ""  # what it means when it is left out
    after: Word = ""

    @property
    def id(self) -> str:
        return anchor(self.path)

    @property
    def names(self) -> dict[str, str]:
        """Each name that the form sends, with the value that it shows."""
        if self.kind == "span":
            return {f"{self.path}|n": self.value, f"{self.path}|unit": self.unit}
        return {self.path: self.value}


@dataclass(frozen=True, slots=True)
class Row:
    """One entry of a list: a rule, an act, a criterion. `path` "" for what stands alone and cannot be removed."""

    title: str
    note: str
    inputs: Sequence[Input]
    path: str = ""
    id: str = ""
    line: int = 0
    wrong: Sequence[str] = ()

    @property
    def anchor(self) -> str:
        return anchor(self.path)


@dataclass(frozen=True, slots=True)
class Act:
    """A revealing act that is on (at `path`) or could be; `value` names it when it is switched on."""

    title: str
    path: str
    value: str
    lead_type: Input | None
    wrong: Sequence[str] = ()

    @property
    def anchor(self) -> str:
        """The same whether it is on or off: the focus stays on the switch."""
        return f"act-{self.value.removeprefix('held:').replace('_', '-')}"


@dataclass(frozen=True, slots=True)
class Section:
    id: str
    title: Word
    icon: str
    rows: Sequence[Row] = ()
    inputs: Sequence[Input] = ()
    acts: Sequence[Act] = ()
    add: str = ""  # the list that a new entry goes to
    add_label: Word = ""
    kinds: Sequence[Option] = ()  # what a new rule may be about
    asks: str = ""  # the name under which one of them is sent
    empty: Word = ""


@dataclass(frozen=True, slots=True)
class Guided:
    sections: Sequence[Section]
    ids: Mapping[str, str] = field(default_factory=dict)

    @property
    def shown(self) -> str:
        """Every field with the value that it shows, and every entry with its id: to tell later what was changed."""
        fields: dict[str, str] = {}
        for section in self.sections:
            inputs = [*section.inputs, *(one for row in section.rows for one in row.inputs)]
            inputs += [act.lead_type for act in section.acts if act.lead_type]
            for one in inputs:
                fields |= one.names
        return json.dumps({"fields": fields, "ids": dict(self.ids)}, ensure_ascii=False)
