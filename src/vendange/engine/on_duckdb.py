"""Asks the questions of a plan in DuckDB, inside this process: the only module that knows DuckDB.

Each thread has one connection of its own, which lives as long as the thread. It keeps nothing: tables are lent to it
by name for one question.
"""

import os
import threading
from collections.abc import Mapping
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from vendange.engine.compile import every_signal_sql, people_sql
from vendange.engine.crowd import NOBODY, Crowd
from vendange.engine.plan import Plan, words_for

if TYPE_CHECKING:
    import duckdb

Ints = npt.NDArray[np.int64]
Given: TypeAlias = Any  # pa.Table | Path of a Parquet file

SETTINGS: Final[Mapping[str, Any]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "preserve_insertion_order": True,  # what stands in order stays in order
    "python_enable_replacements": False,
}
IN_ORDER: Final = 'SELECT * FROM ({}) AS asked ORDER BY "person", "at", "id"'
PEOPLE_IN_ORDER: Final = 'SELECT * FROM ({}) AS asked ORDER BY "person"'


class UnreadableFile(Exception):
    """A Parquet file is not there, or it is damaged."""


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


def ask(sql: str, **tables: Given) -> pa.Table:
    """The whole answer to one question about these tables; a path stands for the Parquet file there.

    UnreadableFile: there is none, or it is damaged.
    """
    import duckdb

    mine = connection()
    lent = {name: table for name, table in tables.items() if not isinstance(table, Path)}
    files = [
        f'"{name}" AS NOT MATERIALIZED (FROM {parquet(path)})'
        for name, path in tables.items()
        if isinstance(path, Path)
    ]
    for name, table in lent.items():
        mine.register(name, table)
    try:
        return mine.sql(f"WITH {', '.join(files)} {sql}" if files else sql).to_arrow_table()
    except duckdb.Error as error:
        if files:
            raise UnreadableFile(str(error)) from error
        raise
    finally:
        for name in lent:
            mine.unregister(name)


def parquet(*paths: Path) -> str:
    """These files as a table, in SQL."""
    names = ", ".join("'" + path.as_posix().replace("'", "''") + "'" for path in paths)
    return f"read_parquet([{names}], hive_partitioning = false)"


def crowd_of_tables(
    plan: Plan, signals: Given, people: Given, cache: Path | None = None, *, in_order: bool = False
) -> Crowd:
    """The same as `crowd_of_rows`, of tables in engine form (engine.tables) or their files, as numpy columns.

    `in_order`: the signals stand sorted by person, at and id already. Signals of persons that `people` does not hold
    are left out. `cache`: a folder for texts of SQL.
    """
    known = ask(PEOPLE_IN_ORDER.format(people_sql(plan, "duckdb", cache)), people=people)
    return assembled(plan, asked_of(plan, signals, cache, in_order=in_order), known)


def asked_of(plan: Plan, signals: Given, cache: Path | None, *, in_order: bool) -> pa.Table:
    """The answers of signals, sorted by person, at and id, without those that answer nothing (`signals_sql`)."""
    text = every_signal_sql(plan, "duckdb", cache)
    asked = _answering(plan, ask(text if in_order else IN_ORDER.format(text), signals=signals))
    return asked if not in_order or _is_in_order(asked) else ask(IN_ORDER.format("FROM signals"), signals=asked)


def _answering(plan: Plan, asked: pa.Table) -> pa.Table:
    if plan.keeps_all_signals:
        return asked
    answered = reduce(np.bitwise_or, (numbers(asked, f"mask{word}") for word in range(plan.words))) != 0
    return asked if answered.all() else asked.filter(pa.array(answered))


def _is_in_order(asked: pa.Table) -> bool:
    """DuckDB says that it keeps the order of what it reads; a wrong one would be wrong measures, silently."""
    persons, at = numbers(asked, "person"), numbers(asked, "at")
    return bool(np.all((persons[1:] > persons[:-1]) | ((persons[1:] == persons[:-1]) & (at[1:] >= at[:-1]))))


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
