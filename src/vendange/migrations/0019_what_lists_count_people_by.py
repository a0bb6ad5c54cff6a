"""One narrow row for each person, by which lists count; triggers keep it true in the transaction of the change.

A later migration that makes `vendange_person`, `vendange_organisation` or `vendange_measure` anew on SQLite loses
the triggers with the old table: it must call `lay_triggers` of 0025 again, which took their place (a test says so).
"""

from typing import Any

from django.db import migrations, models

WARMTH = "COALESCE((SELECT temperature FROM vendange_measure WHERE person_id = {who}), 'cold')"
TARGET = "COALESCE((SELECT tier FROM vendange_organisation WHERE id = {firm}), '')"
COLUMNS = "INSERT INTO vendange_foundfacet (ref, relationship, temperature, tier, source)"
ADDED = (
    f"{COLUMNS} SELECT NEW.id, NEW.relationship, {WARMTH.format(who='NEW.id')}, "
    f"{TARGET.format(firm='NEW.organisation_id')}, NEW.source WHERE NEW.merged_into_id IS NULL"
)
EVERYBODY = (
    f"{COLUMNS} SELECT p.id, p.relationship, COALESCE(m.temperature, 'cold'), COALESCE(o.tier, ''), p.source"  # noqa: S608 (ours)
    " FROM vendange_person p LEFT JOIN vendange_measure m ON m.person_id = p.id"
    " LEFT JOIN vendange_organisation o ON o.id = p.organisation_id WHERE p.merged_into_id IS NULL"
)
WARMER = "UPDATE vendange_foundfacet SET temperature = {now} WHERE ref = {row}.person_id"
RANKED = (
    "UPDATE vendange_foundfacet SET tier = NEW.tier"
    " WHERE ref IN (SELECT id FROM vendange_person WHERE organisation_id = NEW.id)"
)
# Table, moment, columns whose change counts, what is done then.
TRIGGERS = (
    ("person", "INSERT", (), (ADDED,)),
    (
        "person",
        "UPDATE",
        ("relationship", "source", "organisation_id", "merged_into_id"),
        ("DELETE FROM vendange_foundfacet WHERE ref = NEW.id", ADDED),
    ),
    ("person", "DELETE", (), ("DELETE FROM vendange_foundfacet WHERE ref = OLD.id",)),
    ("measure", "INSERT", (), (WARMER.format(now="NEW.temperature", row="NEW"),)),
    ("measure", "UPDATE", ("temperature",), (WARMER.format(now="NEW.temperature", row="NEW"),)),
    ("measure", "DELETE", (), (WARMER.format(now="'cold'", row="OLD"),)),
    ("organisation", "UPDATE", ("tier",), (RANKED,)),
)


def name_of(table: str, moment: str) -> str:
    return f"facet_{table}_{moment.lower()}"


def lay_down(_: Any, editor: Any) -> None:
    lay_triggers(_, editor)
    editor.execute(EVERYBODY)


def lay_triggers(_: Any, editor: Any) -> None:
    on_sqlite = editor.connection.vendor == "sqlite"
    differs = "IS NOT" if on_sqlite else "IS DISTINCT FROM"
    for table, moment, columns, acts in TRIGGERS:
        name, done = name_of(table, moment), "; ".join(acts)
        changed = " OR ".join(f"OLD.{column} {differs} NEW.{column}" for column in columns)
        when = f" WHEN ({changed})" if changed else ""
        if on_sqlite:
            which = f" OF {', '.join(columns)}" if columns else ""
            editor.execute(
                f"CREATE TRIGGER IF NOT EXISTS {name} AFTER {moment}{which} ON vendange_{table} FOR EACH ROW{when}"
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


def take_away(_: Any, editor: Any) -> None:
    on_sqlite = editor.connection.vendor == "sqlite"
    for table, moment, _columns, _acts in TRIGGERS:
        name = name_of(table, moment)
        editor.execute(f"DROP TRIGGER IF EXISTS {name}{'' if on_sqlite else f' ON vendange_{table}'}")
        if not on_sqlite:
            editor.execute(f"DROP FUNCTION IF EXISTS {name}()")


class Migration(migrations.Migration):
    dependencies = [("vendange", "0018_cells_are_counted")]

    operations = [
        migrations.CreateModel(
            name="FoundFacet",
            fields=[
                ("ref", models.BigIntegerField(primary_key=True, serialize=False)),
                ("relationship", models.CharField(max_length=20)),
                ("temperature", models.CharField(max_length=10)),
                ("tier", models.CharField(max_length=20)),
                ("source", models.CharField(max_length=80)),
            ],
            options={
                "indexes": [models.Index(fields=["relationship", "temperature", "tier", "source"], name="facet_counts")]
            },
        ),
        migrations.RunPython(lay_down, take_away, hints={"model_name": "person"}),  # not in the database of the inbox
    ]
