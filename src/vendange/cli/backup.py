"""`vendange backup` and `vendange restore`: both SQLite files and the secret in one archive, consistent and checked."""

import hashlib
import io
import json
import os
import sqlite3
import tarfile
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import click
from django.conf import settings
from django.db import connections

from vendange.cli.saying import Failed, say_json
from vendange.work.alone import is_running

# The inbox first: an event handled between the two copies is then handled once more, which changes nothing.
FILES: Final = ("inbox.sqlite3", "vendange.sqlite3")
SECRET: Final = "secret_key"  # noqa: S105 (the name of the file)
MANIFEST: Final = "manifest.json"
KEPT: Final = (*FILES, SECRET)
CHUNK: Final = 1 << 20


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="What was kept as JSON.")
def backup(file: Path, as_json: bool) -> None:
    """Copy all data into one archive (.tar.gz), while Vendange runs. Keep it safe: it holds the secret."""
    _only_sqlite('pg_dump --format=custom --file=vendange.dump "$DATABASE_URL"')
    if file.exists():
        raise Failed(f"{file} exists already. Choose another name: a backup never overwrites one.")
    missing = [name for name in FILES if not (settings.HOME / name).exists()]
    if missing:
        raise Failed(f"There is no {missing[0]} under {settings.HOME}. Check VENDANGE_HOME.")
    try:
        kept = _write(file)
    except OSError as error:
        raise Failed(f"{file} cannot be written: {error.strerror}. Choose another place.") from None
    if as_json:
        say_json({"file": str(file), **kept})
    else:
        click.echo(f"{file} holds everything as of {kept['at']} ({file.stat().st_size:,} bytes).")
        click.echo("It holds the key that signs sessions too: keep it where only administrators can read it.")


def _only_sqlite(instead: str) -> None:
    if any(connections[alias].vendor != "sqlite" for alias in settings.DATABASES):
        raise Failed(f"The data is in PostgreSQL, which has its own tool. Run: {instead}")


def _write(file: Path) -> dict[str, Any]:
    """The copies first, then the archive beside its final name: it appears whole or not at all."""
    with tempfile.TemporaryDirectory(dir=file.absolute().parent, prefix=".vendange-backup-") as folder:
        copies = Path(folder)
        for name in FILES:
            _copy(settings.HOME / name, copies / name)
        (copies / SECRET).write_text(settings.SECRET_KEY)
        kept = {"at": datetime.now(UTC).isoformat(timespec="seconds"), "sha256": {n: _sha(copies / n) for n in KEPT}}
        archive = copies / "archive"
        with archive.open("xb") as stream:
            os.fchmod(stream.fileno(), 0o600)
            _pack(stream, copies, json.dumps(kept, indent=2).encode())
            stream.flush()
            os.fsync(stream.fileno())
        archive.rename(file)
    return kept


def _pack(stream: Any, copies: Path, manifest: bytes) -> None:
    with tarfile.open(fileobj=stream, mode="w:gz", compresslevel=6) as archive:
        told = tarfile.TarInfo(MANIFEST)
        told.size, told.mode = len(manifest), 0o600
        archive.addfile(told, io.BytesIO(manifest))
        for name in KEPT:
            archive.add(copies / name, arcname=name)


def _copy(source: Path, target: Path) -> None:
    """SQLite's own copy: consistent although others write meanwhile."""
    before = sqlite3.connect(f"file:{source}?mode=ro", uri=True, timeout=20)
    after = sqlite3.connect(target)
    try:
        before.backup(after)
    finally:
        after.close()
        before.close()


def _sha(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--replace", is_flag=True, help="Put the data that is there aside and take the archive's.")
def restore(file: Path, replace: bool) -> None:
    """Bring back what `vendange backup` kept. Stop Vendange first."""
    _only_sqlite('pg_restore --clean --if-exists --dbname="$DATABASE_URL" vendange.dump')
    present = [name for name in FILES if (settings.HOME / name).exists()]
    if present and not replace:
        raise Failed(
            f"There is data under {settings.HOME} already. Say --replace to put it aside, with Vendange stopped."
        )
    if is_running():
        raise Failed(f"Vendange runs on {settings.HOME}: stop it first, or it would go on writing to the old files.")
    connections.close_all()
    settings.HOME.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=settings.HOME, prefix=".restore-") as folder:
        kept = _unpack(file, Path(folder))
        aside = _put_aside() if present else None
        for name in KEPT:
            (Path(folder) / name).replace(settings.HOME / name)
    click.echo(f"Everything is again as of {kept['at']}. Start Vendange: vendange up")
    if aside:
        click.echo(f"What was there before is kept in {aside}.")


def _unpack(file: Path, folder: Path) -> dict[str, Any]:
    """Only the files that we know, each as its checksum says; nothing is replaced before all are sound."""
    try:
        with tarfile.open(file, "r:gz") as archive:
            for name in (MANIFEST, *KEPT):
                member = archive.extractfile(name)
                if member is None:
                    raise KeyError(name)
                _save(member, folder / name)
        kept: dict[str, Any] = json.loads((folder / MANIFEST).read_text())
        wrong = [name for name in KEPT if _sha(folder / name) != kept["sha256"][name]]
    except (OSError, tarfile.TarError, EOFError, KeyError, ValueError) as error:
        raise Failed(f"{file} is not a whole backup of Vendange ({error}). Nothing was changed.") from None
    if wrong or any(not _is_sound(folder / name) for name in FILES):
        raise Failed(
            f"{file} is damaged ({', '.join(wrong) or 'a database'}). Nothing was changed; try another backup."
        )
    return kept


def _save(member: Any, target: Path) -> None:
    target.touch(mode=0o600)
    with target.open("wb") as stream:
        while chunk := member.read(CHUNK):
            stream.write(chunk)
        stream.flush()
        os.fsync(stream.fileno())


def _is_sound(path: Path) -> bool:
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        return bool(connection.execute("PRAGMA quick_check").fetchone()[0] == "ok")
    except sqlite3.DatabaseError:
        return False
    finally:
        connection.close()


def _put_aside() -> Path:
    """The present files with their journals, kept together under a dated name."""
    aside: Path = settings.HOME / f"before-restore-{datetime.now(UTC):%Y%m%d-%H%M%S}"
    aside.mkdir(mode=0o700)
    for name in KEPT:
        for one in (name, f"{name}-wal", f"{name}-shm"):
            if (settings.HOME / one).exists():
                (settings.HOME / one).replace(aside / one)
    return aside
