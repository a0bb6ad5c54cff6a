"""A database with the made-up company in it, filled the fast way and kept for the next time.

Everything here runs in a process of its own, whose environment says which database is meant.
"""

import io
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from vendange.agreement.vocabulary import LEVELS, TIERS
from vendange.bench.size import Size
from vendange.engine.history.manifest import read_manifest
from vendange.engine.history.reading import PEOPLE, files_of
from vendange.engine.on_duckdb import ask, parquet

SLAB: Final = 1_500_000  # rows that are carried over at once
LEAST_FREE: Final = 450  # bytes of disk for each signal, indexes included


class Foreign(Exception):
    """The database holds something else than this made-up company."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the database is: a home with SQLite files, or an address."""

    size: Size
    history: Path
    home: Path
    url: str = ""

    @property
    def mark(self) -> str:
        """Name of the source that says whose data this is."""
        return f"bench {self.size.name}"


def enter(place: Place) -> None:
    """Turn this process to that database."""
    place.home.mkdir(parents=True, exist_ok=True)
    os.environ["VENDANGE_HOME"] = str(place.home)
    os.environ["DATABASE_URL"] = place.url
    os.environ["DJANGO_SETTINGS_MODULE"] = "vendange.settings"
    import django

    django.setup()


def fill(place: Place) -> bool:
    """Make the tables and bring everybody in, unless they are there already; whether they had to be. Foreign."""
    enter(place)
    from django.core.management import call_command

    from vendange.models import Person, Source

    call_command("migrate", verbosity=0, interactive=False)
    if Source.objects.filter(name=place.mark).exists():
        return False
    if Person.objects.exists():
        raise Foreign
    loader = _Loader(place)
    loader.organisations()
    loader.people()
    loader.signals()
    loader.finish()
    return True


