"""Exports of a filter, beside those of a run."""

from django.db import migrations, models

STATES = ["wanted", "building", "ready", "failed", "cancelled"]


class Migration(migrations.Migration):
    dependencies = [("bulk_lookup", "0006_settings")]

    operations = [
        migrations.RemoveConstraint(model_name="export", name="export_state_word"),
        migrations.AlterField(model_name="export", name="contact_list_id", field=models.BigIntegerField(null=True)),
        migrations.AlterField(model_name="export", name="run_id", field=models.BigIntegerField(null=True)),
        migrations.AlterField(model_name="export", name="path", field=models.TextField(blank=True, default="")),
        migrations.AlterField(
            model_name="export",
            name="state",
            field=models.TextField(choices=[(state, state.title()) for state in STATES], default="wanted"),
        ),
        *(
            migrations.AddField(model_name="export", name=name, field=models.TextField(blank=True, default=""))
            for name in ("name", "filter", "made_by", "file")
        ),
        migrations.AddField(model_name="export", name="contact_ids", field=models.JSONField(default=list)),
        migrations.AddField(model_name="export", name="columns", field=models.JSONField(default=dict)),
        migrations.AddField(model_name="export", name="form_key", field=models.TextField(null=True)),
        migrations.AddField(model_name="export", name="rows_total", field=models.BigIntegerField(null=True)),
        migrations.AddField(model_name="export", name="bytes", field=models.BigIntegerField(default=0)),
        migrations.AddField(model_name="export", name="simulated", field=models.BooleanField(default=False)),
        migrations.AddField(model_name="export", name="started_at", field=models.DateTimeField(null=True)),
        migrations.AddField(model_name="export", name="kept_until", field=models.DateTimeField(null=True)),
        migrations.AddConstraint(
            model_name="export",
            constraint=models.CheckConstraint(condition=models.Q(("state__in", STATES)), name="export_state_word"),
        ),
        migrations.AddConstraint(
            model_name="export",
            constraint=models.CheckConstraint(
                condition=models.Q(("run_id__isnull", True), ("contact_list_id__isnull", False), _connector="OR"),
                name="export_of_run_has_list",
            ),
        ),
        migrations.AddConstraint(
            model_name="export",
            constraint=models.UniqueConstraint(fields=("organization", "form_key"), name="export_once"),
        ),
    ]
