"""What was refused only for its time can be taken in later, by somebody who knows when it happened."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("vendange", "0006_signals_of_a_person_lie_together")]

    operations = [
        migrations.AddField(
            "refusedevent",
            "event",
            models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="vendange.inboxevent"
            ),
        ),
        migrations.AddField("refusedevent", "happened_at", models.DateTimeField(null=True)),
        migrations.AddField("refusedevent", "taken_at", models.DateTimeField(null=True)),
        migrations.AddField("refusedevent", "taken_by", models.BigIntegerField(null=True)),
        migrations.AddIndex(
            "refusedevent",
            models.Index(
                fields=["id"],
                condition=models.Q(("event__isnull", False), ("taken_at__isnull", True)),
                name="refused_quarantined",
            ),
        ),
    ]
