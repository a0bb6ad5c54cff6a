"""Reads the history, bucket by bucket: all of the past in little memory, while a build may be going on."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import pyarrow as pa

from vendange.engine.buckets import read_people, read_signals
from vendange.engine.compile import dimensions_read
from vendange.engine.crowd import Crowd
from vendange.engine.manifest import BUCKETS, Manifest, NoHistory, read_manifest
from vendange.engine.on_duckdb import ask, crowd_of_tables
from vendange.engine.plan import Plan
from vendange.engine.schema import PEOPLE as PEOPLE_COLUMNS
from vendange.engine.schema import SIGNALS, column_of
from vendange.engine.tables import KEPT_SCHEMA

PEOPLE: Final = "people.parquet"
TRIES: Final = 3


def crowds(
    plan: Plan, folder: Path, cache: Path | None = None, buckets: Sequence[int] = range(BUCKETS)
) -> Iterator[Crowd]:
    """Everybody with all their signals, as one crowd for each of these buckets; NoHistory when there is none.

    Two people of one organisation may stand in different buckets.
    """
    signals, people = columns_of(plan)
    for place in buckets:
        rows, members, sorted_already = tables_of(folder, place, signals, people)
        yield crowd_of_tables(plan, rows, members, cache, in_order=sorted_already)


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
    for _ in range(TRIES):
        manifest = manifest_of(folder)
        try:
            found = signals_of(folder, manifest, place, signals)
            return found, read_people(folder / PEOPLE, people, place), not manifest.tails_of(place)
        except FileNotFoundError:  # replaced by a build meanwhile
            continue
        except (OSError, pa.ArrowInvalid) as error:
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
    files = [path.as_posix() for path in files_of(folder)]
    looks = ", ".join(f'max("{name}")' if SIGNALS.get(name) != "string" else f'count("{name}")' for name in columns)
    names = ", ".join("'" + name.replace("'", "''") + "'" for name in files)
    found = ask(f"SELECT count(*) AS found, {looks} FROM read_parquet([{names}], hive_partitioning = false)")  # noqa: S608
    return int(found.column("found")[0].as_py())
