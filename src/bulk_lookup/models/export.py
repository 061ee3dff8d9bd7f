"""An export: a file to be made from a run's list, or from the contacts that a filter finds."""

from datetime import datetime

from django.db import models

from bulk_lookup.models.fields import one_of
from bulk_lookup.models.tenant import OrganizationTable

STATES = ["wanted", "building", "ready", "failed", "cancelled"]


class ExportMoved(Exception):
    """The export is not in the state that the verb begins from: it was cancelled or deleted, or somebody was quicker."""


class Exports(models.QuerySet["Export"]):
    """Named queries over exports."""

    def downloads(self, now: datetime) -> "Exports":
        """Those that were asked for in the browser and are still kept."""
        return self.filter(models.Q(kept_until=None) | models.Q(kept_until__gt=now), run_id=None)

    def over(self, now: datetime) -> "Exports":
        """Those kept long enough."""
        return self.filter(kept_until__lte=now)

    def active(self) -> "Exports":
        """Those that a worker makes, or will."""
        return self.filter(state__in=_ACTIVE, run_id=None)


class Export(OrganizationTable):
    """One of a run (`run_id`, `path`) or one of a filter (`filter`, `file`).

    That of a run is ordered with it, so that whoever resumes it writes the file that was asked for at first, to a path of the
    command's machine. That of a filter is made by a job, kept in the storage for some days and downloaded: whoever posts
    its form twice is led to the same one (`form_key`). `columns` is what `engine.export_choice.ExportChoice` writes.
    """

    class State(models.TextChoices):
        WANTED = "wanted"
        BUILDING = "building"
        READY = "ready"
        FAILED = "failed"
        CANCELLED = "cancelled"

    contact_list_id = models.BigIntegerField(null=True)
    run_id = models.BigIntegerField(null=True)
    path = models.TextField(default="", blank=True)  # "-" for standard output
    format = models.TextField()  # csv, tsv, xlsx, jsonl, parquet
    options = models.JSONField(default=dict)  # shapes.ExportOptions
    state = models.TextField(choices=State.choices, default=State.WANTED)
    problem = models.TextField(default="", blank=True)
    rows = models.BigIntegerField(default=0)  # written so far
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    name = models.TextField(default="", blank=True)  # of the file, without its ending
    filter = models.TextField(default="", blank=True)  # a core.contact_filter.ContactFilter as the query of an address
    contact_ids = models.JSONField(default=list)  # where rows were ticked, instead of the filter
    columns = models.JSONField(default=dict)
    made_by = models.TextField(default="", blank=True)  # a person's name or address, as it was then
    form_key = models.TextField(null=True)
    rows_total = models.BigIntegerField(null=True)  # counted when it begins
    file = models.TextField(default="", blank=True)  # its name in the storage: random, in the organization's folder
    bytes = models.BigIntegerField(default=0)
    simulated = models.BooleanField(default=False)  # some of the answers in it are a simulator's
    started_at = models.DateTimeField(null=True)
    kept_until = models.DateTimeField(null=True)

    objects = Exports.as_manager()

    class Meta:
        db_table = "export"
        constraints = [
            one_of("export", "state", STATES),
            models.CheckConstraint(
                condition=models.Q(run_id__isnull=True) | models.Q(contact_list_id__isnull=False),
                name="export_of_run_has_list",
            ),
            # One form makes one export.
            models.UniqueConstraint(fields=["organization", "form_key"], name="export_once"),
        ]
        indexes = [
            # The exports of a run (`runs resume`, `runs export`).
            models.Index(fields=["organization", "run_id"], name="export_of_run"),
        ]

    @property
    def is_active(self) -> bool:
        """Whether a worker makes it, or will."""
        return self.state in _ACTIVE

    def begin(self, *, rows_total: int, now: datetime) -> None:
        """wanted → building; one that was cut off begins again."""
        self._move(Export.State.BUILDING, rows=0, rows_total=rows_total, started_at=now)

    def advance(self, rows: int) -> None:
        """So many rows are written."""
        self._move(Export.State.BUILDING, rows=rows)

    def finish(self, *, file: str, bytes: int, simulated: bool, now: datetime, kept_until: datetime) -> None:
        """building → ready, with the name of its file in the storage."""
        self._move(
            Export.State.READY, file=file, bytes=bytes, simulated=simulated, finished_at=now, kept_until=kept_until
        )

    def fail(self, problem: str, *, now: datetime, kept_until: datetime) -> None:
        """wanted or building → failed, with a sentence for the person who asked for it."""
        self._move(Export.State.FAILED, problem=problem, finished_at=now, kept_until=kept_until)

    def cancel(self, *, now: datetime, kept_until: datetime) -> None:
        """wanted or building → cancelled: it is given up before its next rows."""
        self._move(Export.State.CANCELLED, finished_at=now, kept_until=kept_until)

    def _move(self, after: "Export.State", **values: object) -> None:
        if not Export.objects.active().filter(id=self.pk).update(state=after, **values):
            raise ExportMoved(f"export {self.pk} is not being made")
        for name, value in values.items():
            setattr(self, name, value)
        self.state = after


_ACTIVE = (Export.State.WANTED, Export.State.BUILDING)
