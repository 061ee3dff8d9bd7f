"""Begin the import of an upload: once, however often it is asked for."""

from pathlib import Path

from django.core.files.storage import default_storage

from bulk_lookup.engine.import_file import start_import
from bulk_lookup.engine.import_mapping import ColumnMapping
from bulk_lookup.models import ContactList, Import, Upload
from bulk_lookup.models.scope import organization_scope


class FileGone(Exception):
    """The bytes of an upload are not kept any more."""


def import_upload(organization_id: int, upload_id: int, *, list_name: str, mapping: ColumnMapping) -> Import:
    """Start the import of an upload into a new list, or give the one that it became already.

    Raises FileGone, and Upload.DoesNotExist where the organization has no such upload.
    """
    with organization_scope(organization_id):
        upload = Upload.objects.select_for_update().get(id=upload_id)
        return _imported(upload, list_name, mapping)


def read_again(organization_id: int, import_id: int, *, region: str) -> Import:
    """Import the file of an import once more, into a list of its own, with `region` for numbers that say no country.

    Raises FileGone where the file is not kept any more, or was not uploaded.
    """
    with organization_scope(organization_id):
        # The first upload's row is the lock: two people who ask at once get one list.
        first = Upload.objects.select_for_update().filter(import_id=import_id).first()
        if first is None:
            raise FileGone
        before = Import.objects.get(id=import_id)
        again, _ = Upload.objects.get_or_create(
            organization_id=organization_id,
            file=first.file,
            read_as=region,
            defaults={
                "file_name": first.file_name,
                "bytes_total": first.bytes_total,
                "sample": first.sample,
                "created_at": first.created_at,
            },
        )
        name = ContactList.objects.get(id=before.contact_list_id).name
        mapping = ColumnMapping.from_json(before.mapping | {"region": region})
        return _imported(again, f"{name}, read as {region}", mapping)


def _imported(upload: Upload, list_name: str, mapping: ColumnMapping) -> Import:
    if upload.import_id is not None:
        return Import.objects.get(id=upload.import_id)
    try:
        one = start_import(
            upload.organization_id,
            list_name=list_name,
            file_name=upload.file_name,
            path=Path(default_storage.path(upload.file)),
            mapping=mapping,
        )
    except OSError as error:
        raise FileGone from error
    upload.imported_as(one)
    return one
