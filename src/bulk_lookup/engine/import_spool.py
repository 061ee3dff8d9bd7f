"""The files that standard input was kept in: they go when their import has ended."""

from pathlib import Path

import django.db
import structlog
from django.db import connection

from bulk_lookup.boot import data_dir
from bulk_lookup.lib.tables.spool import is_spooled
from bulk_lookup.models import Import, Organization
from bulk_lookup.models.scope import organization_scope

log = structlog.get_logger()

_ENDED = (Import.State.FINISHED, Import.State.CANCELLED, Import.State.FAILED)


def spool_folder() -> Path:
    """The folder in the data directory that `lib.tables.spool` is given."""
    return data_dir() / "spool"


def forget_spooled(organization_id: int, import_id: int) -> None:
    """Delete the file of an import that has ended, if it is a spooled one: nobody will read it again."""
    with organization_scope(organization_id):
        ended = Import.objects.filter(id=import_id, state__in=_ENDED).values_list("path", flat=True).first()
    if ended is not None:
        _delete(Path(ended), spool_folder())


def forget_leftovers() -> int:
    """Delete the spooled files of all ended imports, which killed processes have left; returns how many there were.

    A file that no import of ours names may be one that is just being written, or another database's: it stays.
    """
    folder = spool_folder()
    try:
        left = [str(path.absolute()) for path in folder.iterdir() if is_spooled(path)]
        if not left:
            return 0
        deleted = sum(_forget(organization_id, left, folder) for organization_id in _organizations())
    except (OSError, django.db.Error):  # no folder, or no database just now: the next start will do
        return 0
    finally:
        connection.close()
    if deleted:
        log.info("Files of ended imports were deleted", action="spool_cleared", files=deleted)
    return deleted


def _organizations() -> list[int]:
    return list(Organization.objects.values_list("id", flat=True))


def _forget(organization_id: int, left: list[str], folder: Path) -> int:
    with organization_scope(organization_id):
        ended = list(Import.objects.filter(path__in=left, state__in=_ENDED).values_list("path", flat=True))
    return sum(_delete(Path(path), folder) for path in ended)


def _delete(path: Path, folder: Path) -> bool:
    """Whether there was such a file; a person's own file is never deleted, whatever its name."""
    if not is_spooled(path) or path.parent != folder.absolute():
        return False
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    except OSError as error:
        log.warning("A spooled file cannot be deleted", action="spool_stays", error=error.strerror)
        return False
    return True
