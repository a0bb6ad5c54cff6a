"""Who writes what, and where a thing may stand. What imports may do is proved by import-linter."""

import ast
from pathlib import Path

import pytest

from tests.house.tree import ROOT, SRC, STEPS, calls, name_of, python, strings, tree_of

MOVER = SRC / "journey" / "move.py"
STEP_FILES = {"__init__.py", "rules.py", "actions.py", "queries.py"}
VAGUE = {"utils", "util", "helpers", "helper", "common", "base", "misc", "shared"}
WRITES = {"update", "update_or_create", "setattr", "bulk_update"}


def sets_a_stage(tree: ast.AST) -> list[int]:
    """Lines that give a row another stage: `x.stage = …`, `.update(stage=…)`, `setattr(x, "stage", …)`."""
    lines = []
    for node in ast.walk(tree):
        targets: list[ast.expr] = []
        if isinstance(node, ast.Assign):
            targets = [part for target in node.targets for part in getattr(target, "elts", [target])]
        elif isinstance(node, ast.AnnAssign | ast.AugAssign):
            targets = [node.target]
        lines += [target.lineno for target in targets if isinstance(target, ast.Attribute) and target.attr == "stage"]
    for called, call in calls(tree):
        said: set[str | None] = {keyword.arg for keyword in call.keywords}
        said |= {text for word in call.args for text in strings(word)}
        if called in WRITES and "stage" in said:
            lines.append(call.lineno)
    return lines


@pytest.mark.parametrize(
    "line",
    [
        "lead.stage = new",
        "a, lead.stage = 1, new",
        "lead.stage: str = new",
        "Lead.objects.filter(pk=1).update(stage=new)",
        "Lead.objects.bulk_update(rows, ['stage'])",
        "setattr(lead, 'stage', new)",
    ],
)
def test_a_stage_set_elsewhere_is_seen(line: str) -> None:
    assert sets_a_stage(ast.parse(line)) == [1]


def test_reading_a_stage_is_no_offence() -> None:
    assert sets_a_stage(ast.parse("stage = lead.stage\nLead.objects.filter(stage=stage).update(note=1)")) == []


def test_only_the_mover_sets_a_stage() -> None:
    found = {name_of(path): sets_a_stage(tree_of(path)) for path in python(SRC) if path != MOVER}
    assert {path: lines for path, lines in found.items() if lines} == {}


def test_the_mover_does_set_it() -> None:
    assert sets_a_stage(tree_of(MOVER))


def first_line(path: Path) -> str:
    return (ast.get_docstring(tree_of(path)) or "").partition("\n")[0]


def test_each_file_of_tables_names_its_writer() -> None:
    tables = [path for path in python(SRC / "models") if path.name != "__init__.py"]
    assert tables
    assert [name_of(path) for path in tables if "written by" not in first_line(path).lower()] == []


@pytest.mark.parametrize("step", STEPS)
def test_a_step_has_rules_actions_queries_and_nothing_else(step: str) -> None:
    found = {path.relative_to(SRC / step).as_posix() for path in python(SRC / step)}
    assert found - STEP_FILES == set()
    assert found & (STEP_FILES - {"__init__.py"}), f"{step} is empty"


def test_no_file_has_a_vague_name() -> None:
    parts = {part for path in [*python(SRC), *python(ROOT / "tests")] for part in path.relative_to(ROOT).parts}
    assert {part for part in parts if part.removesuffix(".py").strip("_") in VAGUE} == set()


def test_only_environment_reads_the_environment() -> None:
    allowed = {SRC / "environment.py"}
    readers = [path for path in python(SRC) if path not in allowed and reads_environment(tree_of(path))]
    assert [name_of(path) for path in readers] == []


def reads_environment(tree: ast.AST) -> bool:
    """`os.environ.get`, `os.environ[…]` or `os.getenv`; writing to it (for a child process) is allowed."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(attr="getenv")):
                return True
            case ast.Call(func=ast.Attribute(attr="get", value=ast.Attribute(attr="environ"))):
                return True
            case ast.Subscript(value=ast.Attribute(attr="environ"), ctx=ast.Load()):
                return True
    return False
