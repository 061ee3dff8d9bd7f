"""Uploads: kept until their columns are chosen, imported once, removed after a day."""

import threading
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import import_world
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone

from bulk_lookup.engine.import_mapping import ColumnMapping
from bulk_lookup.engine.import_upload import FileGone, import_upload, read_again
from bulk_lookup.engine.keep_upload import UploadRefused, choose_sheet, keep_upload
from bulk_lookup.engine.remove_uploads import remove_uploads
from bulk_lookup.lib.tables.writers import open_writer
from bulk_lookup.models import ContactList, Import, Organization, Upload
from bulk_lookup.models.scope import organization_scope
from bulk_lookup.models.upload import KEPT

pytestmark = pytest.mark.django_db(transaction=True)

LIST = b"name,phone\nAnn,(415) 555-2671\nBo,(415) 555-2672\nCy,n/a\n"
MAPPING = ColumnMapping(phone_column=1, region="US")


@pytest.fixture(autouse=True)
def storage(tmp_path: Path, settings: Any) -> Path:
    """Files of this test alone."""
    backend = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path / "files"}}
    settings.STORAGES = settings.STORAGES | {"default": backend}
    return tmp_path / "files"


def keep(organization: Organization, content: bytes = LIST, name: str = "spring.csv") -> Upload:
    return keep_upload(organization, file_name=name, content=ContentFile(content))


def made_at(upload: Upload, when: datetime) -> None:
    with organization_scope(upload.organization_id):
        Upload.objects.filter(file=upload.file).update(created_at=when)


def uploads_of(organization: Organization) -> list[Upload]:
    with organization_scope(organization.pk):
        return list(Upload.objects.order_by("id"))


def files_in(storage: Path) -> list[Path]:
    return [path for path in storage.rglob("*") if path.is_file()] if storage.exists() else []


def test_a_file_is_kept_under_a_name_that_nobody_can_guess(organization: Organization, storage: Path) -> None:
    upload = keep(organization, name="../../etc/\x00pass\nwd.csv")
    (kept,) = files_in(storage)

    assert kept.read_bytes() == LIST
    assert kept.parent == storage / str(organization.pk) / "uploads"
    assert len(kept.name) == 32
    assert upload.file_name == "../../etc/passwd.csv"
    assert (upload.bytes_total, len(upload.sample["rows"])) == (len(LIST), 3)


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7 and more", b"PK\x03\x04" + bytes(100), b"\x1f\x8b broken"])
def test_what_holds_no_table_is_refused_by_its_own_name_and_not_kept(
    organization: Organization, storage: Path, content: bytes
) -> None:
    with pytest.raises(UploadRefused, match=r"spring\.csv") as refused:
        keep(organization, content)

    assert str(storage) not in str(refused.value)
    assert files_in(storage) == []
    assert uploads_of(organization) == []


def test_another_sheet_is_looked_at_and_one_that_is_not_there_refused(
    organization: Organization, tmp_path: Path
) -> None:
    path = tmp_path / "book.xlsx"
    with open_writer(path, kind="xlsx", header=["phone"], sheet="Spring") as writer:
        writer.write([["(415) 555-2671"]])
    upload = keep(organization, path.read_bytes(), "book.xlsx")
    (kept,) = uploads_of(organization)
    before = kept.sample

    with pytest.raises(UploadRefused, match=r"book\.xlsx has no sheet 'Summer'\. Its sheets are: Spring\."):
        choose_sheet(upload, "Summer", country="US")
    assert uploads_of(organization)[0].sample == before

    choose_sheet(upload, "Spring", country="US")
    assert uploads_of(organization)[0].sample == before


def test_an_upload_becomes_one_import_however_often_it_is_asked_for(organization: Organization) -> None:
    upload = keep(organization)
    first = import_upload(organization.pk, upload.pk, list_name="Spring", mapping=MAPPING)
    again = import_upload(organization.pk, upload.pk, list_name="Other", mapping=MAPPING)

    assert again == first
    with organization_scope(organization.pk):
        assert [one.name for one in ContactList.objects.all()] == ["Spring"]
    assert import_world.run(organization, first).valid == 2


