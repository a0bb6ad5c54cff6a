"""The words of people and companies, and the triggers that mark whose words have changed.

Everybody is only marked here; the worker writes the words down in batches afterwards, so that an upgrade with a million
people takes seconds, and one that is broken off goes on where it stood.

A later migration that makes `vendange_person`, `vendange_organisation` or `vendange_identity` anew on SQLite loses
the triggers with the old table: it must call `lay_triggers` of this one again (a test says so).
"""

from typing import Any

from django.db import migrations, models

KINDS = ("person", "organisation")
LAST_FIRST = "person_last_to_act_first"
NEW_ONE = "INSERT INTO vendange_foundmark (kind, ref) VALUES ('{kind}', {row}.id)"
COLLEAGUES = (
    "INSERT INTO vendange_foundmark (kind, ref) SELECT 'person', id FROM vendange_person WHERE organisation_id = NEW.id"
)
BEARER = "INSERT INTO vendange_foundmark (kind, ref) VALUES ('person', {row}.person_id)"
READ = {
    "person": (
        "first_name", "last_name", "email", "phone", "phone_raw", "job_title", "organisation_id", "merged_into_id"
    ),
    "organisation": ("name", "domain", "registry_number", "city"),
    "identity": ("person_id", "value"),
}  # fmt: skip
# Table, moment, what is done then.
TRIGGERS = (
    ("person", "INSERT", (NEW_ONE.format(kind="person", row="NEW"),)),
    ("person", "UPDATE", (NEW_ONE.format(kind="person", row="NEW"),)),
    ("person", "DELETE", (NEW_ONE.format(kind="person", row="OLD"),)),
    ("organisation", "INSERT", (NEW_ONE.format(kind="organisation", row="NEW"),)),
    ("organisation", "UPDATE", (NEW_ONE.format(kind="organisation", row="NEW"), COLLEAGUES)),
    ("organisation", "DELETE", (NEW_ONE.format(kind="organisation", row="OLD"),)),
    ("identity", "INSERT", (BEARER.format(row="NEW"),)),
    ("identity", "UPDATE", (BEARER.format(row="NEW"), BEARER.format(row="OLD"))),
    ("identity", "DELETE", (BEARER.format(row="OLD"),)),
)


def lay_down(_: Any, editor: Any) -> None:
    for kind in KINDS:
        _lay_table(editor, f"vendange_found_{kind}")
    lay_triggers(_, editor)
    for kind in KINDS:
        editor.execute(f"INSERT INTO vendange_foundmark (kind, ref) SELECT '{kind}', id FROM vendange_{kind}")  # noqa: S608
    if editor.connection.vendor == "postgresql":  # SQLite reads its own index of the column both ways
        editor.execute(f"CREATE INDEX {LAST_FIRST} ON vendange_person (last_signal_at DESC NULLS LAST, id DESC)")


def _lay_table(editor: Any, name: str) -> None:
    """Words are ASCII (see `vendange.find.rules`), so neither database has an opinion on letters."""
    if editor.connection.vendor == "sqlite":
        editor.execute(
            f"CREATE VIRTUAL TABLE {name} USING fts5"
            " (names, others, prefix = '1 2 3', detail = none, columnsize = 0, tokenize = 'ascii')"
        )
        return
    editor.execute(
        f"CREATE TABLE {name} (rowid bigint PRIMARY KEY, names text NOT NULL, others text NOT NULL, words tsvector"
        " GENERATED ALWAYS AS (array_to_tsvector(string_to_array(trim(names || ' ' || others), ' '))) STORED)"
    )
    editor.execute(f"CREATE INDEX {name}_words ON {name} USING gin (words) WITH (fastupdate = off)")


def lay_triggers(_: Any, editor: Any) -> None:
    for table, moment, acts in TRIGGERS:
        name = f"found_{table}_{moment.lower()}"
        when = _when(editor, table, moment)
        done = "; ".join(acts)
        if editor.connection.vendor == "sqlite":
            columns = f" OF {', '.join(READ[table])}" if moment == "UPDATE" else ""
            editor.execute(
                f"CREATE TRIGGER IF NOT EXISTS {name} AFTER {moment}{columns} ON vendange_{table} FOR EACH ROW{when}"
                f" BEGIN {done}; END"
            )
            continue
        editor.execute(
            f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {done}; RETURN NULL; END $$"
        )
        editor.execute(
            f"CREATE OR REPLACE TRIGGER {name} AFTER {moment} ON vendange_{table} FOR EACH ROW{when}"
            f" EXECUTE FUNCTION {name}()"
        )


def _when(editor: Any, table: str, moment: str) -> str:
    """Only a change of what is searched counts; of keys only addresses are."""
    differs = "IS NOT" if editor.connection.vendor == "sqlite" else "IS DISTINCT FROM"
    said = []
    if moment == "UPDATE":
        said.append("(" + " OR ".join(f"OLD.{name} {differs} NEW.{name}" for name in READ[table]) + ")")
    if table == "identity":
        said.append(f"{'OLD' if moment == 'DELETE' else 'NEW'}.kind = 'email'")
    return f" WHEN ({' AND '.join(said)})" if said else ""


def take_away(_: Any, editor: Any) -> None:
    for table, moment, _acts in TRIGGERS:
        name = f"found_{table}_{moment.lower()}"
        on = "" if editor.connection.vendor == "sqlite" else f" ON vendange_{table}"
        editor.execute(f"DROP TRIGGER IF EXISTS {name}{on}")
        if editor.connection.vendor != "sqlite":
            editor.execute(f"DROP FUNCTION IF EXISTS {name}()")
    for kind in KINDS:
        editor.execute(f"DROP TABLE vendange_found_{kind}")
    if editor.connection.vendor == "postgresql":
        editor.execute(f"DROP INDEX {LAST_FIRST}")


class Migration(migrations.Migration):
    dependencies = [("vendange", "0014_companies_by_network")]

    operations = [
        migrations.CreateModel(
            name="FoundMark",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=12)),
                ("ref", models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="FoundWord",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("word", models.CharField(max_length=40, unique=True)),
                ("backwards", models.CharField(db_index=True, max_length=40)),
                ("bearers", models.BigIntegerField()),
            ],
        ),
        migrations.RunPython(lay_down, take_away, hints={"model_name": "person"}),  # not in the database of the inbox
    ]
