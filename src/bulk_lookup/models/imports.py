"""An import: one upload into a list, with its mapping, its counters and what went wrong."""

from django.db import models

from bulk_lookup.models.fields import one_of
from bulk_lookup.models.tenant import OrganizationTable

STATES = ["waiting", "running", "finished", "cancelled", "failed"]


class Import(OrganizationTable):
    """Counters add up at every moment: rows = valid + invalid + duplicates.

    `rows` counts the rows stored; after a kill the import goes on behind the row `last_row`. The header stands here and the
    contacts hold their cells as arrays in file order. `mapping` is a `shapes.Mapping`, `reasons` counts rejects by reason.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        FINISHED = "finished"
        CANCELLED = "cancelled"
        FAILED = "failed"

    contact_list_id = models.BigIntegerField()
    file_name = models.TextField()  # as the person called it
    path = models.TextField()  # where the bytes are
    mapping = models.JSONField(default=dict)
    header = models.JSONField(default=list)
    row_offset = models.BigIntegerField(default=0)  # row number in the list = row number in the file + this
    state = models.TextField(choices=State.choices, default=State.WAITING)
    problem = models.TextField(default="", blank=True)  # a sentence where the state is failed
    rows = models.BigIntegerField(default=0)
    valid = models.BigIntegerField(default=0)
    invalid = models.BigIntegerField(default=0)
    duplicates = models.BigIntegerField(default=0)
    last_row = models.BigIntegerField(default=0)  # number of the last row stored, as the file counts
    bytes_read = models.BigIntegerField(default=0)
    bytes_total = models.BigIntegerField(default=0)
    reasons = models.JSONField(default=dict)
    other_region = models.TextField(default="", blank=True)  # where most rejects would be valid, "" where nowhere
    other_region_share = models.FloatField(default=0)  # 0 … 1, the share of rejects valid there
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "import"
        constraints = [
            one_of("import", "state", STATES),
            models.CheckConstraint(
                condition=models.Q(rows=models.F("valid") + models.F("invalid") + models.F("duplicates")),
                name="import_adds_up",
            ),
            models.UniqueConstraint(fields=["organization", "contact_list_id", "id"], name="import_key"),
        ]
        indexes = [
            # The imports of a list, newest first (its page; the numbering of the next import).
            models.Index(fields=["organization", "contact_list_id", "created_at"], name="import_of_list"),
        ]
