"""Small enough to be read in one sitting."""

import ast
from pathlib import Path

from tests.house.tree import ROOT, SRC, name_of, python, tree_of

FILE_LINES = 400
FUNCTION_LINES = 70
MIGRATIONS = SRC / "migrations"
PYTHON = [path for path in (ROOT / "dev.py", *python(SRC), *python(ROOT / "tests")) if MIGRATIONS not in path.parents]


def long_functions(path: Path, limit: int = FUNCTION_LINES) -> list[str]:
    """Functions over `limit` lines, decorators not counted."""
    return [
        f"{name_of(path)}:{node.lineno} {node.name}"
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or node.lineno) - node.lineno + 1 > limit
    ]


def test_no_file_is_over_400_lines() -> None:
    sizes = {name_of(path): len(path.read_text().splitlines()) for path in PYTHON}
    assert {name: size for name, size in sizes.items() if size > FILE_LINES} == {}


def test_no_function_is_over_70_lines() -> None:
    assert [line for path in PYTHON for line in long_functions(path)] == []


def test_a_long_function_is_seen() -> None:
    assert any("long_functions" in line for line in long_functions(Path(__file__), limit=5))
