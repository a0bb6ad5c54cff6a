"""What the house is made of: its files, their syntax trees, and the words said in them."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
SRC = ROOT / "src" / "vendange"
TEMPLATES = SRC / "web" / "templates"
FOLDERS = ("src/vendange", "tests", "docs", "examples", ".ci")
NOT_OURS = {"__pycache__", ".git"}
STEPS = (
    "admit", "agree", "ask", "capture", "find", "identify", "link", "meet", "reach", "reveal", "score", "qualify",
    "route", "sell", "report", "simulate", "suggest", "unite", "vouch",
)  # fmt: skip


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def ours() -> tuple[Path, ...]:
    """Every file that we keep, found without git, so that the tests also run from an archive."""
    below = (path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*")))
    beside = (path for path in sorted(ROOT.iterdir()) if path.name != "uv.lock" and not path.name.endswith("~"))
    return tuple(path for path in (*beside, *below) if path.is_file() and not NOT_OURS & set(path.parts))


@cache
def texts() -> dict[Path, str]:
    """Our files that hold text. Pictures and compiled catalogues are left out."""
    found = {}
    for path in ours():
        if path.suffix in {".png", ".mo", ".woff2", ".gz", ".sqlite3"}:
            continue
        found[path] = path.read_text(encoding="utf-8")
    return found


def python(folder: Path) -> list[Path]:
    return [path for path in ours() if path.suffix == ".py" and path.is_relative_to(folder)]


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    """Each call with the last part of what is called: `update` for `Lead.objects.update(…)`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            match node.func:
                case ast.Attribute(attr=called) | ast.Name(id=called):
                    yield called, node


def strings(tree: ast.AST) -> set[str]:
    return {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
