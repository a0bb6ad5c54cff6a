"""Why a signal counts as a human's or a machine's, what the collector saw of that, and visits without anybody.

The two columns are added in place: remaking these tables would take minutes, and lose the index of migration 0006.
"""

from typing import Any

from django.db import migrations, models


def added(table: str, column: str, length: int) -> migrations.SeparateDatabaseAndState:
    """A column of text that is empty until somebody writes it, by any version of the program."""
    field: Any = models.CharField(max_length=length, blank=True, default="", db_default="")
    sql = f"ALTER TABLE vendange_{table} ADD COLUMN {column} varchar({length}) DEFAULT '' NOT NULL"
    return migrations.SeparateDatabaseAndState(
        database_operations=[
            migrations.RunSQL(
                sql, f"ALTER TABLE vendange_{table} DROP COLUMN {column}", hints={"model_name": table}, elidable=False
            )
        ],
        state_operations=[migrations.AddField(table, column, field)],
    )


class Migration(migrations.Migration):
    dependencies = [("vendange", "0007_quarantine_of_events")]

    operations = [
        added("signal", "because", 30),
        added("inboxevent", "hints", 60),
        migrations.CreateModel(
            name="AudienceCount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=64, unique=True)),
                ("source", models.BigIntegerField()),
                ("day", models.DateField()),
                ("kind", models.CharField(max_length=50)),
                ("path", models.CharField(blank=True, default="", max_length=500)),
                ("asset", models.CharField(blank=True, default="", max_length=200)),
                ("campaign", models.CharField(blank=True, default="", max_length=200)),
                ("channel", models.CharField(blank=True, default="", max_length=60)),
                ("referrer", models.CharField(blank=True, default="", max_length=120)),
                ("verdict", models.CharField(max_length=10)),
                ("times", models.BigIntegerField()),
                ("value", models.FloatField(default=0)),
            ],
            options={"indexes": [models.Index(fields=["source", "day"], name="audience_of_source")]},
        ),
    ]
