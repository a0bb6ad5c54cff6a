"""Every message that the code asks a translation for, found without the gettext tools."""

import ast
import re
from collections.abc import Iterator
from typing import NamedTuple

from django.utils.translation import templatize

from tests.house.tree import SRC, TEMPLATES, calls, name_of, ours, python, tree_of

# For each function: which arguments are the context, the text, the plural.
ASKERS: dict[str, tuple[int | None, int, int | None]] = {
    name + lazy: places
    for name, places in {
        "gettext": (None, 0, None),
        "gettext_noop": (None, 0, None),
        "ngettext": (None, 0, 1),
        "pgettext": (0, 1, None),
        "npgettext": (0, 1, 2),
    }.items()
    for lazy in ("", "_lazy")
} | {"_": (None, 0, None), "sentence": (None, 0, None)}
ASKED = re.compile(r"\b(" + "|".join(ASKERS) + r")\(")


class Message(NamedTuple):
    context: str | None
    text: str
    plural: str | None
    where: str


def in_python(tree: ast.AST, where: str) -> Iterator[Message]:
    for called, call in calls(tree):
        if called in ASKERS and (message := message_of(call, ASKERS[called], where)):
            yield message


def message_of(call: ast.Call, places: tuple[int | None, int, int | None], where: str) -> Message | None:
    """None when the text is not written there, as in `_(variable)`."""
    context, text, plural = (None if place is None else constant(call, place) for place in places)
    return None if text is None else Message(context, text, plural, f"{where}:{call.lineno}")


def constant(call: ast.Call, place: int) -> str | None:
    if place >= len(call.args) or not isinstance(call.args[place], ast.Constant):
        return None
    return str(ast.literal_eval(call.args[place]))


def in_template(source: str, where: str) -> Iterator[Message]:
    """Django turns a template into the calls that it makes; each is then read as Python."""
    asked = templatize(source)
    for found in ASKED.finditer(asked):
        line = source.count("\n", 0, found.start()) + 1
        for message in in_python(call_at(asked, found.start()), ""):
            yield message._replace(where=f"{where}:{line}")


def call_at(text: str, start: int) -> ast.AST:
    """The call that starts there: up to the first closing bracket that makes it whole."""
    for found in re.finditer(r"\)", text[start:]):
        try:
            return ast.parse(text[start : start + found.end()])
        except SyntaxError:
            continue
    raise AssertionError(f"A translation call is never closed: {text[start : start + 80]!r}")


def templates() -> list[tuple[str, str]]:
    """Name (as Django calls it) and source of each template."""
    return [
        (path.relative_to(TEMPLATES).as_posix(), path.read_text())
        for path in ours()
        if path.is_relative_to(TEMPLATES) and path.suffix in {".html", ".txt"}
    ]


def messages() -> list[Message]:
    asked = [message for path in python(SRC) for message in in_python(tree_of(path), name_of(path))]
    for name, source in templates():
        asked += in_template(source, f"templates/{name}")
    return asked
