"""Make the file of an export of contacts: all that a filter finds, each once, ordered by list and row number.

Rows are read a batch at a time, each in its own short scope; the file is written beside the data, and stored whole.
"""

import errno
import secrets
import tempfile
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, cast
from urllib.parse import parse_qs

import structlog
from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.utils import timezone

from bulk_lookup.core.contact_filter import ContactFilter, read_filter
from bulk_lookup.engine.export_choice import lists_of
from bulk_lookup.engine.export_rows import ExportRows
from bulk_lookup.engine.import_spool import spool_folder
from bulk_lookup.lib.tables.errors import TableError
from bulk_lookup.lib.tables.writers import OutputKind, open_writer
from bulk_lookup.lib.tables.xlsx_writer import MAX_ROWS
from bulk_lookup.models import Contact, Export, Organization
from bulk_lookup.models.contact import Contacts
from bulk_lookup.models.contact_filtering import matching
from bulk_lookup.models.contact_search import TooShort
from bulk_lookup.models.export import ExportMoved
from bulk_lookup.models.scope import organization_scope
from bulk_lookup.queue import Job, defer

log = structlog.get_logger()

XLSX_ROWS: Final = MAX_ROWS - 1
"""Rows under the header of the one sheet."""

DRAFTS: Final = "export-"
"""How the folders of files that are being written begin; they are in the data directory's spool."""

_RANDOM_BYTES: Final = 16


class CannotExport(Exception):
    """The file cannot be made; the message is a sentence for the person who asked for it."""


class _ToldToStop(Exception):
    """This process ends; another one makes the file."""


def export_contacts(organization_id: int, export_id: int, *, should_stop: Callable[[], bool] = lambda: False) -> None:
    """Make an export's file and keep it in the storage; one that was cut off is made anew.

    Cancelled or deleted, it is given up before its next rows. Where `should_stop` says so, it is left to a new job. What is
    wrong with it ends in its `problem`; an error of ours is raised, for the queue to try again.
    """
    with organization_scope(organization_id):
        export = Export.objects.active().filter(id=export_id).first()
        organization = Organization.objects.get(id=organization_id)
    if export is None:
        return
    try:
        with timezone.override(organization.time_zone):  # a filter's days are the organization's
            _make(export, organization.country_code, should_stop)
    except ExportMoved as moved:
        log.info("An export is no longer wanted", action="export_moved", export_id=export_id, why=str(moved))
    except _ToldToStop:
        with organization_scope(organization_id):
            defer(Job.EXPORT_CONTACTS, organization_id, export_id=export_id)
    except (CannotExport, TooShort, TableError) as problem:
        _fail(export, str(problem))
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        _fail(export, "No space is left for the file. Free some, and export again.")


def wanted_contacts(export: Export, region: str) -> Contacts:
    """The contacts that an export is about, in no order. Raises TooShort."""
    if export.contact_ids:
        return Contact.objects.filter(pk__in=export.contact_ids)
    return matching(wanted_filter(export), region=region)


def wanted_filter(export: Export) -> ContactFilter:
    """The filter that an export was asked for with."""
    wanted, _ = read_filter(parse_qs(export.filter))
    return wanted


def exports_folder(organization_id: int) -> str:
    """Where an organization's exports are in the storage."""
    return f"{organization_id}/exports"


def kept_until(now: datetime) -> datetime:
    """When an export that is finished now is removed."""
    return now + timedelta(days=settings.EXPORT_DAYS)


def does_not_fit(rows: int) -> str:
    """The sentence about rows that are too many for XLSX, "" where they fit."""
    return f"{rows:,} rows do not fit one sheet, which holds {XLSX_ROWS:,}. Use CSV." if rows > XLSX_ROWS else ""


def _make(export: Export, region: str, should_stop: Callable[[], bool]) -> None:
    with organization_scope(export.organization_id):
        contacts = wanted_contacts(export, region)
        lists = lists_of(wanted_filter(export), export.contact_ids)
        export.begin(rows_total=contacts.filter(contact_list_id__in=lists).count(), now=timezone.now())
        rows = ExportRows(export, contacts)
    if export.format == "xlsx" and (sentence := does_not_fit(export.rows_total or 0)):
        raise CannotExport(sentence)
    spool_folder().mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=DRAFTS, dir=spool_folder()) as folder:
        draft = Path(folder) / "draft"
        try:
            _write(export, rows.read(lists), rows, draft, should_stop)
        except TableError as error:
            raise CannotExport(str(error).replace(f"{draft}: ", "").replace(str(draft), "The file")) from error
        _keep(export, rows, draft)


def _write(
    export: Export,
    batches: Iterator[Sequence[list[Any]]],
    rows: ExportRows,
    draft: Path,
    should_stop: Callable[[], bool],
) -> None:
    kind = cast(OutputKind, export.format)
    with open_writer(draft, kind=kind, header=rows.header, types=rows.types, rows=export.rows_total) as writer:
        for batch in batches:
            if should_stop():
                raise _ToldToStop
            writer.write(batch)
            with organization_scope(export.organization_id):
                export.advance(export.rows + len(batch))


def _keep(export: Export, rows: ExportRows, draft: Path) -> None:
    """Give the file to the storage, then say where it is; a file that nobody wants any more goes again."""
    size = draft.stat().st_size
    with draft.open("rb") as opened:
        name = default_storage.save(
            f"{exports_folder(export.organization_id)}/{secrets.token_hex(_RANDOM_BYTES)}", _Draft(opened, draft)
        )
    try:
        now = timezone.now()
        with organization_scope(export.organization_id):
            export.finish(file=name, bytes=size, simulated=rows.simulated, now=now, kept_until=kept_until(now))
    except BaseException:
        default_storage.delete(name)
        raise
    log.info("An export is ready", action="export_ready", export_id=export.pk, rows=export.rows)


class _Draft(File):  # type: ignore[type-arg]
    """A file that a storage on the same disk may take as it is, instead of copying it."""

    def __init__(self, opened: Any, path: Path) -> None:
        super().__init__(opened, name=path.name)
        self._path = path

    def temporary_file_path(self) -> str:
        """What Django's own storage moves."""
        return str(self._path)


def _fail(export: Export, problem: str) -> None:
    now = timezone.now()
    with organization_scope(export.organization_id):
        try:
            export.fail(problem, now=now, kept_until=kept_until(now))
        except ExportMoved:
            return  # cancelled or deleted meanwhile
    log.warning("An export failed", action="export_failed", export_id=export.pk)
