"""What no file of ours may say, and what no test may be."""

import ast
import re

import pytest

from tests.house.tree import ROOT, name_of, python, texts, tree_of

# In two parts, so that this file does not accuse itself.
REGISTRIES = re.compile(
    "|".join(
        "".join(parts)
        for parts in (
            (r"pypi\.", r"org"),
            (r"python", r"hosted\.org"),
            (r"registry\.", r"npmjs"),
            (r"deb\.", r"debian\.org"),
            (r"index", r"\.crates\.io"),
            (r"proxy\.", r"golang\.org"),
        )
    ),
    re.IGNORECASE,
)
UNFINISHED = re.compile(r"\b(" + "|".join(a + b for a, b in (("TO", "DO"), ("FIX", "ME"), ("XX", "X"))) + r")\b")
CHECKING = re.compile(r"^(assert|expect|check|must|refuse)")


def lines_with(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{name_of(path)}:{number}"
        for path, text in texts().items()
        for number, line in enumerate(text.splitlines(), start=1)
        if pattern.search(line)
    ]


def test_no_package_registry_is_named() -> None:
    assert lines_with(REGISTRIES) == []


def test_nothing_is_left_unfinished() -> None:
    assert lines_with(UNFINISHED) == []


@pytest.mark.parametrize("line", ["# " + "TO" + "DO: later", "FIX" + "ME", "https://files.python" + "hosted.org/x"])
def test_such_lines_are_seen(line: str) -> None:
    assert UNFINISHED.search(line) or REGISTRIES.search(line)


Test = ast.FunctionDef | ast.AsyncFunctionDef


def found_in(tree: ast.AST) -> list[Test]:
    return [node for node in ast.walk(tree) if isinstance(node, Test) and node.name.startswith("test")]


def checks_something(test: ast.AST) -> bool:
    """An assertion that is no constant, `pytest.raises`, or a call of a function named for checking."""
    for node in ast.walk(test):
        match node:
            case ast.Assert(test=ast.Constant()):
                return False
            case ast.Assert():
                return True
            case ast.Call(func=ast.Attribute(attr=called) | ast.Name(id=called)):
                if called == "raises" or CHECKING.match(called):
                    return True
    return False


@pytest.mark.parametrize(
    ("body", "can_fail"),
    [
        ("assert 1", False),
        ("call()", False),
        ("assert x == 1", True),
        ("with pytest.raises(E): call()", True),
        ("expect(page).to_have_title('x')", True),
    ],
)
def test_a_test_that_cannot_fail_is_seen(body: str, can_fail: bool) -> None:
    assert checks_something(ast.parse(body)) is can_fail


def test_every_test_can_fail() -> None:
    blind = [
        f"{name_of(path)}:{test.lineno} {test.name}"
        for path in python(ROOT / "tests")
        if path.name.startswith("test_")
        for test in found_in(tree_of(path))
        if not checks_something(test)
    ]
    assert blind == []
