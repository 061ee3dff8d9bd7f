"""Remove uploads that have been kept long enough, and files that no upload knows of."""

from datetime import datetime

import structlog
from django.core.files.storage import default_storage
from django.utils import timezone

from bulk_lookup.engine.keep_upload import uploads_folder
from bulk_lookup.engine.stored_files import is_older, names_in
from bulk_lookup.models import Organization, Upload
from bulk_lookup.models.scope import organization_scope
from bulk_lookup.models.upload import KEPT

log = structlog.get_logger()


def remove_uploads(*, now: datetime | None = None) -> int:
    """Remove what is over in every organization; returns how many files went. A file that is being imported stays."""
    now = now or timezone.now()
    removed = sum(
        _remove(organization_id, now) for organization_id in Organization.objects.values_list("id", flat=True)
    )
    if removed:
        log.info("Uploads were removed", action="uploads_removed", files=removed)
    return removed


def _remove(organization_id: int, now: datetime) -> int:
    with organization_scope(organization_id):
        over = {upload.file for upload in Upload.objects.over(now)}
        reading = Upload.objects.with_file(over).exclude(id__in=Upload.objects.over(now)).values_list("file", flat=True)
        over -= set(reading)
        Upload.objects.with_file(over).delete()
        known = set(Upload.objects.values_list("file", flat=True))
    # Rows first: a file without a row is found again by the next round, a row without its file would be a promise.
    gone = [
        name
        for name in names_in(uploads_folder(organization_id))
        if name in over or (name not in known and is_older(name, now - KEPT))
    ]
    for name in gone:
        default_storage.delete(name)
    return len(gone)
