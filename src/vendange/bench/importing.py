"""The bench of importing: a file of people with their companies through the job that pages and commands begin too, then
the search for duplicates among them; beside bare inserts of the same rows into the same tables.
"""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from vendange.bench.clock import Spent, alone, peak, spending
from vendange.bench.database import Place, enter
from vendange.bench.people_file import HOW, write_people
from vendange.bench.result import Result
from vendange.bench.server import Server, postgresql
from vendange.bench.size import Size

WANTED: Final = 5_000  # rows a second of one core, on SQLite
TOGETHER: Final = 60.0  # seconds for LEADS and the search for duplicates among them
LEADS: Final = 100_000
NAMES: Final = ("ours", "bare")  # of databases
PIECE: Final = 2_000  # rows of one transaction of the bare inserts
# What an import writes, each after what it names.
TABLES: Final = (
    "job", "source", "importbatch", "organisation", "person", "identity", "fact", "consent", "touched", "importstep",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ask:
    """`server`: whose processor time counts too; None on SQLite, where all is done by this process."""

    place: Place
    server: Server | None
    file: Path


@dataclass(frozen=True, slots=True)
class Brought:
    spent: Spent
    peak: float
    rows: Mapping[str, int]  # in each table
    told: Mapping[str, Any]


def bench_import(folder: Path, rows: int, seed: int, *, embedded: bool) -> list[Result]:
    """On SQLite, and with `embedded` on PostgreSQL. What it makes under `folder` is taken away again. NoServer."""
    shutil.rmtree(folder, ignore_errors=True)
    size = Size.of(people=rows, signals=None, seed=seed)
    file = folder / "people.csv"
    try:
        write_people(file, rows, seed)
        ours, limit = (Ask(Place(size, folder, folder / name), None, file) for name in NAMES)
        results = _compared(ours, limit, "sqlite")
        if embedded:
            with postgresql(folder / "postgresql") as server:
                homes = [Place(size, folder, folder / f"home-{name}", _database(server, name)) for name in NAMES]
                ours, limit = (Ask(place, server, file) for place in homes)
                results += _compared(ours, limit, "postgresql")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return results


def _database(server: Server, name: str) -> str:
    import psycopg

    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return server.url.removesuffix("/postgres") + f"/{name}"


def _compared(ours: Ask, limit: Ask, vendor: str) -> list[Result]:
    brought: Brought = alone(_bring, ours)
    searched: Brought = alone(_search, ours)
    bare: Spent = alone(_insert_bare, ours, limit)
    return _results(ours.place.size.people, vendor, brought, searched, bare)


# In a process of its own


@contextmanager
def _with_server(server: Server | None) -> Iterator[Spent]:
    """Processor time of this process, and of the server that works for it."""
    before = (server.cpu() if server else None) or 0.0
    with spending() as spent:
        yield spent
    if server:
        spent.cpu += (server.cpu() or before) - before


def _bring(ask: Ask) -> Brought:
    enter(ask.place)
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)
    from vendange.bring import actions as bring
    from vendange.journey import bringing
    from vendange.models.job import keep_what_stands

    keep_what_stands()
    now = datetime.now(UTC)
    with _with_server(ask.server) as spent, ask.file.open("rb") as stream:
        batch = bring.bring(stream, ask.file.name, None, now)
        bring.choose(batch, HOW, now)
        told = bringing.run(bring.ask(batch, dry_run=False, by=None, now=now), _say_nothing, _go_on)
    return Brought(spent, peak(), _counted(), told)


def _search(ask: Ask) -> Brought:
    enter(ask.place)
    from vendange.models.job import keep_what_stands
    from vendange.unite import actions as unite

    keep_what_stands()
    with _with_server(ask.server) as spent:
        told = unite.run(unite.ask(by=None, now=datetime.now(UTC)), _say_nothing, _go_on)
    return Brought(spent, peak(), {}, told)


