"""Remove exports that have been kept long enough, files that no export knows of, and drafts of killed processes."""

import shutil
from datetime import datetime, timedelta
from typing import Final

import structlog
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from bulk_lookup.engine.export_contacts import DRAFTS, exports_folder, kept_until
from bulk_lookup.engine.import_spool import spool_folder
from bulk_lookup.engine.stored_files import is_older, names_in
from bulk_lookup.models import Export, Organization
from bulk_lookup.models.scope import organization_scope

log = structlog.get_logger()

LEFT_BEHIND: Final = timedelta(days=1)
"""The age from which a file that no row names is nobody's, and an export that is still not made will not be."""


def remove_exports(*, now: datetime | None = None) -> int:
    """Remove what is over in every organization; returns how many files went."""
    now = now or timezone.now()
    removed = sum(
        _remove(organization_id, now) for organization_id in Organization.objects.values_list("id", flat=True)
    )
    _remove_drafts(now)
    if removed:
        log.info("Exports were removed", action="exports_removed", files=removed)
    return removed


def remove_export(export: Export) -> None:
    """Remove one with its file; whoever is making it notices before the next rows. Call it inside a scope."""
    name = export.file
    export.delete()
    if name:
        transaction.on_commit(lambda: default_storage.delete(name))


def _remove(organization_id: int, now: datetime) -> int:
    with organization_scope(organization_id):
        # Tried for the last time long ago: nobody comes back to it.
        Export.objects.active().filter(created_at__lt=now - LEFT_BEHIND).update(
            state=Export.State.FAILED,
            problem="It could not be made. Export again.",
            finished_at=now,
            kept_until=kept_until(now),
        )
        over = Export.objects.over(now)
        files = {name for name in over.values_list("file", flat=True) if name}
        over.delete()
        known = set(Export.objects.exclude(file="").values_list("file", flat=True))
    # Rows first: a file without a row is found again by the next round, a row without its file would be a promise.
    gone = [
        name
        for name in names_in(exports_folder(organization_id))
        if name in files or (name not in known and is_older(name, now - LEFT_BEHIND))
    ]
    for name in gone:
        default_storage.delete(name)
    return len(gone)


def _remove_drafts(now: datetime) -> None:
    for folder in spool_folder().glob(f"{DRAFTS}*"):
        try:
            old = datetime.fromtimestamp(folder.stat().st_mtime, tz=now.tzinfo) < now - LEFT_BEHIND
        except FileNotFoundError:
            continue
        if old:
            shutil.rmtree(folder, ignore_errors=True)
