"""Segment's own JavaScript libraries, installed once from the lock beside and kept in the virtual environment."""

import hashlib
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

CLIENTS = Path(__file__).with_name("clients")
WORDS = ("ci", "--ignore-scripts", "--no-audit", "--no-fund")


def installed_clients() -> Path:
    """The folder that holds `node_modules`; skips where npm is not there or reaches no packages."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        pytest.skip("Segment's JavaScript libraries need Node and npm, which are not installed here.")
    lock = (CLIENTS / "package-lock.json").read_bytes()
    folder = Path(sys.prefix) / f"vendange-clients-{hashlib.sha256(lock).hexdigest()[:16]}"
    if not folder.exists():
        _install(npm, folder)
    return folder


def _install(npm: str, folder: Path) -> None:
    """Into a folder beside, which takes its name when it is complete: another process may be doing the same."""
    beside = Path(tempfile.mkdtemp(prefix="vendange-clients-", dir=sys.prefix))
    try:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(CLIENTS / name, beside)
        done = subprocess.run([npm, *WORDS], cwd=beside, capture_output=True, text=True, timeout=300)
        if done.returncode:
            pytest.skip(f"npm could not install Segment's JavaScript libraries: {done.stderr.strip()[-300:]}")
        if not folder.exists():
            beside.rename(folder)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
