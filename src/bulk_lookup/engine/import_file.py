"""Bring a file's rows into a list: every row becomes a contact, whatever happens on the way."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import django.db
import psycopg
import structlog
from django.db import connection
from psycopg import errors

from bulk_lookup import database
from bulk_lookup.engine.import_batch import store_portion
from bulk_lookup.engine.import_mapping import ColumnMapping
from bulk_lookup.engine.import_portions import read_ahead, read_portions
from bulk_lookup.engine.import_region import other_region
from bulk_lookup.engine.import_rejects import rejects, write_rejects
from bulk_lookup.engine.import_spool import forget_spooled
from bulk_lookup.lib.tables.errors import TableError
from bulk_lookup.models import ContactList, Import
from bulk_lookup.models.imports import ImportMoved
from bulk_lookup.models.scope import organization_scope
from bulk_lookup.queue import Job, defer

__all__ = ["import_file", "rejects", "start_import", "write_rejects"]

log = structlog.get_logger()

# What is raised while PostgreSQL restarts, is away, or takes too long to give a connection.
_AWAY: Final = (django.db.OperationalError, django.db.InterfaceError, psycopg.OperationalError, psycopg.InterfaceError)
_FIRST_WAIT_SECONDS: Final = 0.5
_LONGEST_WAIT_SECONDS: Final = 3.0

# An import of the same list that has stood still for so long has no worker any more: this one brings it to its end.
_STANDSTILL_SECONDS: Final = 5.0
_LOOK_SECONDS: Final = 0.5

# The planner's figures are renewed by an import that brings so many rows, and so large a part of all there are.
_ANALYZE_ROWS: Final = 5_000
_ANALYZE_SHARE: Final = 0.02

_DISK_FULL: Final = (
    "The disk of the database is full; the rows so far are kept. Make room there and import the file into a new list."
)


def start_import(
    organization_id: int,
    *,
    list_name: str,
    file_name: str,
    path: Path,
    mapping: ColumnMapping,
    contact_list_id: int | None = None,
) -> Import:
    """Make a list (or take the one with `contact_list_id`) and enqueue the import of a file into it.

    The file must stay at `path` until the import has ended. Raises OSError where it is gone already.
    """
    size = path.stat().st_size
    with organization_scope(organization_id):
        if contact_list_id is None:
            contact_list_id = ContactList.objects.create(organization_id=organization_id, name=list_name).id
        one = Import.objects.create(
            organization_id=organization_id,
            contact_list_id=contact_list_id,
            file_name=file_name,
            path=str(path.absolute()),
            mapping=mapping.as_json(),
            bytes_total=size,
        )
        defer(Job.IMPORT_FILE, organization_id, import_id=one.id)
    return one


def import_file(organization_id: int, import_id: int, *, should_stop: Callable[[], bool] = lambda: False) -> None:
    """Store the rows of an import's file that are not stored yet, a transaction per batch, and finish the import.

    An import that was killed goes on behind its last batch; one that is cancelled stops before its next; where
    `should_stop` says so, the rest is left to a new job. What is wrong with the file ends in the import's `problem`.
    While the database is away, this waits, unless it should stop; then it raises what the database raised. Standard
    input's file is deleted when the import has ended.
    """
    wait = _FIRST_WAIT_SECONDS
    while True:
        try:
            _import(organization_id, import_id, should_stop)
            forget_spooled(organization_id, import_id)
            return
        except _AWAY as error:
            if _is_disk_full(error):
                _fail(organization_id, import_id, _DISK_FULL)
                forget_spooled(organization_id, import_id)
                return
            if should_stop():  # its job is nobody's now, and taken up again
                raise
            log.warning("The database is away", action="database_away", what="import", error=str(error)[:200])
            connection.close()
            database.heal()
            time.sleep(wait)
            wait = min(_LONGEST_WAIT_SECONDS, wait * 1.5)


def _import(organization_id: int, import_id: int, should_stop: Callable[[], bool]) -> None:
    try:
        one = _begun(organization_id, import_id, should_stop)
        complete = one is not None and _store_rows(one, should_stop)
        if one is not None and complete:
            _finish(one)
        else:
            with organization_scope(organization_id):
                defer(Job.IMPORT_FILE, organization_id, import_id=import_id)
    except ImportMoved as moved:
        # Cancelled, or finished by the job that this one repeats, or taken up by another worker.
        log.info("An import is no longer ours", action="import_moved", import_id=import_id, why=str(moved))
    except TableError as error:
        _fail(organization_id, import_id, str(error))


def _begun(organization_id: int, import_id: int, should_stop: Callable[[], bool]) -> Import | None:
    """The import, running; an import of its list that runs already comes first. None when it had to stop before."""
    since, seen = time.monotonic(), (0, 0)
    while not should_stop():
        with organization_scope(organization_id):
            one = Import.objects.get(id=import_id)
            other = one.begin()
        if other is None:
            return one
        if seen != (other.id, other.rows):
            since, seen = time.monotonic(), (other.id, other.rows)
        if time.monotonic() - since >= _STANDSTILL_SECONDS:
            _import(organization_id, other.id, should_stop)
        else:
            time.sleep(_LOOK_SECONDS)
    return None


def _store_rows(one: Import, should_stop: Callable[[], bool]) -> bool:
    """Store what is left of the file; False when it had to stop before the end."""
    mapping = ColumnMapping.from_json(one.mapping)
    portions = read_portions(Path(one.path), mapping, offset=one.row_offset, skip=one.rows)
    with read_ahead(portions) as ahead:
        for portion in ahead:
            if should_stop():
                return False
            store_portion(one, portion)
    return True


def _finish(one: Import) -> None:
    region, share = other_region(one)
    with organization_scope(one.organization_id):
        one.finish(other_region=region, other_region_share=share)
    if one.rows >= _ANALYZE_ROWS:
        _renew_statistics(one.rows)


def _renew_statistics(rows: int) -> None:
    """Let the planner know of the new rows at once: the plan of a run over them comes next."""
    with connection.cursor() as cursor:
        cursor.execute("select reltuples from pg_class where oid = 'contact'::regclass")
        (all_rows,) = cursor.fetchone()
        if rows > all_rows * _ANALYZE_SHARE:
            cursor.execute("analyze contact")


def _fail(organization_id: int, import_id: int, problem: str) -> None:
    with organization_scope(organization_id):
        try:
            Import.objects.get(id=import_id).fail(problem)
        except ImportMoved:
            return  # cancelled meanwhile
    log.warning("An import failed", action="import_failed", import_id=import_id)


def _is_disk_full(error: BaseException) -> bool:
    return isinstance(error, errors.DiskFull) or isinstance(error.__cause__, errors.DiskFull)
