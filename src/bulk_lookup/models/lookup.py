"""A lookup: one phone number in one run; the work item and the receipt."""

from typing import cast

from django.contrib.postgres.fields import ArrayField
from django.db import models

from bulk_lookup.models.fields import one_of
from bulk_lookup.models.queries import query
from bulk_lookup.models.tenant import FatOrganizationTable

STATES = ["pending", "asking", "done", "failed", "skipped", "reused"]


class Lookups(models.QuerySet["Lookup"]):
    """Named queries over receipts."""

    def being_asked(self) -> "Lookups":
        """Those in flight, found through the ranges of the living claims."""
        where = (
            "(lookup.organization_id, lookup.run_id, lookup.position) in (select organization_id, run_id, position from"
        )
        return cast("Lookups", self.extra(where=[f"{where} ({query('asked_now')}) as now)"]))  # noqa: S610 (a text of ours)


class Lookup(FatOrganizationTable):
    """Written (`asking`, with what it may cost in `reserved_micros`) before the request leaves.

    `packages` is {package: shapes.Receipt} of the latest attempt; earlier ones are appended to `earlier_attempts` by the
    statement that claims again, and the cost columns sum over both. `due` names the packages still to be asked.
    """

    class State(models.TextChoices):
        PENDING = "pending"
        ASKING = "asking"
        DONE = "done"
        FAILED = "failed"
        SKIPPED = "skipped"
        REUSED = "reused"

    pk = models.CompositePrimaryKey("organization_id", "run_id", "position")
    run_id = models.BigIntegerField()
    position = models.BigIntegerField()  # 1 … n within the run
    formatted_phone_number = models.TextField(db_collation="C")
    country_code = models.TextField(default="", blank=True)
    last_verified_date = models.DateField(null=True)
    simulated = models.BooleanField()
    due = ArrayField(models.TextField(), default=list)
    price_micros = models.BigIntegerField(default=0)  # what asking for the due packages may cost
    state = models.TextField(choices=State.choices, default=State.PENDING)
    attempts = models.SmallIntegerField(default=0)
    tries = models.JSONField(default=dict)  # core.failure.RetryClass → how often this number has ended in it
    claim_id = models.BigIntegerField(null=True)
    reserved_micros = models.BigIntegerField(default=0)
    ask_at = models.DateTimeField(null=True)  # not before this time; null: at once
    asked_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    packages = models.JSONField(default=dict)
    earlier_attempts = models.JSONField(default=list)
    billed_micros = models.BigIntegerField(default=0)
    unknown_micros = models.BigIntegerField(default=0)
    valid = models.BooleanField(null=True)
    validation_errors = ArrayField(models.TextField(), default=list)
    reason = models.TextField(default="", blank=True)
    error_code = models.IntegerField(null=True)
    response_time_ms = models.IntegerField(null=True)
    request_id = models.TextField(default="", blank=True)

    objects = Lookups.as_manager()

    class Meta:
        db_table = "lookup"
        constraints = [
            one_of("lookup", "state", STATES),
            # One receipt for each number of a run: what makes duplicates be bought once. The number stands before the
            # run, so that the same index finds what may be reused, and no index holds a column that an answer changes
            # (every update of a receipt can then stay in its page).
            models.UniqueConstraint(
                fields=["organization", "formatted_phone_number", "run_id"], name="lookup_of_number"
            ),
        ]