def test_two_who_ask_at_once_get_one_import(organization: Organization) -> None:
    upload = keep(organization)
    ready = threading.Barrier(4)
    made: list[Import] = []

    def ask() -> None:
        try:
            ready.wait(10)
            made.append(import_upload(organization.pk, upload.pk, list_name="Spring", mapping=MAPPING))
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    assert len(made) == 4
    assert len({one.pk for one in made}) == 1


def test_an_upload_of_another_organization_is_not_there(
    organization: Organization, other_organization: Organization
) -> None:
    upload = keep(organization)

    with pytest.raises(Upload.DoesNotExist):
        import_upload(other_organization.pk, upload.pk, list_name="Mine", mapping=MAPPING)


def test_a_file_that_is_gone_is_said_so(organization: Organization, storage: Path) -> None:
    upload = keep(organization)
    default_storage.delete(upload.file)

    with pytest.raises(FileGone):
        import_upload(organization.pk, upload.pk, list_name="Spring", mapping=MAPPING)
    with organization_scope(organization.pk):
        assert ContactList.objects.count() == 0


def test_a_file_is_read_again_once_for_each_country_into_a_list_of_its_own(organization: Organization) -> None:
    german = b"phone\n0171 39200154\n0171 39200155\n"
    upload = keep(organization, german)
    first = import_world.run(
        organization,
        import_upload(
            organization.pk, upload.pk, list_name="Spring", mapping=ColumnMapping(phone_column=0, region="US")
        ),
    )
    assert (first.valid, first.invalid) == (0, 2)

    again = read_again(organization.pk, first.pk, region="DE")
    assert read_again(organization.pk, first.pk, region="DE") == again
    again = import_world.run(organization, again)

    assert (again.valid, again.invalid) == (2, 0)
    assert again.contact_list_id != first.contact_list_id
    with organization_scope(organization.pk):
        assert ContactList.objects.get(id=again.contact_list_id).name == "Spring, read as DE"


def test_an_import_of_a_file_that_was_not_uploaded_cannot_be_read_again(
    organization: Organization, tmp_path: Path
) -> None:
    path = tmp_path / "own.csv"
    path.write_bytes(LIST)
    one = import_world.start(organization, path)

    with pytest.raises(FileGone):
        read_again(organization.pk, one.pk, region="DE")


def test_uploads_are_removed_after_a_day_and_not_before(
    organization: Organization, other_organization: Organization, storage: Path
) -> None:
    now = timezone.now()
    old, young = keep(organization), keep(organization)
    hers = keep(other_organization)
    for upload, age in ((old, KEPT + timedelta(minutes=1)), (young, KEPT - timedelta(minutes=1)), (hers, KEPT * 2)):
        made_at(upload, now - age)

    assert remove_uploads(now=now) == 2
    assert uploads_of(organization) == [young]
    assert uploads_of(other_organization) == []
    assert [path.name for path in files_in(storage)] == [Path(young.file).name]
    assert remove_uploads(now=now) == 0


def test_a_file_stays_while_an_import_reads_it_also_as_a_second_reading(
    organization: Organization, storage: Path
) -> None:
    now = timezone.now()
    upload = keep(organization)
    first = import_world.run(
        organization, import_upload(organization.pk, upload.pk, list_name="Spring", mapping=MAPPING)
    )
    second = read_again(organization.pk, first.pk, region="DE")
    made_at(upload, now - KEPT * 2)

    assert remove_uploads(now=now) == 0
    assert len(files_in(storage)) == 1

    import_world.run(organization, second)
    assert remove_uploads(now=now) == 1
    assert files_in(storage) == []
    assert uploads_of(organization) == []


def test_a_file_that_no_upload_knows_of_goes_once_it_is_old(organization: Organization, storage: Path) -> None:
    keep(organization)
    default_storage.save(f"{organization.pk}/uploads/stray", ContentFile(b"left by a crash"))

    assert remove_uploads() == 0
    now = timezone.now() + KEPT - timedelta(minutes=1)
    assert remove_uploads(now=now) == 0
    assert remove_uploads(now=now + timedelta(hours=1)) == 2
    assert files_in(storage) == []
