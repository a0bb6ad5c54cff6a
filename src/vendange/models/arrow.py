"""Written by no step: reads signals and people as Arrow tables, in the form in which the engine compares.

PostgreSQL is read through ADBC, on a connection of its own, without one Python object per row. Inside a transaction
only Django's own connection sees all rows, unless the caller knows that what is wanted was `committed` before.

SQLite is always read through Django's connection: a second copy of SQLite in one process drops the locks of the first,
and another process could then write at the same time. A whole column comes as one text of JSON, a third of the cost of
rows.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
from django.db import connection

from vendange.engine.history.manifest import BUCKETS, Sums
from vendange.engine.schema import PEOPLE, SIGNALS
from vendange.engine.tables import KEPT_SCHEMA, PEOPLE_SCHEMA, folded
from vendange.models.reading import (
    AND_PERSON,
    COUNTS,
    LIST,
    PERSON_COLUMNS,
    SIGNAL_COLUMNS,
    from_acts,
    from_people,
    from_signals_of,
    from_signals_of_companies,
    listed,
    rows,
    since,
)

PIECE: Final = 200_000  # numbers of signals that are read at once
DJANGO_OPTIONS: Final = {"pool", "isolation_level", "assume_role", "server_side_binding"}
EVERY_SIGNAL: Final = f"FROM vendange_signal s {AND_PERSON} WHERE {COUNTS}"
EXACT: Final = "CASE WHEN s.value IS NOT NULL THEN printf('%!.17g', s.value) END"
TIMES: Final = frozenset({"at", "received", "person__known_since"})


def signals_of(
    people: Collection[int], columns: Collection[str] = tuple(SIGNALS), *, committed: bool = False
) -> pa.Table:
    """Every signal of these people that counts, in any order, with these columns; the others are unknown."""
    return _signals(from_signals_of(with_person="organisation" in columns), listed(people), columns, committed)


def signals_of_organisations(
    moments: Mapping[int, datetime],
    kinds: Collection[str],
    columns: Collection[str] = tuple(SIGNALS),
    *,
    committed: bool = False,
) -> pa.Table:
    """Signals of these kinds, each organisation's since its moment, of its people whom nobody has set aside."""
    return _signals(from_signals_of_companies(kinds), since(moments), columns, committed)


def acts_of(
    people: Collection[int],
    kinds: Collection[str],
    after: datetime | None,
    until: datetime,
    columns: Collection[str],
) -> pa.Table:
    """Signals of these kinds that count, of these people, after one moment, if any, and up to another."""
    return _signals(from_acts(kinds, after, until), listed(people), columns)


def people_of(
    people: Collection[int], columns: Collection[str] = tuple(PEOPLE), *, committed: bool = False
) -> pa.Table:
    """These people as they are known today."""
    chosen = {name: PERSON_COLUMNS[name] for name in PEOPLE if name in columns}
    return folded(_asked(chosen, from_people(listed=True), listed(people), committed), PEOPLE_SCHEMA)


def _signals(rest: str, given: str | None, columns: Collection[str], committed: bool = False) -> pa.Table:
    chosen = {name: column for name, column in SIGNAL_COLUMNS.items() if name in columns}
    return folded(_asked(chosen, rest, given, committed), KEPT_SCHEMA)


class DatabaseSource:
    """The database as the history reads it (`vendange.engine.history.building.Source`)."""

    def signals_since(self, id: int) -> Iterator[pa.Table]:
        """Every signal whose number is greater, piece by piece, up to the last one of now."""
        last = _number("SELECT coalesce(max(s.id), 0) FROM vendange_signal s")
        while id < last:
            following = _number(f"SELECT coalesce(min(s.id), 0) FROM vendange_signal s WHERE s.id > {id}")  # noqa: S608
            id, first = following + PIECE - 1, following
            found = _signals(
                f"{EVERY_SIGNAL} AND s.id >= {first} AND s.id <= {min(id, last)}", None, tuple(SIGNAL_COLUMNS)
            )
            if found.num_rows:
                yield found

    def signals_of_bucket(self, bucket: int) -> pa.Table:
        """Every signal of the people whose number leaves `bucket` when divided by 64."""
        return _signals(f"{EVERY_SIGNAL} AND s.person_id % {BUCKETS} = {int(bucket)}", None, tuple(SIGNAL_COLUMNS))

    def people(self) -> pa.Table:
        return folded(_asked(PERSON_COLUMNS, from_people(listed=False), None), PEOPLE_SCHEMA)

    def sums(self, until: int) -> Mapping[int, Sums]:
        """Of the signals whose number is at most `until`, for each bucket: see `engine.history.buckets.sums_of`."""
        printed = "((s.person_id * 1009 + s.id) % 100003)"
        asked = (
            f"SELECT s.person_id % {BUCKETS}, count(*), sum(s.id), sum({printed} * {printed})"  # noqa: S608
            f" FROM vendange_signal s WHERE {COUNTS} AND s.id <= {int(until)} GROUP BY 1"
        )
        return {int(bucket): (int(count), int(ids), int(print_)) for bucket, count, ids, print_ in rows(asked)}


def _number(sql: str) -> int:
    return int(rows(sql)[0][0])


def _asked(columns: Mapping[str, str], rest: str, given: str | None, committed: bool = False) -> pa.Table:
    """These columns as the database holds them, times as timestamps."""
    if connection.vendor == "sqlite":
        return _packed(columns, rest, given)
    said = ", ".join(f'{column} AS "{name}"' for name, column in columns.items())
    sql = f"SELECT {said} {rest}"
    if committed or not connection.in_atomic_block:
        return _through_adbc(sql, given)
    return _table(columns, zip(*rows(sql, given), strict=True))


def _packed(columns: Mapping[str, str], rest: str, given: str | None) -> pa.Table:
    """From SQLite: each column as one text. Numbers with a point come as texts of their own: JSON would round them."""
    said = ", ".join(f"json_group_array({EXACT if name == 'value' else column})" for name, column in columns.items())
    [texts] = rows(f"SELECT {said} {rest}", given)
    found = [msgspec.json.decode(text, type=list[_Cell]) for text in texts]
    return _table(columns, found)


_Cell = int | str | None


def _table(columns: Mapping[str, str], found: Any) -> pa.Table:
    cells = list(found) or [()] * len(columns)
    return pa.table({name: _array(name, column) for name, column in zip(columns, cells, strict=True)})


def _array(name: str, cells: Sequence[Any]) -> pa.Array:
    if name == "value":
        return pa.array([None if cell is None else float(cell) for cell in cells], pa.float64())
    if name not in TIMES:
        return pa.array(cells)
    if cells and isinstance(cells[0], str):
        return pc.cast(pa.array(cells, pa.string()), pa.timestamp("us"))
    return pa.array(cells, pa.timestamp("us", "UTC"))


def _through_adbc(sql: str, given: str | None) -> pa.Table:
    """On a connection of its own, opened for this one question: what is read so is large."""
    from adbc_driver_postgresql import dbapi
    from psycopg.conninfo import make_conninfo

    options = {name: value for name, value in connection.get_connection_params().items() if name not in LEFT_OUT}
    with dbapi.connect(make_conninfo(**options)) as reader, reader.cursor() as cursor:
        cursor.execute(sql.replace(LIST, "$1"), None if given is None else [given])
        return cursor.fetch_arrow_table()


LEFT_OUT: Final = {*DJANGO_OPTIONS, "context", "cursor_factory", "prepare_threshold"}
