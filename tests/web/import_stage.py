"""Giving a list in a test as a person would."""

from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from bulk_lookup.engine.import_file import import_file
from bulk_lookup.models import Import, Organization, Upload
from bulk_lookup.models.scope import organization_scope

LIST = b"""name,phone,country
Ann,(415) 555-2671,US
Bo,0171 39200154,DE
Cy,call after 5,US
Di,+44 (0)20 7946 0958,GB
Ed,+1 415 555 2671,
"""


def keep_files_in(folder: Path, settings: Any) -> None:
    """Let this test have a storage of its own."""
    backend = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": folder}}
    settings.STORAGES = settings.STORAGES | {"default": backend}


def give(
    client: Client, content: bytes = LIST, name: str = "spring.csv", headers: dict[str, str] | None = None
) -> HttpResponse:
    """Post a file to the first step."""
    answer = client.post("/imports/new", {"file": SimpleUploadedFile(name, content)}, headers=headers)
    assert isinstance(answer, HttpResponse)
    return answer


def upload_of(organization: Organization) -> Upload:
    """The only upload."""
    with organization_scope(organization.pk):
        return Upload.objects.get()


def imports_of(organization: Organization) -> list[Import]:
    with organization_scope(organization.pk):
        return list(Import.objects.order_by("id"))


def bring(client: Client, organization: Organization, content: bytes = LIST, **choices: Any) -> Import:
    """Walk from the file to the end of the import."""
    columns = give(client, content).headers["Location"]
    report = client.post(columns, choices).headers["Location"]
    number = int(report.rsplit("/", 1)[1])
    import_file(organization.pk, number)
    with organization_scope(organization.pk):
        return Import.objects.get(id=number)