def _say_nothing(_what: str, _done: int, _total: int) -> None: ...


def _go_on() -> bool:
    return False


def _counted() -> dict[str, int]:
    from django.apps import apps

    return {name: apps.get_model("vendange", name)._default_manager.count() for name in TABLES}


def _insert_bare(ours: Ask, limit: Ask) -> Spent:
    """The rows of one database into the empty tables of another, by the bare driver: only the inserts count."""
    enter(limit.place)
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)
    return _into_postgresql(ours, limit) if limit.server else _into_sqlite(ours)


def _into_sqlite(ours: Ask) -> Spent:
    import sqlite3

    from django.db import connection

    connection.ensure_connection()
    into, spent = connection.connection, Spent()
    out = sqlite3.connect(ours.place.home / "vendange.sqlite3")
    for table in TABLES:
        rows = out.execute(f"SELECT * FROM vendange_{table} ORDER BY id")  # noqa: S608 (ours)
        names = ", ".join(f'"{column[0]}"' for column in rows.description)
        marks = ", ".join("?" * len(rows.description))
        insert = f"INSERT INTO vendange_{table} ({names}) VALUES ({marks})"  # noqa: S608 (ours)
        while piece := rows.fetchmany(PIECE):
            with _added(spent):
                into.execute("BEGIN IMMEDIATE")
                into.executemany(insert, piece)
                into.execute("COMMIT")
    return spent


@contextmanager
def _added(spent: Spent, server: Server | None = None) -> Iterator[None]:
    with _with_server(server) as this:
        yield
    spent.cpu += this.cpu
    spent.wall += this.wall


def _into_postgresql(ours: Ask, limit: Ask) -> Spent:
    import psycopg

    spent = Spent()
    with psycopg.connect(ours.place.url) as out, psycopg.connect(limit.place.url) as into:
        for table in TABLES:
            kept = ours.file.with_suffix(".copied")
            asked = out.execute(f"SELECT * FROM vendange_{table} LIMIT 0")  # noqa: S608 (ours)
            columns = ", ".join(f'"{column.name}"' for column in asked.description or ())
            query = f"COPY (SELECT {columns} FROM vendange_{table} ORDER BY id) TO STDOUT"  # noqa: S608 (ours)
            with kept.open("wb") as file, out.cursor().copy(query) as copy:
                file.writelines(copy)
            with _added(spent, limit.server), kept.open("rb") as file:
                with into.cursor().copy(f"COPY vendange_{table} ({columns}) FROM STDIN") as copy:
                    while piece := file.read(1 << 20):
                        copy.write(piece)
                into.commit()
    return spent


# What is told


def _results(rows: int, vendor: str, brought: Brought, searched: Brought, bare: Spent) -> list[Result]:
    size, cpu = f"{rows:,} rows, {vendor}", brought.spent.cpu
    told = {"at_least": True, "seconds": round(cpu, 2), "rows_of_tables": dict(brought.rows)}
    wall, together = brought.spent.wall + searched.spent.wall, cpu + searched.spent.cpu
    judged = rows == LEADS
    return [
        Result(
            f"import, {size}", "rows/s of a core", rows / cpu, rows / bare.cpu,
            WANTED if vendor == "sqlite" else None, told,
        ),
        Result(
            f"import, {size}, wall", "rows/s", rows / brought.spent.wall, rows / bare.wall, None, {"at_least": True}
        ),
        Result(f"import, {size}, memory", "GB", brought.peak, None, None),
        Result(f"duplicates searched, {size}", "CPU s", searched.spent.cpu, None, None, dict(searched.told)),
        Result(f"duplicates searched, {size}, memory", "GB", searched.peak, None, None),
        Result(f"import and search for duplicates, {size}", "s", wall, None, TOGETHER if judged else None),
        Result(
            f"import and search for duplicates, {size}, processor", "CPU s", together, None,
            TOGETHER if judged else None,
        ),
    ]  # fmt: skip
