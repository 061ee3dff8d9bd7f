"""An import: one upload into a list, with its mapping, its counters and what went wrong."""

from django.db import connection, models
from django.utils import timezone

from bulk_lookup.models.contact_list import ContactList
from bulk_lookup.models.fields import one_of
from bulk_lookup.models.tenant import OrganizationTable

STATES = ["waiting", "running", "finished", "cancelled", "failed"]


class ImportMoved(Exception):
    """The import is not in the state that the verb begins from: somebody else was quicker."""


class Import(OrganizationTable):
    """Counters add up at every moment: rows = valid + invalid + duplicates.

    `rows` counts the rows stored; after a kill the import goes on behind them. The names of the columns stand here
    (column_1 … where the file has none) and the contacts hold their cells as arrays in file order, shorter ones where a
    JSON Lines file brought further keys later on. `mapping` is what `engine.import_mapping.ColumnMapping` writes,
    `reasons` counts rejects by reason. `row_problems` says of each word of `lib.tables.batch` how many rows have it and
    which was the first: `{"nul": {"rows": 2, "first": 7}}`.
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
    row_problems = models.JSONField(default=dict)
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

    def begin(self) -> "Import | None":
        """waiting → running, with a place behind the rows that the list has; an import that runs already goes on.

        Imports of a list take turns, so that its rows are numbered without gaps: where another one runs, this one stays
        as it is and the other one is returned.
        """
        # The list's lock: two imports that begin at once would both see that no other runs.
        ContactList.objects.select_for_update(no_key=True).get(id=self.contact_list_id)
        self.refresh_from_db()
        if self.state == Import.State.RUNNING:
            return None
        others = Import.objects.filter(contact_list_id=self.contact_list_id, started_at__isnull=False)
        running = others.filter(state=Import.State.RUNNING).first()
        if running is None or self.state != Import.State.WAITING:
            place = max((other.row_offset + other.last_row for other in others), default=0)
            self._move([Import.State.WAITING], Import.State.RUNNING, started_at=timezone.now(), row_offset=place)
            return None
        return running

    def cancel(self) -> None:
        """Stop it before its next batch; what is stored stays."""
        self._move([Import.State.WAITING, Import.State.RUNNING], Import.State.CANCELLED, finished_at=timezone.now())

    def finish(self, *, other_region: str = "", other_region_share: float = 0.0) -> None:
        """running → finished: every row of the file is a contact."""
        self._move(
            [Import.State.RUNNING],
            Import.State.FINISHED,
            finished_at=timezone.now(),
            bytes_read=self.bytes_total,
            other_region=other_region,
            other_region_share=other_region_share,
        )

    def fail(self, problem: str) -> None:
        """waiting or running → failed, with a sentence for the person who gave the file; what is stored stays."""
        self._move(
            [Import.State.WAITING, Import.State.RUNNING],
            Import.State.FAILED,
            finished_at=timezone.now(),
            problem=problem,
        )

    def announce(self) -> None:
        """Tell listeners, once the transaction is committed, that this import has changed."""
        with connection.cursor() as cursor:
            cursor.execute("select pg_notify('import_changed', %s)", [f"{self.organization_id}:{self.id}"])

    def _move(self, before: list["Import.State"], after: "Import.State", **values: object) -> None:
        moved = Import.objects.filter(id=self.id, state__in=before).update(state=after, **values)
        if not moved:
            raise ImportMoved(f"import {self.id} is not {' or '.join(before)}")
        for name, value in values.items():
            setattr(self, name, value)
        self.state = after
        self.announce()
