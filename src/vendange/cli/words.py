"""`vendange words`: which texts of code and pages have no French yet. Needs no gettext programs."""

import ast
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, NamedTuple

import click
import polib
from django.utils.translation.template import templatize

PACKAGE = Path(__file__).resolve().parent.parent
FRENCH = PACKAGE / "locale" / "fr" / "LC_MESSAGES" / "django.po"
# How many leading arguments of each function are texts, and whether the first one is a context.
CALLS: Mapping[str, tuple[int, bool]] = {
    "gettext": (1, False),
    "gettext_lazy": (1, False),
    "gettext_noop": (1, False),
    "ngettext": (2, False),
    "ngettext_lazy": (2, False),
    "pgettext": (2, True),
    "pgettext_lazy": (2, True),
    "npgettext": (3, True),
    "npgettext_lazy": (3, True),
    "sentence": (1, False),
}
MODULES = ("django.utils.translation", "vendange.agreement.sentence")
# French puts a space that never breaks before : and within « », a narrow one before ; ! and ?
SPACES: Mapping[str, str] = {
    r"[ \u202f]+(?=[:»])": "\u00a0",
    r"«[ \u202f]+": "«\u00a0",
    r"[ \u00a0]+(?=[;!?])": "\u202f",
    r"[ \u202f]+(?=%%)": "\u00a0",
}
START = re.compile(r"\b(?:n?p?gettext|_)\(")


class Text(NamedTuple):
    """One text to translate, as a .po file knows it."""

    context: str | None
    one: str
    many: str | None


def texts_of_python(source: str) -> Iterator[Text]:
    """Texts given to Django's gettext functions and to `sentence`, under whatever name the file imported them."""
    tree = ast.parse(source)
    names = {
        alias.asname or alias.name: alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module in MODULES
        for alias in node.names
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
            yield from texts_of_call(node, names[node.func.id])


def texts_of_call(node: ast.Call, function: str) -> Iterator[Text]:
    count, has_context = CALLS.get(function, (0, False))
    given = [part.value for part in node.args[:count] if isinstance(part, ast.Constant)]
    texts = [text for text in given if isinstance(text, str)]
    if not count or len(texts) != count:
        return
    context = texts.pop(0) if has_context else None
    yield Text(context, texts[0], texts[1] if len(texts) > 1 else None)


def texts_of_template(source: str) -> Iterator[Text]:
    """Django turns a template into something like code, with the calls standing among fillers."""
    code = templatize(source)
    for start in START.finditer(code):
        call = call_at(code, start.start())
        if call is not None and isinstance(call.func, ast.Name):
            name = "gettext" if call.func.id == "_" else call.func.id
            yield from texts_of_call(call, name)


def call_at(code: str, start: int) -> ast.Call | None:
    """The shortest piece from `start` that ends in a bracket and parses as a call."""
    for end in re.finditer(r"\)", code[start : start + 4000]):
        try:
            parsed = ast.parse(code[start : start + end.end()], mode="eval").body
        except SyntaxError:
            continue
        return parsed if isinstance(parsed, ast.Call) else None
    return None


def all_texts(package: Path = PACKAGE) -> dict[Text, list[str]]:
    """Every text of the product, with the files where it stands."""
    found: dict[Text, list[str]] = {}
    for path in sorted(package.rglob("*.py")):
        note(found, texts_of_python(path.read_text(encoding="utf-8")), path, package)
    for pattern in ("*.html", "*.txt"):
        for path in sorted(package.rglob(f"templates/**/{pattern}")):
            note(found, texts_of_template(path.read_text(encoding="utf-8")), path, package)
    return found


def note(found: dict[Text, list[str]], texts: Iterable[Text], path: Path, package: Path) -> None:
    name = path.relative_to(package).as_posix()
    for text in texts:
        places = found.setdefault(text, [])
        if name not in places:
            places.append(name)


def key_of(entry: polib.POEntry) -> tuple[str | None, str]:
    return entry.msgctxt, entry.msgid


def spaced(text: str) -> str:
    """A French text with the spaces of its typography, whatever was typed.

    >>> spaced("Prêt ? « Oui » : 5 %%") == "Prêt\\u202f? «\\u00a0Oui\\u00a0»\\u00a0: 5\\u00a0%%"
    True
    """
    for wrong, right in SPACES.items():
        text = re.sub(wrong, right, text)
    return text


def is_translated(entry: polib.POEntry) -> bool:
    return bool(all(entry.msgstr_plural.values()) and entry.msgstr_plural if entry.msgid_plural else entry.msgstr)


def refresh(po: polib.POFile, texts: Mapping[Text, list[str]]) -> polib.POFile:
    """The same file with every text of the product and no other, by file; what was translated stays."""
    known = {key_of(entry): entry for entry in po if not entry.obsolete}
    fresh = polib.POFile(wrapwidth=118)
    fresh.metadata = po.metadata
    for text, places in sorted(texts.items(), key=lambda item: (item[1][0], item[0].one)):
        old = known.get((text.context, text.one))
        fresh.append(entry_for(text, places, old))
    return fresh


def entry_for(text: Text, places: list[str], old: polib.POEntry | None) -> polib.POEntry:
    entry = polib.POEntry(msgctxt=text.context, msgid=text.one, occurrences=[(place, "") for place in places])
    if text.many:
        entry.msgid_plural = text.many
        entry.msgstr_plural = dict(old.msgstr_plural) if old and old.msgstr_plural else {0: "", 1: ""}
    else:
        entry.msgstr = old.msgstr if old else ""
    if "%(" in text.one:
        entry.flags = ["python-format"]
    return entry


def take(po: polib.POFile, given: Mapping[str, str | list[str]]) -> None:
    """Fill in translations: {"text": "texte", "context|text": "texte", "one": ["un", "plusieurs"]}."""
    for entry in po:
        name = f"{entry.msgctxt}|{entry.msgid}" if entry.msgctxt else entry.msgid
        told = given.get(name)
        if isinstance(told, list):
            entry.msgstr_plural = dict(enumerate(told))
        elif told:
            entry.msgstr = told


@click.command("words")
@click.option("--take", "taken", type=click.File(encoding="utf-8"), help="JSON file of translations to fill in.")
def words(taken: IO[str] | None) -> None:
    """Bring the French file up to date with code and pages, and say what has no French yet."""
    texts = all_texts()  # takes a second, so before the file is read: a colleague may be writing it too
    po = refresh(polib.pofile(str(FRENCH), wrapwidth=118), texts)
    if taken:
        take(po, json.load(taken))
    for entry in po:
        entry.msgstr = spaced(entry.msgstr)
        entry.msgstr_plural = {place: spaced(text) for place, text in entry.msgstr_plural.items()}
    beside = FRENCH.with_suffix(".new")
    po.save(str(beside))
    beside.replace(FRENCH)
    missing = [entry for entry in po if not is_translated(entry)]
    for entry in missing:
        click.echo(f"{entry.occurrences[0][0]}: {entry.msgid}")
    click.echo(f"{len(po)} texts, {len(missing)} without French.")
