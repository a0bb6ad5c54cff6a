"""Segments are looked at again as time passes, and whenever something changes that they ask for: triggers mark whom.

A later migration that makes one of the tables below anew on SQLite loses its triggers with the old table: it must call
`lay_triggers` of this one again (a test says so).
"""

from typing import Any

import django.db.models.deletion
from django.db import migrations, models

KEPT = "EXISTS (SELECT 1 FROM vendange_segment WHERE kind = 'rules' AND closed_at IS NULL)"
MARK = f"INSERT INTO vendange_segmentmark (ref) SELECT {{row}}.{{column}} WHERE {KEPT}"
STAFF = (
    "INSERT INTO vendange_segmentmark (ref) SELECT id FROM vendange_person"  # noqa: S608 (ours)
    f" WHERE organisation_id = NEW.id AND {KEPT}"
)
ASKED_OF_PEOPLE = (
    "level", "role", "job_title", "country", "language", "source", "relationship", "organisation_id", "merged_into_id",
    "created_at",
)  # fmt: skip
NEW, OLD = (MARK.format(row=row, column="person_id") for row in ("NEW", "OLD"))
SOMEBODY = MARK.format(row="NEW", column="id")
# Table, moment, columns whose change counts, what is done then.
TRIGGERS = (
    ("person", "INSERT", (), (SOMEBODY,)),
    ("person", "UPDATE", ASKED_OF_PEOPLE, (SOMEBODY,)),
    ("organisation", "UPDATE", ("employees", "industry", "country", "region", "postal_code", "tier"), (STAFF,)),
    ("consent", "INSERT", (), (NEW,)),
    ("consent", "UPDATE", ("person_id", "channel", "status", "at"), (NEW, OLD)),
    ("consent", "DELETE", (), (OLD,)),
    ("lead", "INSERT", (), (NEW,)),
    ("lead", "UPDATE", ("stage", "owner_id", "person_id"), (NEW, OLD)),
    ("lead", "DELETE", (), (OLD,)),
)


def name_of(table: str, moment: str) -> str:
    return f"segment_{table}_{moment.lower()}"


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
        # A plan made while people were few would read all of them for ever: see 0025.
        setting = " SET enable_seqscan = off" if table == "organisation" else ""
        editor.execute(
            f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql{setting}"
            f" AS $$ BEGIN {done}; RETURN NULL; END $$"
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
    dependencies = [
        ("vendange", "0021_files_segments_and_what_came_with_them"),
    ]

    operations = [
        migrations.CreateModel(
            name="SegmentLeft",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="SegmentMark",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("ref", models.BigIntegerField()),
            ],
        ),
        migrations.RemoveIndex(
            model_name="segmentmember",
            name="member_again",
        ),
        migrations.RemoveField(
            model_name="segmentmember",
            name="look_again_at",
        ),
        migrations.AddField(
            model_name="segment",
            name="looked_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddIndex(
            model_name="segmentmember",
            index=models.Index(fields=["segment", "since"], name="member_by_date"),
        ),
        migrations.AddField(
            model_name="segmentleft",
            name="person",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="vendange.person"
            ),
        ),
        migrations.AddField(
            model_name="segmentleft",
            name="segment",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="left", to="vendange.segment"
            ),
        ),
        migrations.AddIndex(
            model_name="segmentleft",
            index=models.Index(fields=["segment", "at"], name="left_by_date"),
        ),
        migrations.RunPython(lay_triggers, take_away, hints={"model_name": "person"}),  # not in the inbox
    ]
