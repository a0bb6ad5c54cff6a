"""Each message has a French line, and each code a word."""

import ast
import importlib
import re
from collections.abc import Iterator, Mapping

import polib
import pytest

from tests.house.messages import Message, constant, in_python, in_template, messages
from tests.house.tree import SRC, calls, name_of, python, tree_of
from vendange.agreement import vocabulary
from vendange.cli.words import spaced
from vendange.words import FAMILIES

CATALOGUE = SRC / "locale" / "fr" / "LC_MESSAGES" / "django.po"
GAPS = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")
CLOSED_LISTS = ("LEVELS", "ROLES", "TIERS", "KINDS", "ORIGINS")
Key = tuple[str | None, str]


def french() -> dict[Key, polib.POEntry]:
    return {(entry.msgctxt, entry.msgid): entry for entry in polib.pofile(str(CATALOGUE)) if not entry.obsolete}


def what_is_wrong(asked: Message, lines: Mapping[Key, polib.POEntry]) -> str | None:
    entry = lines.get((asked.context, asked.text))
    if entry is None:
        return "no French line"
    if entry.fuzzy:
        return "fuzzy"
    if asked.plural is not None and entry.msgid_plural != asked.plural:
        return "no French plural"
    written = list(entry.msgstr_plural.values()) if asked.plural is not None else [entry.msgstr]
    if not all(written):
        return "empty"
    if any(set(GAPS.findall(text)) - set(GAPS.findall(asked.text + (asked.plural or ""))) for text in written):
        return "a gap to fill that the English text does not have"
    if asked.plural is None and set(GAPS.findall(asked.text)) != set(GAPS.findall(entry.msgstr)):
        return "a gap to fill is missing"
    return None


def entry(english: str, french: str, **more: object) -> dict[Key, polib.POEntry]:
    return {(None, english): polib.POEntry(msgid=english, msgstr=french, **more)}


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        (entry("%(n)s leads", "%(n)s leads"), None),
        (entry("%(n)s leads", ""), "empty"),
        (entry("%(n)s leads", "leads"), "a gap to fill is missing"),
        (entry("%(n)s leads", "%(m)s leads"), "a gap to fill that the English text does not have"),
        (entry("%(n)s leads", "%(n)s leads", flags=["fuzzy"]), "fuzzy"),
        (entry("Other", "Autre"), "no French line"),
        (entry("%(n)s leads", "%(n)s leads {names}"), "a gap to fill that the English text does not have"),
    ],
)
def test_a_bad_french_line_is_seen(line: dict[Key, polib.POEntry], wrong: str | None) -> None:
    assert what_is_wrong(Message(None, "%(n)s leads", None, ""), line) == wrong


def test_messages_are_found_in_python() -> None:
    source = '_("One")\nngettext("a lead", "%d leads", n)\npgettext_lazy("a person", "Lead")\n_(variable)'
    assert [message[:3] for message in in_python(ast.parse(source), "")] == [
        (None, "One", None),
        (None, "a lead", "%d leads"),
        ("a person", "Lead", None),
    ]


def test_sentences_of_the_lower_floors_are_messages() -> None:
    source = 'sentence("{who} has it.", who=name)\nraise NotNow(sentence("Too late."))'
    assert [message.text for message in in_python(ast.parse(source), "")] == ["{who} has it.", "Too late."]


def test_every_sentence_is_written_where_it_is_made() -> None:
    """A template from elsewhere could not be collected, so that it would never get its French line."""
    made = [(path, call) for path in python(SRC) for called, call in calls(tree_of(path)) if called == "sentence"]
    assert len(made) > 150
    assert [f"{name_of(path)}:{call.lineno}" for path, call in made if constant(call, 0) is None] == []


def test_the_gaps_of_a_sentence_are_the_same_in_both_languages() -> None:
    asked, english = "{name} signs for {side}.", entry("{name} signs for {side}.", "{name} signe.")
    assert what_is_wrong(Message(None, asked, None, ""), english) == "a gap to fill is missing"


def test_messages_are_found_in_templates() -> None:
    source = (
        '{% load i18n %}<p title="{% translate "Queue (due)" %}">{{ _("Desk") }}</p>{% translate "Lead" context "x" %}'
        "{% blocktranslate count n=leads|length trimmed %}\n  {{ n }} lead\n{% plural %}\n  {{ n }} leads\n"
        "{% endblocktranslate %}"
    )
    assert {message[:3] for message in in_template(source, "")} == {
        (None, "Queue (due)", None),
        (None, "Desk", None),
        ("x", "Lead", None),
        (None, "%(n)s lead", "%(n)s leads"),
    }


def test_every_message_has_a_french_line() -> None:
    lines = french()
    asked = messages()
    offences = [f"{one.where} {one.text!r}: {wrong}" for one in asked if (wrong := what_is_wrong(one, lines))]
    assert asked
    assert not offences, "\n".join(offences)


def test_french_lines_have_the_spaces_of_french() -> None:
    """`vendange words` sets them; a plain space lets : ; ! ? stand alone at the start of a line."""
    written = [text for entry in french().values() for text in (entry.msgstr, *entry.msgstr_plural.values())]
    assert len(written) > 1000
    assert [text for text in written if spaced(text) != text] == []


@pytest.mark.parametrize(
    ("typed", "right"),
    [
        ("Prêt ?", "Prêt\u202f?"),
        ("Oui\u00a0! Non ;", "Oui\u202f! Non\u202f;"),
        ("Dit : « oui »", "Dit\u00a0: «\u00a0oui\u00a0»"),
        ("«\u202foui\u202f» à 5 %%", "«\u00a0oui\u00a0» à 5\u00a0%%"),
        ("à 13:05, https://a.example/?b", "à 13:05, https://a.example/?b"),
    ],
)
def test_spaces_of_french(typed: str, right: str) -> None:
    assert spaced(typed) == right


def test_no_french_line_is_fuzzy() -> None:
    assert [entry.msgid for entry in polib.pofile(str(CATALOGUE)).fuzzy_entries()] == []


def code_lists() -> Iterator[tuple[str, frozenset[str]]]:
    """Closed lists of codes that people may meet on a screen: every StrEnum of ours, and those of the vocabulary."""
    for path in python(SRC):
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.ClassDef) and "StrEnum" in {
                ast.unparse(base).split(".")[-1] for base in node.bases
            }:
                module = importlib.import_module(".".join(path.relative_to(SRC.parent).with_suffix("").parts))
                yield node.name, frozenset(str(code) for code in getattr(module, node.name))
    for name in CLOSED_LISTS:
        yield name, frozenset(getattr(vocabulary, name))


@pytest.mark.parametrize(("name", "codes"), list(code_lists()))
def test_every_code_has_a_word(name: str, codes: frozenset[str]) -> None:
    assert any(codes <= set(family) for family in FAMILIES.values()), f"vendange.words does not name all {name}"
