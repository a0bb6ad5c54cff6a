"""A backup is whole or it is not; a restore changes nothing unless all of it is sound."""

import sqlite3
import tarfile
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tests.cli.typed import vendange

FILES = ("vendange.sqlite3", "inbox.sqlite3")
on_files = pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL has tools of its own")


@pytest.fixture
def home(tmp_path: Path, settings: Any) -> Path:
    settings.HOME = tmp_path / "home"
    settings.SECRET_KEY = "the secret of this home, long enough"
    settings.HOME.mkdir()
    for name in FILES:
        write(settings.HOME / name, "before")
    return Path(settings.HOME)


def write(path: Path, word: str) -> None:
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("CREATE TABLE IF NOT EXISTS told (word TEXT)")
        database.execute("INSERT INTO told VALUES (?)", (word,))
    database.close()


def words(path: Path) -> list[str]:
    with sqlite3.connect(path) as database:
        found = [row[0] for row in database.execute("SELECT word FROM told")]
    database.close()
    return found


@on_files
def test_what_was_kept_comes_back_and_what_was_there_is_put_aside(home: Path, tmp_path: Path) -> None:
    archive = tmp_path / "all.tar.gz"
    assert vendange("backup", archive).code == 0
    assert archive.stat().st_mode & 0o077 == 0
    write(home / FILES[0], "after")
    refused = vendange("restore", archive)
    assert (refused.code, "--replace" in refused.err) == (1, True)
    said = vendange("restore", archive, "--replace")
    assert said.code == 0, said.err
    assert words(home / FILES[0]) == ["before"]
    assert (home / "secret_key").read_text() == "the secret of this home, long enough"
    aside = next(home.glob("before-restore-*"))
    assert words(aside / FILES[0]) == ["before", "after"]


@on_files
def test_a_copy_is_consistent_while_somebody_writes(home: Path, tmp_path: Path) -> None:
    writer = sqlite3.connect(home / FILES[0])
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("INSERT INTO told VALUES ('half-done')")
    assert vendange("backup", tmp_path / "all.tar.gz").code == 0
    writer.rollback()
    writer.close()
    vendange("restore", tmp_path / "all.tar.gz", "--replace")
    assert words(home / FILES[0]) == ["before"]


@on_files
def test_a_backup_never_overwrites(home: Path, tmp_path: Path) -> None:
    (tmp_path / "all.tar.gz").write_text("precious")
    said = vendange("backup", tmp_path / "all.tar.gz")
    assert (said.code, "never overwrites" in said.err) == (1, True)
    assert (tmp_path / "all.tar.gz").read_text() == "precious"


@on_files
def test_a_damaged_or_foreign_archive_changes_nothing(home: Path, tmp_path: Path) -> None:
    archive, cut, foreign = (tmp_path / name for name in ("all.tar.gz", "cut.tar.gz", "foreign.tar.gz"))
    vendange("backup", archive)
    cut.write_bytes(archive.read_bytes()[:-200])
    with tarfile.open(foreign, "w:gz") as other:
        other.add(home / FILES[0], arcname="../../escape.sqlite3")
    for wrong in (cut, foreign, tmp_path / "none.tar.gz"):
        said = vendange("restore", wrong, "--replace")
        assert (said.code, "Nothing was changed" in said.err) == (1, True)
    assert words(home / FILES[0]) == ["before"]
    assert not list(home.glob("before-restore-*"))


@pytest.mark.skipif(connection.vendor == "sqlite", reason="about PostgreSQL")
def test_on_postgresql_its_own_tool_is_named(tmp_path: Path) -> None:
    assert "pg_dump" in vendange("backup", tmp_path / "all.tar.gz").err
    assert "pg_restore" in vendange("restore", tmp_path / "all.tar.gz").err
