"""Written by no step: adds many rows to one table at once, or changes each to values of its own."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import connections, models, router


def update_each(rows: Iterable[models.Model], columns: Sequence[str]) -> None:
    """Save these columns of these rows. One prepared statement for all: many times faster than `bulk_update`."""
    found = list(rows)
    if not found:
        return
    meta: Any = found[0]._meta
    connection = connections[router.db_for_write(type(found[0]))]
    fields = [meta.get_field(name) for name in dict.fromkeys(columns)]  # PostgreSQL refuses a column named twice
    quote = connection.ops.quote_name
    changes = ", ".join(f"{quote(field.column)} = %s" for field in fields)
    statement = f"UPDATE {quote(meta.db_table)} SET {changes} WHERE {quote(meta.pk.column)} = %s"  # noqa: S608 (ours)
    values = [[_stored(row, field, connection) for field in fields] + [row.pk] for row in found]
    with connection.cursor() as cursor:
        cursor.executemany(statement, values)


def _stored(row: models.Model, field: Any, connection: Any) -> Any:
    return field.get_db_prep_save(getattr(row, field.attname), connection)


def add_each(rows: Iterable[models.Model]) -> None:
    """Insert these new rows of one table. They are not told the numbers which the database gives them."""
    found = list(rows)
    if not found:
        return
    meta: Any = found[0]._meta
    connection = connections[router.db_for_write(type(found[0]))]
    fields = [field for field in meta.concrete_fields if not field.primary_key]
    quote = connection.ops.quote_name
    names, places = ", ".join(quote(field.column) for field in fields), ", ".join("%s" for _ in fields)
    statement = f"INSERT INTO {quote(meta.db_table)} ({names}) VALUES ({places})"  # noqa: S608 (ours)
    with connection.cursor() as cursor:
        cursor.executemany(statement, [[_stored(row, field, connection) for field in fields] for row in found])


def put_each(
    table: type[models.Model],
    columns: Sequence[str],
    rows: Sequence[Sequence[Any]],
    *,
    merged: Mapping[str, str] | None = None,
) -> None:
    """Write rows of values, in the form in which the database keeps them: texts of JSON, times of the connection.

    The first column is unique: where it is known, the others are replaced, or become what `merged` says in SQL.
    """
    if not rows:
        return
    meta: Any = table._meta
    connection = connections[router.db_for_write(table)]
    fields = [meta.get_field(name) for name in columns]
    names = [field.column for field in fields]
    changes = {name: f"EXCLUDED.{name}" for name in names[1:]} | dict(merged or {})
    said = ", ".join(f"{name} = {value}" for name, value in changes.items())
    into = f"INSERT INTO {meta.db_table} ({', '.join(names)})"
    otherwise = f"ON CONFLICT ({names[0]}) DO UPDATE SET {said}"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":  # one statement with an array for each column
            given = ", ".join(f"%s::{field.db_type(connection)}[]" for field in fields)
            cells = [list(column) for column in zip(*rows, strict=True)]
            cursor.execute(f"{into} SELECT * FROM unnest({given}) {otherwise}", cells)  # noqa: S608 (ours)
        else:
            cursor.executemany(f"{into} VALUES ({', '.join('%s' for _ in names)}) {otherwise}", rows)
