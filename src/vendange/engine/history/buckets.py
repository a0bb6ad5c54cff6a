"""Signals and people as Parquet files, laid so that all signals of a person stand together, in order."""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from vendange.engine.history.files import placed
from vendange.engine.history.manifest import BUCKETS, NOTHING, Sums
from vendange.engine.schema import PEOPLE, SIGNALS, Type
from vendange.engine.tables import KEPT_SCHEMA, TEXT, folded

ROW_GROUP: Final = 1_000_000


def together(pieces: Iterable[pa.Table | pa.RecordBatch], schema: pa.Schema = KEPT_SCHEMA) -> pa.Table:
    """One table of the pieces, whatever form their texts have."""
    tables = [piece if isinstance(piece, pa.Table) else pa.Table.from_batches([piece]) for piece in pieces]
    known = [folded(table, schema) for table in tables]
    return pa.concat_tables(known).unify_dictionaries().combine_chunks() if known else schema.empty_table()


def ints(table: pa.Table, column: str) -> Any:
    return table.column(column).to_numpy()


def in_order(table: pa.Table) -> pa.Table:
    """Sorted by bucket, person, time and id."""
    person = ints(table, "person")
    by_time = (ints(table, "id"), ints(table, "at")) if "at" in table.column_names else ()
    return table.take(pa.array(np.lexsort((*by_time, person, person % BUCKETS))))


def sums_of(table: pa.Table) -> dict[int, Sums]:
    """Count, sum of ids and print of each bucket that has signals.

    The print is the sum of the squares of (person * 1009 + id) % 100003: another one when a signal changes its person.
    """
    person, id_ = ints(table, "person"), ints(table, "id")
    bucket = (person % BUCKETS).astype(np.uint8)
    order = np.argsort(bucket, kind="stable")
    places, first, counts = np.unique(bucket[order], return_index=True, return_counts=True)
    if not len(places):
        return {}
    ids = np.add.reduceat(id_[order], first)
    prints = np.add.reduceat((((person * 1009 + id_) % 100_003) ** 2)[order], first)
    rows = zip(places.tolist(), counts.tolist(), ids.tolist(), prints.tolist(), strict=True)
    return {place: (count, id_sum, print_) for place, count, id_sum, print_ in rows}


def write_bucket(path: Path, table: pa.Table) -> int:
    """One bucket's signals, sorted; the size of the file."""
    groups = [table.slice(start, ROW_GROUP) for start in range(0, table.num_rows, ROW_GROUP)]
    return _placed(path, groups or [table])


def write_all(path: Path, table: pa.Table) -> int:
    """Rows of every bucket, sorted, with one row group for each bucket; the size of the file."""
    borders = np.searchsorted(ints(table, "person") % BUCKETS, np.arange(BUCKETS + 1)).tolist()
    groups = [table.slice(low, high - low) for low, high in pairwise(borders)]
    return _placed(path, groups)


def _placed(path: Path, groups: Sequence[pa.Table]) -> int:
    placed(path, partial(_write, groups))
    return path.stat().st_size


def _write(groups: Sequence[pa.Table], path: Path) -> None:
    """Texts are written plain: the file then holds, for each row group, only the texts that are in it."""
    fields = [pa.field(field.name, pa.string() if field.type == TEXT else field.type) for field in groups[0].schema]
    schema = pa.schema(fields)
    with pq.ParquetWriter(path, schema, compression="zstd", write_page_checksum=True) as writer:
        for group in groups:
            writer.write_table(group.cast(schema), row_group_size=ROW_GROUP)


def read_signals(path: Path, columns: Sequence[str] | None = None, group: int | None = None) -> pa.Table:
    return _read(path, SIGNALS, columns, group)


def read_people(path: Path, columns: Sequence[str] | None = None, group: int | None = None) -> pa.Table:
    return _read(path, PEOPLE, columns, group)


def _read(path: Path, types: Mapping[str, Type], columns: Sequence[str] | None, group: int | None) -> pa.Table:
    """A file or one of its row groups, texts as dictionaries. OSError, ArrowInvalid: it is not there, or not whole."""
    texts = [name for name, type_ in types.items() if type_ == "string"]
    with pq.ParquetFile(path, read_dictionary=texts, page_checksum_verification=True) as file:
        if group is None:
            return file.read(columns)
        return file.read_row_group(group, columns)


def added(one: Mapping[int, Sums], other: Mapping[int, Sums]) -> dict[int, Sums]:
    return {place: sum_of(one.get(place, NOTHING), other.get(place, NOTHING)) for place in {*one, *other}}


def sum_of(one: Sums, other: Sums) -> Sums:
    return one[0] + other[0], one[1] + other[1], one[2] + other[2]
