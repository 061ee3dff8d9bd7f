"""A run: one purchase over a list, with its packages, quote, cap, counters and state."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from bulk_lookup.core.retry import PauseReason
from bulk_lookup.models.fields import one_of
from bulk_lookup.models.tenant import OrganizationTable

# Positions in one chunk job, and how many chunks of a run are handed out at once. A chunk lasts at most ten seconds, so a
# pause is quick and a large run does not starve a small one.
CHUNK_SIZE = 1000
WINDOW = 6

STATES = ["draft", "planning", "running", "paused", "finished", "cancelled", "failed"]
PAUSE_REASONS = [reason.value for reason in PauseReason]


class RunMoved(Exception):
    """The run is no longer in a state from which this verb leads; the message names both."""


class Run(OrganizationTable):
    """States: draft → planning → running ⇄ paused → finished / cancelled / failed; finished → running by retry_failed.

    Verbs that change the state and cause jobs are in `engine/run_verbs.py`; counters change only in the statements that
    change lookups, so `numbers = pending + asking + done + failed + skipped + reused` at every moment. Money is in
    micro-units: `spent` is billed + unknown, `reserved` is what the requests in flight may cost.
    """

    class State(models.TextChoices):
        DRAFT = "draft"
        PLANNING = "planning"
        RUNNING = "running"
        PAUSED = "paused"
        FINISHED = "finished"
        CANCELLED = "cancelled"
        FAILED = "failed"

    contact_list_id = models.BigIntegerField()
    provider_account_id = models.BigIntegerField()
    packages = ArrayField(models.TextField())
    simulated = models.BooleanField()
    reuse_days = models.IntegerField(null=True)  # null: each package's own age; 0: reuse nothing
    state = models.TextField(choices=State.choices, default=State.DRAFT)
    reason = models.TextField(default="", blank=True)  # reason word of a pause or failure
    detail = models.TextField(default="", blank=True)  # the provider's own message, where it gave one
    currency = models.TextField(default="USD")
    quote = models.JSONField(default=dict)  # shapes.Quote
    quoted_micros = models.BigIntegerField(default=0)
    cap_micros = models.BigIntegerField(null=True)
    dropped_packages = models.JSONField(default=dict)  # package → reason word, dropped for the rest of the run

    numbers = models.BigIntegerField(default=0)
    done = models.BigIntegerField(default=0)
    failed = models.BigIntegerField(default=0)
    skipped = models.BigIntegerField(default=0)
    reused = models.BigIntegerField(default=0)
    spent_micros = models.BigIntegerField(default=0)
    unknown_micros = models.BigIntegerField(default=0)
    reserved_micros = models.BigIntegerField(default=0)
    saved_micros = models.BigIntegerField(default=0)  # duplicates and reuse
    next_position = models.BigIntegerField(default=1)  # where the next chunk begins
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "run"
        constraints = [
            one_of("run", "state", STATES),
            models.CheckConstraint(
                condition=~models.Q(state="paused") | models.Q(reason__in=PAUSE_REASONS), name="run_pause_reason"
            ),
            models.CheckConstraint(
                condition=models.Q(spent_micros__gte=0, reserved_micros__gte=0, unknown_micros__gte=0),
                name="run_money_not_negative",
            ),
            models.CheckConstraint(
                condition=models.Q(cap_micros__isnull=True)
                | models.Q(cap_micros__gte=models.F("spent_micros") + models.F("reserved_micros")),
                name="run_within_cap",
            ),
            models.UniqueConstraint(fields=["organization", "id"], name="run_key"),
        ]
        indexes = [
            # The newest runs first (`bulk-lookup runs`, the runs page).
            models.Index(fields=["organization", "created_at"], name="run_newest"),
        ]

    @property
    def settled(self) -> int:
        """Numbers that need nothing more."""
        return self.done + self.failed + self.skipped + self.reused

    @property
    def over(self) -> bool:
        """Whether the run is in a state that ends by itself no more."""
        return self.state in (self.State.FINISHED, self.State.CANCELLED, self.State.FAILED)
