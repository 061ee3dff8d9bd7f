"""A run: one purchase over a list, with its packages, quote, cap, counters and state."""

from collections.abc import Sequence
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import connection, models
from django.utils import timezone

from bulk_lookup.core.retry import PauseReason
from bulk_lookup.models.fields import one_of
from bulk_lookup.models.provider_account import ProviderAccount
from bulk_lookup.models.queries import query
from bulk_lookup.models.tenant import OrganizationTable
from bulk_lookup.queue import Job, defer

# Positions in one chunk job, and how many chunks of a run are handed out at once. A chunk lasts at most ten seconds, so a
# pause is quick and a large run does not starve a small one.
CHUNK_SIZE = 1000
WINDOW = 6

STATES = ["draft", "planning", "running", "paused", "finished", "cancelled", "failed"]
PAUSE_REASONS = [reason.value for reason in PauseReason]


class RunMoved(Exception):
    """The run is no longer in a state from which this verb leads; the message names both."""


class AccountHalted(Exception):
    """The run's account can buy nothing until somebody acts; `reason` is the word of the halt.

    `engine.release_account` takes the halt away, where the provider accepts the account again.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(f"The run's account is halted ({reason}), so it cannot go on.")
        self.reason = reason


class Run(OrganizationTable):
    """States: draft → planning → running ⇄ paused → finished / cancelled / failed; finished → running by retry_failed.

    Each verb is one conditional update with the jobs that it causes, to be called inside the organization's scope.
    Counters change only in the statements that change lookups, so at every moment
    numbers = pending + asking + done + failed + skipped + reused. Money is in micro-units: `spent` is billed + unknown,
    `reserved` is what the requests in flight may cost.
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

    def start(self) -> None:
        """draft → planning, and the plan is enqueued."""
        self._move(from_=[self.State.DRAFT], to=self.State.PLANNING, reason="")
        defer(Job.PLAN_RUN, self.organization_id, run_id=self.pk)

    def begin(self) -> None:
        """planning → running, and the first chunks are enqueued; finished at once where nothing is to be asked."""
        self._move(from_=[self.State.PLANNING], to=self.State.RUNNING, reason="", started_at=timezone.now())
        self._hand_out()

    def pause(self, reason: PauseReason = PauseReason.USER) -> None:
        """running → paused; what is in flight is still stored."""
        self._move(from_=[self.State.RUNNING], to=self.State.PAUSED, reason=reason.value)

    def resume(self, *, cap_micros: int | None = None) -> None:
        """paused → running, with another cap where one is given; it begins again at the first pending lookup.

        Raises AccountHalted where the account must be released first.
        """
        self._refuse_halted(Run.State.PAUSED)
        changes: dict[str, Any] = {} if cap_micros is None else {"cap_micros": cap_micros}
        self._move(
            from_=[self.State.PAUSED], to=self.State.RUNNING, reason="", detail="", dropped_packages={}, **changes
        )
        self._hand_out()

    def cancel(self) -> None:
        """Any state before the end → cancelled; what was answered stays, what is in flight is still stored."""
        self._move(
            from_=[self.State.DRAFT, self.State.PLANNING, self.State.RUNNING, self.State.PAUSED],
            to=self.State.CANCELLED,
            reason="",
            finished_at=timezone.now(),
        )
        defer(Job.FINISH_RUN, self.organization_id, run_id=self.pk)

    def retry_failed(self, *, cap_micros: int | None = None) -> int:
        """finished → running again over the lookups that failed, only their failed packages; returns how many there are.

        Counters go on, and the cap applies to the sum. Raises RunMoved where the run is not finished, AccountHalted where
        the account must be released first.
        """
        # The run is locked before its lookups, as everywhere, and one that has moved keeps them as they are.
        now = Run.objects.select_for_update().get(pk=self.pk)
        if now.state != self.State.FINISHED:
            raise RunMoved(f"The run is {now.state}, so what failed cannot be asked again.")
        self._refuse_halted(Run.State.FINISHED)
        again = self._reopen_failed()
        if not again:
            return 0
        changes: dict[str, Any] = {} if cap_micros is None else {"cap_micros": cap_micros}
        self._move(
            from_=[self.State.FINISHED],
            to=self.State.RUNNING,
            reason="",
            finished_at=None,
            failed=models.F("failed") - again,
            dropped_packages={},
            **changes,
        )
        self._hand_out()
        return again

    def _refuse_halted(self, state: str) -> None:
        """Whoever asks in another state than this learns that the run has moved, not that the account is halted.

        An account that is halted just after this pauses the run again as soon as a worker looks at it.
        """
        halts = ProviderAccount.objects.filter(pk=self.provider_account_id, state=ProviderAccount.State.HALTED)
        reason = halts.values_list("reason", flat=True).first()
        if reason is not None and Run.objects.filter(pk=self.pk, state=state).exists():
            raise AccountHalted(reason)

    def _move(self, *, from_: Sequence[str], to: str, **changes: Any) -> None:
        """One conditional update; whoever comes second learns that the run has moved."""
        moved = Run.objects.filter(pk=self.pk, state__in=from_).update(state=to, updated_at=timezone.now(), **changes)
        before = self.state
        self.refresh_from_db()
        if not moved:
            raise RunMoved(f"The run is {self.state} (it was {before}), so it cannot become {to}.")
        with connection.cursor() as cursor:
            cursor.execute("select pg_notify('run_changed', %s)", [f"{self.organization_id}:{self.pk}"])

    def _hand_out(self) -> None:
        """Enqueue the first chunks of what is pending."""
        place = {"organization_id": self.organization_id, "run_id": self.pk}
        with connection.cursor() as cursor:
            cursor.execute(query("first_pending"), place | {"start": 1})
            row = cursor.fetchone()
        first = row[0] if row else None
        if first is None and self.numbers == self.settled:
            self._move(from_=[self.State.RUNNING], to=self.State.FINISHED, finished_at=timezone.now())
            defer(Job.FINISH_RUN, self.organization_id, run_id=self.pk)
            return
        begin = first if first is not None else self.numbers + 1
        end = min(begin + WINDOW * CHUNK_SIZE, self.numbers + 1)
        Run.objects.filter(pk=self.pk).update(next_position=end)
        for start in range(begin, end, CHUNK_SIZE):
            last = min(start + CHUNK_SIZE, end) - 1
            defer(Job.PROCESS_LOOKUPS, self.organization_id, run_id=self.pk, first=start, last=last)
        self.refresh_from_db()

    def _reopen_failed(self) -> int:
        with connection.cursor() as cursor:
            cursor.execute(query("reopen_failed"), {"organization_id": self.organization_id, "run_id": self.pk})
            return int(cursor.rowcount)