class _Loader:
    """Carries tables of the history over. Indexes are made after the rows, in one go each."""

    def __init__(self, place: Place) -> None:
        from django.db import connection

        self.place, self.connection = place, connection
        self.on_sqlite = connection.vendor == "sqlite"
        self.indexes: list[str] = []

    def organisations(self) -> None:
        from vendange.models import Organisation

        people = parquet(self.place.history / PEOPLE)
        given = {
            "id": "organisation",
            "public_id": self.uuid("organisation", 1),
            "name": "'Organisation ' || organisation",
            "domain": "'o' || organisation || '.example'",
            "employees": "CAST(any_value(organisation__employees) AS BIGINT)",
            "tier": self.code("any_value(organisation__tier)", tuple(reversed(TIERS))),
            "created_at": self.moment(0),
            **{
                name: f"coalesce(any_value(organisation__{name}), '')"
                for name in ("country", "postal_code", "region", "industry")
            },
        }
        rest = f"FROM {people} WHERE organisation IS NOT NULL GROUP BY organisation ORDER BY organisation"
        self.carry(Organisation, given, [rest])

    def people(self) -> None:
        from vendange.models import Person

        given = {
            "id": "person",
            "public_id": self.uuid("person", 2),
            "organisation_id": "organisation",
            "first_name": "'Person'",
            "last_name": "'Number ' || person",
            "email": "'p' || person || '@o' || coalesce(organisation, 0) || '.example'",
            "job_title": "coalesce(person__job_title, '')",
            "level": self.code("person__level", LEVELS),
            **{name: f"coalesce(person__{name}, '')" for name in ("role", "country", "language", "source")},
            "created_at": self.moment("person__known_since"),
        }
        source, most = parquet(self.place.history / PEOPLE), self.place.size.people
        self.carry(Person, given, _slabs(f"FROM {source}", "person", most))

    def signals(self) -> None:
        from django.utils import timezone

        from vendange.models import Signal, Source

        manifest = read_manifest(self.place.history)
        pending = Source.objects.create(
            name="bench, being filled", kind="import", write_key="bench", created_at=timezone.now()
        )
        given = {
            "id": "id",
            "person_id": "person",
            "source_id": str(pending.pk),
            "message_id": "'b' || lpad(CAST(id AS VARCHAR), 12, '0')",
            "kind": "kind",
            "occurred_at": self.moment('"at"'),
            "received_at": self.moment("received"),
            "value": "value",
            "origin": "coalesce(origin, 'observed')",
            **{name: f"coalesce({name}, '')" for name in ("path", "asset", "campaign", "channel", "topic")},
        }
        source = parquet(*files_of(self.place.history))
        self.carry(Signal, given, _slabs(f"FROM {source}", "id", manifest.watermark if manifest else 0))

    def finish(self) -> None:
        from vendange.models import Source

        with self.connection.cursor() as cursor:
            for sql in self.indexes:
                cursor.execute(sql)
            if self.on_sqlite:
                cursor.execute("PRAGMA analysis_limit = 1000")  # a whole analysis reads every index for minutes
            cursor.execute("ANALYZE")
            if not self.on_sqlite:
                for table in ("signal", "person", "organisation"):
                    numbers = f"pg_get_serial_sequence('vendange_{table}', 'id')"
                    cursor.execute(f"SELECT setval({numbers}, (SELECT max(id) FROM vendange_{table}))")  # noqa: S608
        Source.objects.filter(name="bench, being filled").update(name=self.place.mark)

    def carry(self, model: Any, given: dict[str, str], rests: Sequence[str] | Iterator[str]) -> None:
        """Rows of `given` (column: SQL of DuckDB); other columns get the default of their field."""
        columns = given | {
            field.column: _default(field)
            for field in model._meta.concrete_fields
            if field.column not in given and not field.null
        }
        table = model._meta.db_table
        self.drop_indexes(table)
        said = ", ".join(f'{sql} AS "{name}"' for name, sql in columns.items())
        for rest in rests:
            self.write(table, ask(f"SELECT {said} {rest}"))

    def drop_indexes(self, table: str) -> None:
        """Keys and constraints stay; what is dropped is made again by `finish`."""
        sql = (
            "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = %s AND sql IS NOT NULL"
            if self.on_sqlite
            else "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = %s AND indexname NOT IN"
            " (SELECT conname FROM pg_constraint)"
        )
        with self.connection.cursor() as cursor:
            cursor.execute(sql, [table])
            found = cursor.fetchall()
            for name, _ in found:
                cursor.execute(f'DROP INDEX "{name}"')
        self.indexes += [made for _, made in found]

    def write(self, table: str, rows: pa.Table) -> None:
        if self.on_sqlite:
            self.write_sqlite(table, rows)
        else:
            self.write_postgresql(table, rows)

    def write_sqlite(self, table: str, rows: pa.Table) -> None:
        names = ", ".join(f'"{name}"' for name in rows.column_names)
        marks = ", ".join("?" * rows.num_columns)
        self.connection.ensure_connection()
        bare = self.connection.connection
        bare.execute("PRAGMA synchronous = OFF")
        bare.execute("PRAGMA foreign_keys = OFF")
        bare.execute("BEGIN")
        for batch in rows.to_batches(max_chunksize=50_000):
            lines = zip(*(column.to_pylist() for column in batch.columns), strict=True)
            bare.executemany(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', lines)  # noqa: S608
        bare.execute("COMMIT")
        bare.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def write_postgresql(self, table: str, rows: pa.Table) -> None:
        from pyarrow import csv

        names = ", ".join(f'"{name}"' for name in rows.column_names)
        with self.connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")  # the rows refer to rows that are there
            with cursor.copy(f'COPY "{table}" ({names}) FROM STDIN (FORMAT csv)') as copy:
                for batch in rows.to_batches(max_chunksize=50_000):
                    text = io.BytesIO()
                    csv.write_csv(batch, text, csv.WriteOptions(include_header=False))
                    copy.write(text.getvalue())
            cursor.execute("SET session_replication_role = origin")

    def moment(self, micros: str | int) -> str:
        """A moment as the database keeps it."""
        return f"strftime(make_timestamp({micros}), '%Y-%m-%d %H:%M:%S.%f{'' if self.on_sqlite else '+00'}')"

    def uuid(self, number: str, family: int) -> str:
        """A made-up public id, its own for each number."""
        plain = f"'018{family}0000000070008000' || lpad(to_hex({number}), 12, '0')"
        return plain if self.on_sqlite else f"CAST(CAST({plain} AS UUID) AS VARCHAR)"

    def code(self, place: str, codes: Sequence[str]) -> str:
        listed = ", ".join(f"'{code}'" for code in codes)
        return f"coalesce(list_extract([{listed}], CAST({place} AS BIGINT) + 1), '')"


def _slabs(source: str, number: str, most: int) -> Iterator[str]:
    for low in range(0, most + 1, SLAB):
        yield f"{source} WHERE {number} >= {low} AND {number} < {low + SLAB} ORDER BY {number}"


def _default(field: Any) -> str:
    """What a field holds when nobody says anything, in SQL."""
    value = field.get_default()
    if isinstance(value, dict | list):
        return "'{}'" if isinstance(value, dict) else "'[]'"
    return f"'{value or ''}'"
