"""Reads the history, bucket by bucket: all of the past in little memory, while a build may be going on."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

import numpy as np
import pyarrow as pa

from vendange.engine.compile import dimensions_read, people_sql
from vendange.engine.crowd import Crowd
from vendange.engine.history.buckets import read_people, read_signals
from vendange.engine.history.manifest import BUCKETS, Manifest, NoHistory, read_manifest
from vendange.engine.on_duckdb import UnreadableFile, ask, asked_of, assembled, numbers, parquet
from vendange.engine.plan import Plan
from vendange.engine.schema import PEOPLE as PEOPLE_COLUMNS
from vendange.engine.schema import SIGNALS, column_of
from vendange.engine.tables import KEPT_SCHEMA

PEOPLE: Final = "people.parquet"
TRIES: Final = 3
BY_BUCKET: Final = 'SELECT * FROM ({}) AS asked ORDER BY "person" % {}, "person"'
WILD: Final = frozenset("*?[")  # DuckDB takes them for patterns of names
Answer = TypeVar("Answer")


def crowds(
    plan: Plan, folder: Path, cache: Path | None = None, buckets: Sequence[int] = range(BUCKETS)
) -> Iterator[Crowd]:
    """Everybody with all their signals, as one crowd for each of these buckets; NoHistory when there is none.

    Two people of one organisation may stand in different buckets.
    """
    known = _whole(folder, partial(_known, plan, folder, cache))
    borders = np.searchsorted(numbers(known, "person") % BUCKETS, np.arange(BUCKETS + 1)).tolist()
    for place in buckets:
        asked = _whole(folder, partial(_asked, plan, folder, place, cache))
        yield assembled(plan, asked, known.slice(borders[place], borders[place + 1] - borders[place]))


def _known(plan: Plan, folder: Path, cache: Path | None, _: Manifest) -> pa.Table:
    """The answers of everybody, by bucket and person."""
    people = read_people(folder / PEOPLE, columns_of(plan)[1]) if WILD & set(str(folder)) else folder / PEOPLE
    return ask(BY_BUCKET.format(people_sql(plan, "duckdb", cache), BUCKETS), people=people)


def _asked(plan: Plan, folder: Path, place: int, cache: Path | None, manifest: Manifest) -> pa.Table:
    tails, path = manifest.tails_of(place), folder / manifest.buckets[place].file
    if tails or not path.is_file() or WILD & set(str(path)):
        rows = signals_of(folder, manifest, place, columns_of(plan)[0])
        return asked_of(plan, rows, cache, in_order=not tails)
    return asked_of(plan, path, cache, in_order=True)


def columns_of(plan: Plan) -> tuple[list[str], list[str]]:
    """The columns of signals and of people that the questions of a plan read."""
    asked = {column_of(dimension) for dimension in dimensions_read(plan)}
    asked |= {"person", "organisation", "at", "id", "kind"}
    if plan.agreement.weights:
        asked.add("origin")
    if plan.limits.contents:
        asked |= {"asset", "path"}
    return [name for name in SIGNALS if name in asked], [name for name in PEOPLE_COLUMNS if name in asked]


def tables_of(
    folder: Path, place: int, signals: Sequence[str] | None = None, people: Sequence[str] | None = None
) -> tuple[pa.Table, pa.Table, bool]:
    """Signals and people of one bucket, with these columns, and whether the signals stand in order."""

    def read(manifest: Manifest) -> tuple[pa.Table, pa.Table, bool]:
        found = signals_of(folder, manifest, place, signals)
        return found, read_people(folder / PEOPLE, people, place), not manifest.tails_of(place)

    return _whole(folder, read)


def _whole(folder: Path, read: Callable[[Manifest], Answer]) -> Answer:
    """What is read by the newest manifest; again if a build replaces files meanwhile. NoHistory: they are not whole."""
    for _ in range(TRIES):
        manifest = manifest_of(folder)
        try:
            return read(manifest)
        except (OSError, pa.ArrowInvalid, UnreadableFile) as error:
            if any(not (folder / name).exists() for name in (PEOPLE, *manifest.files)):
                continue
            raise NoHistory(
                f"A file of the history is damaged ({error}). Delete {folder} and build it again."
            ) from error
    raise NoHistory(f"Files of the history are missing in {folder}. Build it again: vendange history build")


def signals_of(folder: Path, manifest: Manifest, place: int, columns: Sequence[str] | None = None) -> pa.Table:
    """Signals of one bucket with its tails; in order when there are none (`Manifest.tails_of`)."""
    bucket = manifest.buckets[place]
    pieces = [read_signals(folder / bucket.file, columns)] if bucket.file else []
    pieces += [read_signals(folder / tail.file, columns, place) for tail in manifest.tails_of(place)]
    if not pieces:
        return KEPT_SCHEMA.empty_table() if columns is None else KEPT_SCHEMA.empty_table().select(columns)
    return pieces[0] if len(pieces) == 1 else pa.concat_tables(pieces).unify_dictionaries()


def manifest_of(folder: Path) -> Manifest:
    manifest = read_manifest(folder)
    if manifest is None:
        raise NoHistory("There is no history yet. Build it: vendange history build")
    return manifest


def files_of(folder: Path) -> list[Path]:
    """Every file with signals; a tail may hold some that are in a bucket already."""
    return [folder / name for name in sorted(manifest_of(folder).files)]


def scan(folder: Path, columns: Sequence[str]) -> int:
    """Let DuckDB read these columns and do next to nothing with them: the floor for any work on them. The rows read."""
    looks = ", ".join(f'max("{name}")' if SIGNALS.get(name) != "string" else f'count("{name}")' for name in columns)
    found = ask(f"SELECT count(*) AS found, {looks} FROM {parquet(*files_of(folder))}")  # noqa: S608 (our own names)
    return int(found.column("found")[0].as_py())
