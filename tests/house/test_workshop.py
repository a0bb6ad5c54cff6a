"""The two commands: what a newcomer meets before anything is installed."""

import ast
import re
import socket
import tomllib

import pytest

import dev
from tests.house.tree import ROOT

LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-uv.lock")


def test_an_old_python_can_read_the_workshop_and_is_told_what_to_do() -> None:
    tree = ast.parse((ROOT / "dev.py").read_text(), feature_version=(3, 6))
    first = [type(node) for node in tree.body[:3]]
    assert first == [ast.Expr, ast.Import, ast.If]  # docstring, import sys, the refusal
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module == "__future__"]


def test_a_port_in_use_is_refused_with_another_one_offered() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(dev.Stop, match=f"Port {port} is in use.*--port {port + 1}"):
            dev.refuse_busy(port)


@pytest.mark.parametrize("port", [-1, 65536, 99999])
def test_a_number_that_is_no_port_is_refused(port: int) -> None:
    with pytest.raises(dev.Stop, match=f"{port} is not a port"):
        dev.refuse_busy(port)


def test_a_browser_that_is_not_there_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VENDANGE_BROWSER", "/nowhere/chromium")
    with pytest.raises(dev.Stop, match="/nowhere/chromium is not a program"):
        dev.browser_here()


def test_no_browser_and_no_right_to_install_one_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VENDANGE_BROWSER", raising=False)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(dev.Stop, match="apt install chromium"):
        dev.find_browser({})


def test_other_words_go_to_pytest_in_their_order() -> None:
    options, rest = dev.parsed(["test", "-k", "desk and not slow", "--thorough", "tests/web", "-x"])
    assert options.thorough
    assert options.browser
    assert rest == ["-k", "desk and not slow", "tests/web", "-x"]


@pytest.mark.parametrize("command", ["run", "check"])
def test_only_test_takes_other_words(command: str) -> None:
    with pytest.raises(SystemExit):
        dev.parsed([command, "-k", "desk"])


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_is_pinned_hashed_and_names_no_host(name: str) -> None:
    text = (ROOT / name).read_text()
    pins = re.split(r"^(?=\S)", text, flags=re.MULTILINE)[1:]
    assert pins
    assert [pin for pin in pins if not re.match(r"[a-z0-9._-]+==\S+ .*--hash=sha256:", pin, flags=re.DOTALL)] == []
    assert "://" not in text


def test_the_locks_hold_what_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    groups = project["dependency-groups"]
    wanted = {LOCKS[0]: project["project"]["dependencies"] + groups["build"], LOCKS[1]: groups["dev"]}
    for lock, asked in wanted.items():
        held = set(re.findall(r"^([a-z0-9._-]+)==", (ROOT / lock).read_text(), flags=re.MULTILINE))
        names = {re.split(r"[\[<>=~! ]", line)[0].lower().replace("_", "-") for line in asked}
        assert names - held == set(), f"{lock} is older than pyproject.toml"


def test_both_locks_agree() -> None:
    run, test = (set(re.findall(r"^\S+==\S+", (ROOT / lock).read_text(), flags=re.MULTILINE)) for lock in LOCKS[:2])
    assert run - test == set()


def test_the_machine_that_checks_does_what_a_person_does() -> None:
    commands = [line for line in (ROOT / ".ci" / "run").read_text().splitlines() if line and not line.startswith("#")]
    assert commands == ["set -euo pipefail", 'cd "$(dirname "$0")/.."', "python3 dev.py test"]
