"""An export: a file to be made from a run's list."""

from django.db import models

from bulk_lookup.models.fields import one_of
from bulk_lookup.models.tenant import OrganizationTable


class Export(OrganizationTable):
    """Ordered with the run, so that whoever resumes it writes the file that was asked for at first."""

    class State(models.TextChoices):
        WANTED = "wanted"
        READY = "ready"
        FAILED = "failed"

    contact_list_id = models.BigIntegerField()
    run_id = models.BigIntegerField()
    path = models.TextField()  # "-" for standard output
    format = models.TextField()  # csv, tsv, xlsx, jsonl, parquet
    options = models.JSONField(default=dict)  # shapes.ExportOptions
    state = models.TextField(choices=State.choices, default=State.WANTED)
    problem = models.TextField(default="", blank=True)
    rows = models.BigIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "export"
        constraints = [one_of("export", "state", ["wanted", "ready", "failed"])]
        indexes = [
            # The exports of a run (`runs resume`, `runs export`).
            models.Index(fields=["organization", "run_id"], name="export_of_run"),
        ]
