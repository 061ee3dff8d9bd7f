"""Why a job failed the last time."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("bulk_lookup", "0007_exports")]

    operations = [
        migrations.CreateModel(
            name="JobFailure",
            fields=[
                ("job_id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("error", models.TextField()),
                ("at", models.DateTimeField()),
            ],
            options={"db_table": "job_failure"},
        ),
    ]
