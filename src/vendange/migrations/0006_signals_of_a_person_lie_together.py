"""On SQLite the index of a person's signals holds all that rules read: one place on the disk, not one for each row.

PostgreSQL keeps the narrow one: a row of its index may not be longer than 2,704 bytes, and a path may be.
"""

from typing import Any

from django.db import migrations

NARROW = "person_id, occurred_at"
WIDE = f"{NARROW}, kind, path, asset, campaign, channel, topic, value, origin, verdict"


def widen(_: Any, editor: Any) -> None:
    _index(editor, WIDE)


def narrow(_: Any, editor: Any) -> None:
    _index(editor, NARROW)


def _index(editor: Any, columns: str) -> None:
    if editor.connection.vendor == "sqlite":
        editor.execute("DROP INDEX signal_of_person")
        editor.execute(f"CREATE INDEX signal_of_person ON vendange_signal ({columns})")


class Migration(migrations.Migration):
    dependencies = [("vendange", "0005_answers_that_begin_an_agreement")]

    operations = [
        migrations.RunPython(widen, narrow, hints={"model_name": "signal"})
    ]  # not in the database of the inbox
