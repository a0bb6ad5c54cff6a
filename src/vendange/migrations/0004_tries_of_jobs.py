from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("vendange", "0003_the_agreement_room"),
    ]

    operations = [
        migrations.AddField(
            model_name="job",
            name="tries",
            field=models.IntegerField(default=0),
        ),
    ]
