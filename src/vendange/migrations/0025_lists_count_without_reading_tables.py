"""What lists count people by is kept without reading whole tables.

Two things made the triggers of 0019 slow on PostgreSQL. A person whose status changed had their row made anew, with
a look at their measure, though it held the temperature already. And PL/pgSQL keeps a plan for as long as a session
lasts: one made while a table was almost empty reads all of it for each row, also when it has grown since, as it does
during a first import.
"""

from importlib import import_module
from typing import Any

from django.db import migrations

TARGET = "COALESCE((SELECT tier FROM vendange_organisation WHERE id = NEW.organisation_id), '')"
WARMTH = "COALESCE((SELECT temperature FROM vendange_measure WHERE person_id = NEW.id), 'cold')"
COLUMNS = "INSERT INTO vendange_foundfacet (ref, relationship, temperature, tier, source)"
ALONE = "WHERE NEW.merged_into_id IS NULL"
GONE = "DELETE FROM vendange_foundfacet WHERE ref = {row}.id"
WARMER = "UPDATE vendange_foundfacet SET temperature = {now} WHERE ref = {row}.person_id"
# Name, table, moment, columns whose change counts, what is done then.
TRIGGERS = (
    # Nobody was measured before they were there.
    (
        "person_insert",
        "person",
        "INSERT",
        (),
        (f"{COLUMNS} SELECT NEW.id, NEW.relationship, 'cold', {TARGET}, NEW.source {ALONE}",),
    ),
    (
        "person_update",
        "person",
        "UPDATE",
        ("relationship", "source", "organisation_id"),
        (
            "UPDATE vendange_foundfacet SET relationship = NEW.relationship, source = NEW.source,"  # noqa: S608 (ours)
            f" tier = {TARGET} WHERE ref = NEW.id",
        ),
    ),
    (
        "person_merged",
        "person",
        "UPDATE",
        ("merged_into_id",),
        (
            GONE.format(row="NEW"),
            f"{COLUMNS} SELECT NEW.id, NEW.relationship, {WARMTH}, {TARGET}, NEW.source {ALONE}",
        ),
    ),
    ("person_delete", "person", "DELETE", (), (GONE.format(row="OLD"),)),
    ("measure_insert", "measure", "INSERT", (), (WARMER.format(now="NEW.temperature", row="NEW"),)),
    ("measure_update", "measure", "UPDATE", ("temperature",), (WARMER.format(now="NEW.temperature", row="NEW"),)),
    ("measure_delete", "measure", "DELETE", (), (WARMER.format(now="'cold'", row="OLD"),)),
    (
        "organisation_update",
        "organisation",
        "UPDATE",
        ("tier",),
        (
            "UPDATE vendange_foundfacet SET tier = NEW.tier"
            " WHERE ref IN (SELECT id FROM vendange_person WHERE organisation_id = NEW.id)",
        ),
    ),
)


def lay_triggers(_: Any, editor: Any) -> None:
    """Call it again in a migration that makes person, organisation or measure anew: SQLite loses their triggers."""
    on_sqlite = editor.connection.vendor == "sqlite"
    differs = "IS NOT" if on_sqlite else "IS DISTINCT FROM"
    for called, table, moment, columns, acts in TRIGGERS:
        name, done = f"facet_{called}", "; ".join(acts)
        changed = " OR ".join(f"OLD.{column} {differs} NEW.{column}" for column in columns)
        when = f" WHEN ({changed})" if changed else ""
        if on_sqlite:
            which = f" OF {', '.join(columns)}" if columns else ""
            editor.execute(f"DROP TRIGGER IF EXISTS {name}")
            editor.execute(
                f"CREATE TRIGGER {name} AFTER {moment}{which} ON vendange_{table} FOR EACH ROW{when} BEGIN {done}; END"
            )
            continue
        editor.execute(
            f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off"
            f" AS $$ BEGIN {done}; RETURN NULL; END $$"
        )
        editor.execute(
            f"CREATE OR REPLACE TRIGGER {name} AFTER {moment} ON vendange_{table} FOR EACH ROW{when}"
            f" EXECUTE FUNCTION {name}()"
        )


def take_away(apps: Any, editor: Any) -> None:
    """As 0019 had them."""
    on_sqlite = editor.connection.vendor == "sqlite"
    for called, table, *_ in TRIGGERS:
        editor.execute(f"DROP TRIGGER IF EXISTS facet_{called}{'' if on_sqlite else f' ON vendange_{table}'}")
        if not on_sqlite:
            editor.execute(f"DROP FUNCTION IF EXISTS facet_{called}()")
    import_module("vendange.migrations.0019_what_lists_count_people_by").lay_triggers(apps, editor)


class Migration(migrations.Migration):
    dependencies = [("vendange", "0024_maps_of_files_are_kept")]

    operations = [migrations.RunPython(lay_triggers, take_away, hints={"model_name": "person"})]
