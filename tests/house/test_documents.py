"""What a person can set or type is written down, and what is written down can be set or typed."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import click

from tests.house.tree import ROOT, SRC, calls, python, tree_of
from vendange.cli.main import main

ENVIRONMENT = ROOT / "docs" / "environment.md"
COMMANDS = ROOT / "docs" / "cli.md"
READER = re.compile(r"env_\w+|getenv")
# Read by the workshop, not by the product.
WORKSHOP = {"VENDANGE_BROWSER", "DATABASE_URL_TEST"}


def variables_read(paths: list[Path]) -> set[str]:
    return {
        str(call.args[0].value)
        for path in paths
        for called, call in calls(tree_of(path))
        if READER.fullmatch(called) and call.args and isinstance(call.args[0], ast.Constant)
    }


def variables_documented() -> set[str]:
    return set(re.findall(r"`((?:VENDANGE|DATABASE)_[A-Z_]+)", ENVIRONMENT.read_text()))


def test_every_environment_variable_is_documented() -> None:
    read = variables_read(python(SRC))
    assert "VENDANGE_HOME" in read
    assert read - variables_documented() == set()


def test_every_documented_variable_is_read() -> None:
    assert variables_documented() - variables_read(python(SRC)) - WORKSHOP == set()


def commands(group: click.Command, words: tuple[str, ...]) -> Iterator[tuple[str, click.Command]]:
    """Each command with the words that call it. Hidden ones are not for people."""
    if not isinstance(group, click.Group):
        yield " ".join(words), group
        return
    context = click.Context(group, info_name=words[-1])
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is not None and not command.hidden:
            yield from commands(command, (*words, name))


def test_every_command_and_option_is_documented() -> None:
    text = COMMANDS.read_text()
    missing = []
    for words, command in commands(main, ("vendange",)):
        if words not in text:
            missing.append(words)
        options = [max(option.opts, key=len) for option in command.params if isinstance(option, click.Option)]
        missing += [f"{words} {option}" for option in options if f"{option}" not in text]
    assert missing == []


def test_every_documented_command_exists() -> None:
    known = [words for words, _ in commands(main, ("vendange",))]
    documented = re.findall(r"^#+ `(vendange[^`]*)`", COMMANDS.read_text(), flags=re.MULTILINE)
    assert documented
    assert [line for line in documented if not any(known_one.startswith(bare(line)) for known_one in known)] == []


def bare(line: str) -> str:
    """The words of a command without its arguments: `vendange import FILE --map MAP` is `vendange import`."""
    return " ".join(word for word in line.split() if re.fullmatch(r"[a-z][a-z-]*", word))


def test_every_command_says_what_it_does() -> None:
    assert [words for words, command in commands(main, ("vendange",)) if not command.help] == []
