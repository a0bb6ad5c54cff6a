"""Asks the questions of a plan in DuckDB, inside this process: the only module that knows DuckDB.

Each thread has one connection of its own, which lives as long as the thread. It sees no file and no network; tables
are lent to it by name for one question.
"""

import os
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from vendange.engine.compile import people_sql, signals_sql
from vendange.engine.crowd import NOBODY, Crowd
from vendange.engine.plan import Plan, words_for

if TYPE_CHECKING:
    import duckdb

Ints = npt.NDArray[np.int64]

SETTINGS: Final[Mapping[str, Any]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "python_enable_replacements": False,
}
IN_ORDER: Final = 'SELECT * FROM ({}) AS asked ORDER BY "person", "at", "id"'
PEOPLE_IN_ORDER: Final = 'SELECT * FROM ({}) AS asked ORDER BY "person"'


class _Mine(threading.local):
    connection: "duckdb.DuckDBPyConnection | None" = None
    process = 0


_mine = _Mine()


def connection() -> "duckdb.DuckDBPyConnection":
    """The connection of this thread; a child process never uses that of its parent."""
    import duckdb

    if _mine.connection is None or _mine.process != os.getpid():
        _mine.connection = duckdb.connect(config=dict(SETTINGS))
        _mine.process = os.getpid()
    return _mine.connection


def ask(sql: str, **tables: pa.Table) -> pa.Table:
    """The whole answer to one question about these tables."""
    mine = connection()
    for name, table in tables.items():
        mine.register(name, table)
    try:
        return mine.sql(sql).to_arrow_table()
    finally:
        for name in tables:
            mine.unregister(name)


def crowd_of_tables(
    plan: Plan, signals: pa.Table, people: pa.Table, cache: Path | None = None, *, in_order: bool = False
) -> Crowd:
    """The same as `crowd_of_rows`, of tables in engine form (engine.tables), as numpy columns.

    `in_order`: the signals stand sorted by person, at and id already. Signals of persons that `people` does not hold
    are left out. `cache`: a folder for texts of SQL.
    """
    text = signals_sql(plan, "duckdb", cache)
    asked = ask(text if in_order else IN_ORDER.format(text), signals=signals)
    known = ask(PEOPLE_IN_ORDER.format(people_sql(plan, "duckdb", cache)), people=people)
    return assembled(plan, asked, known)


def assembled(plan: Plan, asked: pa.Table, known: pa.Table) -> Crowd:
    """One crowd of the answers of `signals_sql`, sorted by person, at and id, and of `people_sql`, sorted by person."""
    everybody = numbers(known, "person")
    asked, starts = _belonging(asked, everybody)
    organisations = pc.fill_null(known.column("organisation"), NOBODY)
    return Crowd(
        people=everybody,
        organisations=_flat(organisations),
        fit=_words(known, "fit", words_for(plan.fit)),
        aside=_words(known, "aside", words_for(plan.aside)),
        starts=starts,
        at=numbers(asked, "at"),
        ids=numbers(asked, "id"),
        masks=_words(asked, "mask", plan.words),
        weights=_flat(asked.column("weight")) if plan.agreement.weights else np.empty(0, np.float64),
        contents=_codes(asked.column("content")) if plan.limits.contents else np.empty(0, np.int64),
    )


def _belonging(asked: pa.Table, everybody: Ints) -> tuple[pa.Table, Ints]:
    """The signals of these people only, and where those of each begin."""
    persons = numbers(asked, "person")
    first = np.searchsorted(persons, everybody, "left").astype(np.int64)
    last = np.searchsorted(persons, everybody, "right").astype(np.int64)
    if int((last - first).sum()) != len(persons):
        return _belonging(asked.filter(pa.array(np.isin(persons, everybody))), everybody)
    return asked, np.append(first, len(persons))


def numbers(table: pa.Table, column: str) -> Any:
    return _flat(table.column(column))


def _flat(column: pa.ChunkedArray) -> Any:
    return np.ascontiguousarray(column.to_numpy())


def _words(table: pa.Table, name: str, words: int) -> Any:
    columns = [numbers(table, f"{name}{word}") for word in range(words)]
    return columns[0] if words == 1 else np.concatenate(columns)


def _codes(texts: pa.ChunkedArray) -> Any:
    """A number for each distinct text."""
    coded = texts.dictionary_encode().unify_dictionaries()
    return _flat(pa.chunked_array([chunk.indices for chunk in coded.chunks], pa.int32()).cast(pa.int64()))
