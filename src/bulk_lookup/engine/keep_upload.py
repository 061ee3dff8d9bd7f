"""Keep a file that somebody gives until its columns are chosen: its bytes in the storage, its first rows on the upload."""

import secrets
from pathlib import Path
from typing import Any, Final

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.utils import timezone

from bulk_lookup.engine.sample_process import sample_apart
from bulk_lookup.engine.take_sample import Sample
from bulk_lookup.lib.tables.errors import TableError
from bulk_lookup.models import Organization, Upload
from bulk_lookup.models.scope import organization_scope

_LONGEST_NAME: Final = 200
_RANDOM_BYTES: Final = 16


class UploadRefused(Exception):
    """A file holds no table that can be read; the message is a sentence for the person who gave it."""


def keep_upload(organization: Organization, *, file_name: str, content: "File[Any]") -> Upload:
    """Store a file and look at its first rows; call it outside a scope, since reading takes its time.

    Raises UploadRefused, with nothing kept, where the file holds no table.
    """
    name = default_storage.save(f"{uploads_folder(organization.pk)}/{secrets.token_hex(_RANDOM_BYTES)}", content)
    shown = _shown_name(file_name)
    try:
        sample = sampled(name, shown, country=organization.country_code or None)
        with organization_scope(organization.pk):
            return Upload.objects.create(
                organization_id=organization.pk,
                file=name,
                file_name=shown,
                bytes_total=default_storage.size(name),
                sample=sample.as_json(),
                created_at=timezone.now(),
            )
    except BaseException:
        default_storage.delete(name)
        raise


def choose_sheet(upload: Upload, sheet: str, *, country: str | None) -> None:
    """Look at another sheet of an upload's file; raises UploadRefused, with the first one kept, where it holds no table."""
    sample = sampled(upload.file, upload.file_name, sheet=sheet, country=country)
    upload.sample = sample.as_json()
    with organization_scope(upload.organization_id):
        upload.save(update_fields=["sample"])


def sampled(name: str, file_name: str, *, sheet: str | None = None, country: str | None = None) -> Sample:
    """The sample of a stored file. Raises UploadRefused, with the file called as the person called it."""
    path = Path(default_storage.path(name))
    try:
        return sample_apart(path, sheet=sheet, country=country)
    except TableError as error:
        raise UploadRefused(in_their_words(str(error), name, file_name)) from error


def in_their_words(sentence: str, name: str, file_name: str) -> str:
    """A sentence about a stored file, told by the name that the person gave it."""
    return sentence.replace(default_storage.path(name), file_name).replace(Path(name).name, file_name)


def uploads_folder(organization_id: int) -> str:
    """Where an organization's uploads are in the storage."""
    return f"{organization_id}/uploads"


def _shown_name(file_name: str) -> str:
    """A name on one line: characters that do something instead of being seen are left out."""
    shown = "".join(character for character in file_name if character.isprintable()).strip()
    return shown[-_LONGEST_NAME:] or "A list without a name"
