"""All signals of the past as Parquet files in 64 buckets by person, kept in step with the database.

New signals are added as a tail; a tail that has grown is merged into its bucket. Each build compares every bucket with
the database and writes anew those that differ: so deletions, erasures, merged persons and late verdicts reach it. A
build that is cut off at any moment leaves a history that can be read, and the next one goes on from there.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from time import time_ns
from typing import Final, Protocol

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from vendange.engine.history.buckets import added, in_order, ints, sum_of, sums_of, together, write_all, write_bucket
from vendange.engine.history.files import UNFINISHED, alone_in
from vendange.engine.history.manifest import (
    BUCKETS,
    NOTHING,
    Bucket,
    Manifest,
    Sums,
    Tail,
    read_manifest,
    write_manifest,
)
from vendange.engine.history.reading import PEOPLE, manifest_of, signals_of
from vendange.engine.tables import PEOPLE_SCHEMA

TAIL_ROWS: Final = 2_000_000  # signals of one tail file
FEW: Final = 20_000  # signals in the tails of a bucket that are never worth a merge
SHARE: Final = 8  # nor are those that make less than this part of it
TAILS: Final = 40  # more files than that slow every reader down

Tell = Callable[[str, int], None]  # (what is being done, how many so far)


def silent(what: str, count: int) -> None:
    """Tells nobody."""


class Source(Protocol):
    """Where the history comes from. Signals are tables in engine form plus `received` int64 (tables.KEPT_SCHEMA)."""

    def signals_since(self, id: int) -> Iterator[pa.RecordBatch | pa.Table]:
        """Every signal whose id is greater, in any order, in pieces of any size."""
        ...

    def signals_of_bucket(self, bucket: int) -> pa.Table:
        """Every signal of the people whose number leaves `bucket` when divided by 64."""
        ...

    def people(self) -> pa.Table:
        """Everybody who is known today, with or without signals (tables.PEOPLE_SCHEMA)."""
        ...

    def sums(self, until: int) -> Mapping[int, Sums]:
        """Of the signals whose id is at most `until`, for each bucket that has some: see `buckets.sums_of`."""
        ...


@dataclass(frozen=True, slots=True)
class Built:
    """What one build did."""

    added: int  # signals read as new
    mended: tuple[int, ...]  # buckets that differed from the database
    merged: int  # buckets whose tails were merged


@dataclass(frozen=True, slots=True)
class Status:
    signals: int
    people: int
    size: int  # bytes
    buckets: int  # with signals
    tails: int  # files that wait to be merged
    watermark: int  # highest id of a signal that was read
    built_at: int  # microseconds, 0 when no build has come to its end
    differs: tuple[int, ...] | None  # buckets that differ from the database; None: not compared
    people_whole: bool = True  # whether the file of the people can be read and holds as many as it should


def build(source: Source, folder: Path, *, compact: bool = False, tell: Tell = silent) -> Built:
    """Bring the history up to what the database holds. `compact`: merge every tail. Busy: another build runs."""
    with alone_in(folder):
        building = _Building(source, folder, tell)
        building.sweep()
        count = building.add_new()
        mended = building.mend()
        merged = building.merge(everything=compact)
        building.save(msgspec.structs.replace(building.manifest, built_at=time_ns() // 1000))
        building.sweep()
        return Built(count, mended, merged)


class _Building:
    """One build; the manifest is saved after each step that stands by itself."""

    def __init__(self, source: Source, folder: Path, tell: Tell) -> None:
        self.source, self.folder, self.tell = source, folder, tell
        self.manifest = read_manifest(folder) or Manifest()
        self.number = self.manifest.number

    def save(self, manifest: Manifest) -> None:
        self.manifest = msgspec.structs.replace(manifest, number=self.number)
        write_manifest(self.folder, self.manifest)

    def next_number(self) -> int:
        self.number += 1
        return self.number

    def sweep(self) -> None:
        """Delete what a build that was cut off has left, and what is replaced: nobody erased stays on the disk."""
        listed = {self.folder / name for name in self.manifest.files}
        found = [*self.folder.glob("signals/*/*"), *self.folder.glob("tail/*"), *self.folder.glob(f"*{UNFINISHED}")]
        for path in found:
            if path not in listed:
                path.unlink(missing_ok=True)

    def add_new(self) -> int:
        """Everything above the watermark goes to tails. People come after the signals, so that nobody is missing."""
        tails: list[Tail] = []
        sums: dict[int, Sums] = {}
        watermark, count = self.manifest.watermark, 0
        for table in _gathered(self.source.signals_since(watermark)):
            tails.append(self._tail(table))
            sums = added(sums, sums_of(table))
            watermark = max(watermark, int(ints(table, "id").max()))
            count += table.num_rows
            self.tell("signals read", count)
        people = in_order(together([self.source.people()], PEOPLE_SCHEMA))
        write_all(self.folder / PEOPLE, people)
        buckets = tuple(
            msgspec.structs.replace(bucket, sums=sum_of(bucket.sums, sums.get(place, NOTHING)))
            for place, bucket in enumerate(self.manifest.buckets)
        )
        known = msgspec.structs.replace(self.manifest, people=people.num_rows, watermark=watermark)
        self.save(msgspec.structs.replace(known, buckets=buckets, tails=(*known.tails, *tails)))
        return count

    def _tail(self, table: pa.Table) -> Tail:
        number = self.next_number()
        name = f"tail/{number:06}.parquet"
        return Tail(number, name, write_all(self.folder / name, in_order(table)))

    def mend(self) -> tuple[int, ...]:
        """Buckets that differ from the database, or whose file was lost, are written anew from the database."""
        sums = self.source.sums(self.manifest.watermark)
        wrong = tuple(place for place in range(BUCKETS) if self._is_wrong(place, sums.get(place, NOTHING)))
        for count, place in enumerate(wrong, 1):
            self._rewrite(place)
            self.tell("buckets mended", count)
        return wrong

    def _is_wrong(self, place: int, sums: Sums) -> bool:
        bucket = self.manifest.buckets[place]
        return bucket.sums != tuple(sums) or not _is_whole(self.folder, self.manifest, place)

    def _rewrite(self, place: int) -> None:
        """What came after the watermark is left to the next build, which will find it there."""
        table = together([self.source.signals_of_bucket(place)])
        self._put(place, table.filter(pa.array(ints(table, "id") <= self.manifest.watermark)))

    def merge(self, *, everything: bool) -> int:
        many = everything or len(self.manifest.tails) > TAILS
        grown = [place for place in range(BUCKETS) if self._has_grown(place, always=many)]
        for count, place in enumerate(grown, 1):
            self._merge(place)
            self.tell("buckets merged", count)
        return len(grown)

    def _has_grown(self, place: int, *, always: bool) -> bool:
        bucket = self.manifest.buckets[place]
        return bucket.waiting > 0 and (always or not bucket.file or bucket.waiting > max(FEW, bucket.rows // SHARE))

    def _merge(self, place: int) -> None:
        try:
            table = signals_of(self.folder, self.manifest, place)
        except (OSError, pa.ArrowInvalid):  # a damaged file
            return self._rewrite(place)
        return self._put(place, table)

    def _put(self, place: int, table: pa.Table) -> None:
        number = self.next_number()
        name = f"signals/bucket={place:02}/part-{number:06}.parquet" if table.num_rows else ""
        size = write_bucket(self.folder / name, in_order(table)) if name else 0
        sums = sums_of(table).get(place, NOTHING)
        newest = max((tail.number for tail in self.manifest.tails), default=0)
        self.save(self.manifest.with_bucket(place, Bucket(name, size, table.num_rows, sums, newest)))


def _gathered(pieces: Iterator[pa.RecordBatch | pa.Table]) -> Iterator[pa.Table]:
    """Pieces put together until they are worth a file."""
    waiting: list[pa.RecordBatch | pa.Table] = []
    rows = 0
    for piece in pieces:
        waiting.append(piece)
        rows += piece.num_rows
        if rows >= TAIL_ROWS:
            yield together(waiting)
            waiting, rows = [], 0
    if rows:
        yield together(waiting)


def _is_whole(folder: Path, manifest: Manifest, place: int) -> bool:
    """Whether every file of a bucket stands there with the size it was written with."""
    bucket = manifest.buckets[place]
    files = [(bucket.file, bucket.size)] if bucket.file else []
    files += [(tail.file, tail.size) for tail in manifest.tails_of(place)]
    return all((folder / name).is_file() and (folder / name).stat().st_size == size for name, size in files)


def status(folder: Path, source: Source | None = None) -> Status:
    """How the history stands; with a source, also where it differs from the database. NoHistory: there is none."""
    manifest = manifest_of(folder)
    differs = None
    if source is not None:
        sums = source.sums(manifest.watermark)
        differs = tuple(
            place
            for place, bucket in enumerate(manifest.buckets)
            if bucket.sums != tuple(sums.get(place, NOTHING)) or not _is_whole(folder, manifest, place)
        )
    files = [folder / name for name in (*manifest.files, PEOPLE)]
    return Status(
        signals=sum(bucket.sums[0] for bucket in manifest.buckets),
        people=manifest.people,
        size=sum(path.stat().st_size for path in files if path.exists()),
        buckets=sum(bucket.sums[0] > 0 for bucket in manifest.buckets),
        tails=len(manifest.tails),
        watermark=manifest.watermark,
        built_at=manifest.built_at,
        differs=differs,
        people_whole=_people_whole(folder, manifest),
    )


def _people_whole(folder: Path, manifest: Manifest) -> bool:
    try:
        return bool(pq.read_metadata(folder / PEOPLE).num_rows == manifest.people)
    except FileNotFoundError:
        return not manifest.built_at
    except (OSError, pa.ArrowInvalid):
        return False
