"""Written by no step: changes many rows of one table at once, each to values of its own."""

from collections.abc import Iterable, Sequence
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
