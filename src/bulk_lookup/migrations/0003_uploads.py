import django.db.models.deletion
from django.db import migrations, models

from bulk_lookup.models.isolation import isolate, refer


class Migration(migrations.Migration):
    dependencies = [
        ("bulk_lookup", "0002_people"),
    ]

    operations = [
        migrations.AddField(
            model_name="contactlist",
            name="deleted_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.CreateModel(
            name="Upload",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("file", models.TextField()),
                ("file_name", models.TextField()),
                ("bytes_total", models.BigIntegerField()),
                ("sample", models.JSONField(default=dict)),
                ("read_as", models.TextField(blank=True, default="")),
                ("contact_list_id", models.BigIntegerField(null=True)),
                ("import_id", models.BigIntegerField(null=True)),
                ("created_at", models.DateTimeField()),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="bulk_lookup.organization",
                    ),
                ),
            ],
            options={
                "db_table": "upload",
                "indexes": [
                    models.Index(fields=["organization", "created_at"], name="upload_oldest"),
                    models.Index(fields=["organization", "import_id"], name="upload_of_import"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("organization", "file", "read_as"), name="upload_once"),
                ],
            },
        ),
        # Django adds its own foreign key at the very end and checks it by a query, to which the policies apply: the table
        # is empty, so any organization will do.
        migrations.RunSQL("set local app.organization_id = '0'", migrations.RunSQL.noop),
        refer("upload", "contact_list_id, import_id", "import", "contact_list_id, id"),
        isolate("upload"),
    ]
