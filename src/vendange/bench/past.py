"""Lays the made-up company down as a history, as `vendange history build` does, and takes it up again next time."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec
import pyarrow as pa

from vendange.bench.generate import Company
from vendange.bench.size import END, Size
from vendange.engine.history.buckets import sums_of, write_all, write_bucket
from vendange.engine.history.manifest import BUCKETS, NOTHING, Bucket, Manifest, read_manifest, write_manifest
from vendange.engine.history.reading import PEOPLE

Tell = Callable[[int], None]
STEPS: Final = BUCKETS


def laid_down(size: Size, home: Path, tell: Tell = lambda _: None) -> Path:
    """The folder of the history of this company; made now when it is not there in full."""
    folder = size.folder(home) / "history"
    found = read_manifest(folder) if folder.is_dir() else None
    if found is None or not found.built_at:
        _lay_down(Company(size), folder, tell)
    return folder


def _lay_down(company: Company, folder: Path, tell: Tell) -> None:
    buckets = []
    for place in range(BUCKETS):
        buckets.append(_bucket(company, folder, place))
        tell(place + 1)
    people = pa.concat_tables([company.people(place) for place in range(BUCKETS)]).unify_dictionaries()
    write_all(folder / PEOPLE, people)
    manifest = Manifest(people=people.num_rows, buckets=tuple(buckets), built_at=END)
    write_manifest(folder, msgspec.structs.replace(manifest, number=BUCKETS, watermark=_highest_id(manifest)))


def _bucket(company: Company, folder: Path, place: int) -> Bucket:
    table = company.signals(place)
    if not table.num_rows:
        return Bucket()
    name = f"signals/bucket={place:02}/part-{place + 1:06}.parquet"
    size = write_bucket(folder / name, table)
    return Bucket(name, size, table.num_rows, sums_of(table).get(place, NOTHING))


def _highest_id(manifest: Manifest) -> int:
    return max(bucket.rows for bucket in manifest.buckets) * BUCKETS + BUCKETS
