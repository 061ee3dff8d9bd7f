"""An upload: a file that somebody has given and nothing has been imported from yet, or not long ago."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import models

from bulk_lookup.models.imports import Import
from bulk_lookup.models.tenant import OrganizationTable

KEPT = timedelta(days=1)
"""How long an upload is kept: until then its columns can be chosen, and it can be read again in another way."""


class Uploads(models.QuerySet["Upload"]):
    """Named queries over uploads."""

    def over(self, now: datetime) -> "Uploads":
        """Those kept long enough, but for files that an import is still reading."""
        reading = Import.objects.filter(
            id=models.OuterRef("import_id"), state__in=[Import.State.WAITING, Import.State.RUNNING]
        )
        return self.filter(~models.Exists(reading), created_at__lt=now - KEPT)

    def let_go(self, contact_list_id: int, now: datetime) -> None:
        """Keep those of a list no longer: the next round removes them."""
        self.filter(contact_list_id=contact_list_id).update(created_at=now - KEPT - timedelta(seconds=1))

    def with_file(self, names: Iterable[str]) -> "Uploads":
        """Those whose bytes are in one of these files."""
        return self.filter(file__in=list(names))


class Upload(OrganizationTable):
    """Makes one import: whoever posts the wizard's form twice is led to the same one.

    `sample` is what the wizard shows (`engine.take_sample.Sample`): the first rows, so that a choice never reads the file
    again. A file that is read a second time under another region has a second upload, with the region in `read_as`.
    """

    file = models.TextField()  # its name in the storage: random, in the organization's folder
    file_name = models.TextField()  # as the person called it
    bytes_total = models.BigIntegerField()
    sample = models.JSONField(default=dict)
    read_as = models.TextField(default="", blank=True)
    contact_list_id = models.BigIntegerField(null=True)
    import_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField()  # of the file, also where it is read again

    objects = Uploads.as_manager()

    class Meta:
        db_table = "upload"
        constraints = [
            # One reading of a file under each region; also leads to all uploads of a file when it is removed.
            models.UniqueConstraint(fields=["organization", "file", "read_as"], name="upload_once"),
        ]
        indexes = [
            # What is to be removed; the upload of an import.
            models.Index(fields=["organization", "created_at"], name="upload_oldest"),
            models.Index(fields=["organization", "import_id"], name="upload_of_import"),
        ]

    def imported_as(self, one: Import) -> None:
        """Say which import this upload became."""
        self.contact_list_id, self.import_id = one.contact_list_id, one.id
        self.save(update_fields=["contact_list_id", "import_id"])
