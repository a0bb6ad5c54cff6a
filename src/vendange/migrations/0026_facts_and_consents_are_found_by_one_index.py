"""Each index of a foreign key cost as much as the row, and the index over person and what is asked holds them all.

The indexes are dropped as they are: altering the fields would make SQLite write both tables anew.
"""

from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models.functions import Lower

# Index, table, column.
INDEXES = (
    ("vendange_fact_person_id_5efed111", "fact", "person_id"),
    ("vendange_fact_by_id_00633ffc", "fact", "by_id"),
    ("vendange_consent_person_id_bd1bf401", "consent", "person_id"),
    ("vendange_consent_by_id_226ebe8b", "consent", "by_id"),
)


def by() -> Any:
    return models.ForeignKey(
        db_index=False,
        null=True,
        on_delete=django.db.models.deletion.SET_NULL,
        related_name="+",
        to=settings.AUTH_USER_MODEL,
    )


def person(related_name: str) -> Any:
    return models.ForeignKey(
        db_index=False,
        on_delete=django.db.models.deletion.CASCADE,
        related_name=related_name,
        to="vendange.person",
    )


class Migration(migrations.Migration):
    dependencies = [("vendange", "0025_lists_count_without_reading_tables")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField("consent", "by", by()),
                migrations.AlterField("consent", "person", person("consents")),
                migrations.AlterField("fact", "by", by()),
                migrations.AlterField("fact", "person", person("facts")),
            ],
            database_operations=[
                migrations.RunSQL(
                    f"DROP INDEX IF EXISTS {index}",
                    f"CREATE INDEX {index} ON vendange_{table} ({column})",
                    hints={"model_name": table},
                )
                for index, table, column in INDEXES
            ],
        ),
        migrations.AddIndex("organisation", models.Index(Lower("name"), name="organisation_by_small_name")),
    ]
