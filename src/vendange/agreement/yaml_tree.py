"""Reads YAML into a tree of plain texts in which every value knows its line. Nothing is interpreted here.

Only what an agreement needs is accepted: tables, lists and plain values. The tree is built from the parser's events,
with a stack of our own, so that no text can make us expand aliases, build objects or exhaust the recursion limit.
"""

from dataclasses import dataclass, field
from typing import Final

import yaml

from vendange.agreement.problems import NotAnAgreement, Problem
from vendange.agreement.sentence import Sentence, sentence

MOST_BYTES: Final = 256 * 1024
DEEPEST: Final = 16
MERGE_KEY: Final = "<<"


@dataclass(frozen=True, slots=True)
class Text:
    """A value as it was written. A quoted one is never empty, a number or true/false."""

    line: int
    text: str
    quoted: bool


@dataclass(frozen=True, slots=True)
class Listing:
    line: int
    items: "list[Node]" = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Table:
    """Fields by name, in the order of writing; the line of each name stands beside its value."""

    line: int
    fields: "dict[str, tuple[int, Node]]" = field(default_factory=dict)


Node = Text | Listing | Table


def read_tree(source: str | bytes, problems: list[Problem]) -> Node:
    """The tree of one document. Adds what can be collected to `problems`; raises NotAnAgreement when unreadable."""
    text = _decoded(source)
    problems.extend(
        Problem(
            number,
            "",
            sentence("There is a tab character in this line."),
            sentence("Replace it by spaces: YAML indents with spaces."),
        )
        for number, line in enumerate(text.splitlines(), 1)
        if "\t" in line
    )
    if problems:
        raise NotAnAgreement(problems)
    builder = _Builder(problems)
    try:
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            builder.take(event)
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise _unreadable(
            line, sentence("This line holds a character that cannot be printed."), sentence("Remove it.")
        ) from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        what = sentence("From this line on the text is not readable YAML.")
        remedy = sentence("Check indentation and colons here and in the line before; put texts with , : ? # in quotes.")
        raise NotAnAgreement([*problems, Problem(mark.line + 1 if mark else 1, "", what, remedy)]) from error
    if builder.root is None:
        raise _unreadable(1, sentence("The agreement is empty."), sentence("Start from one of examples/agreements."))
    return builder.root


def _decoded(source: str | bytes) -> str:
    raw = source.encode("utf-8", "surrogatepass") if isinstance(source, str) else source
    if len(raw) > MOST_BYTES:
        what = sentence(
            "The text is {size} KB long, the most is {most} KB.", size=len(raw) // 1024, most=MOST_BYTES // 1024
        )
        raise _unreadable(
            1, what, sentence("An agreement prints on two pages: keep the rules, move the rest elsewhere.")
        )
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise _unreadable(
            line, sentence("This line is not UTF-8 text."), sentence("Save the file as UTF-8 and load it again.")
        ) from error


def _unreadable(line: int, what: Sentence, remedy: Sentence) -> NotAnAgreement:
    return NotAnAgreement([Problem(line, "", what, remedy)])


def _refuse_half_a_sign(text: str, line: int) -> None:
    """An escape can write half of a pair, which is no character and can be stored nowhere."""
    if half := next((sign for sign in text if "\ud800" <= sign <= "\udfff"), ""):
        raise _unreadable(
            line,
            sentence("\\u{code} is half of a character.", code=f"{ord(half):04X}"),
            sentence("Delete it, or type the character itself."),
        )


class _Builder:
    """Turns parser events into the tree."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        self.root: Node | None = None
        self.documents = 0
        self.open: list[Listing | Table] = []
        self.names: list[tuple[int, str] | None] = []  # for each open node, the field that waits for its value

    def take(self, event: yaml.Event) -> None:
        line = event.start_mark.line + 1 if event.start_mark else 1
        self._refuse_what_is_not_plain(event, line)
        if isinstance(event, yaml.ScalarEvent):
            _refuse_half_a_sign(event.value, line)
            self._take_text(Text(line, event.value, event.style is not None))
        elif isinstance(event, yaml.SequenceStartEvent):
            self._enter(Listing(line))
        elif isinstance(event, yaml.MappingStartEvent):
            self._enter(Table(line))
        elif isinstance(event, yaml.SequenceEndEvent | yaml.MappingEndEvent):
            self.names.pop()
            self.open.pop()
        elif isinstance(event, yaml.DocumentStartEvent):
            self._count_document(line)

    def _refuse_what_is_not_plain(self, event: yaml.Event, line: int) -> None:
        if isinstance(event, yaml.AliasEvent):
            what = sentence("*{anchor} points to another part of the text.", anchor=event.anchor)
            raise NotAnAgreement(
                [*self.problems, Problem(line, "", what, sentence("Write the value out where it is needed."))]
            )
        anchor, tag = getattr(event, "anchor", None), getattr(event, "tag", None)
        if anchor:
            self._refuse(
                line,
                sentence("&{anchor} names a part of the text for reuse.", anchor=anchor),
                sentence("Remove the name."),
            )
        if tag:
            self._refuse(
                line,
                sentence("{tag} asks for another type of value.", tag=tag),
                sentence("Remove it: plain values are enough."),
            )

    def _refuse(self, line: int, what: Sentence, remedy: Sentence) -> None:
        self.problems.append(Problem(line, "", what, remedy))

    def _count_document(self, line: int) -> None:
        self.documents += 1
        if self.documents > 1:
            raise _unreadable(
                line,
                sentence("A second document starts here."),
                sentence("Keep one agreement per file: remove the ---."),
            )

    def _enter(self, node: Listing | Table) -> None:
        if len(self.open) >= DEEPEST:
            raise _unreadable(
                node.line,
                sentence("Values are nested too deep here."),
                sentence("Use at most {most} levels.", most=DEEPEST),
            )
        if self.open and isinstance(self.open[-1], Table) and self.names[-1] is None:
            raise _unreadable(
                node.line,
                sentence("A list or a table stands where a name should."),
                sentence("Write a plain name here."),
            )
        self._place(node)
        self.open.append(node)
        self.names.append(None)

    def _take_text(self, node: Text) -> None:
        if self.open and isinstance(self.open[-1], Table) and self.names[-1] is None:
            self._take_name(node, self.open[-1])
        else:
            self._place(node)

    def _take_name(self, node: Text, table: Table) -> None:
        if node.text == MERGE_KEY and not node.quoted:
            self._refuse(node.line, sentence("<< merges another table in."), sentence("Write the fields out."))
        elif node.text in table.fields:
            first = table.fields[node.text][0]
            what = sentence("{text} is written twice, first in line {first}.", text=node.text, first=first)
            self._refuse(node.line, what, sentence("Keep one of the two."))
        self.names[-1] = (node.line, node.text)

    def _place(self, node: Node) -> None:
        if not self.open:
            self.root = node
            return
        parent = self.open[-1]
        if isinstance(parent, Listing):
            parent.items.append(node)
            return
        name = self.names[-1]
        if name is not None:
            parent.fields.setdefault(name[1], (name[0], node))
            self.names[-1] = None
