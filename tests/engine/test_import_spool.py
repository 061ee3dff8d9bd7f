"""Standard input's file goes with its import, also when those who should have deleted it were killed; no other file does."""

import io
from pathlib import Path

import pytest
from import_world import fresh, run, start

from bulk_lookup.engine.import_file import import_file, start_import
from bulk_lookup.engine.import_mapping import ColumnMapping
from bulk_lookup.engine.import_spool import forget_leftovers, spool_folder
from bulk_lookup.lib.tables.spool import spool
from bulk_lookup.models import Import, Organization
from bulk_lookup.models.scope import organization_scope

pytestmark = pytest.mark.django_db(transaction=True)

LIST = b"phone\n4155552671\n4155552672\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data directory of the test's own; returns its folder for spooled files."""
    monkeypatch.setenv("BULK_LOOKUP_DATA_DIR", str(tmp_path / "data"))
    spool_folder().mkdir(parents=True)
    return spool_folder()


def end(one: Import, verb: str) -> None:
    """End an import whose worker was killed before it could delete the file."""
    with organization_scope(one.organization_id):
        kept = Import.objects.get(id=one.id)
        kept.cancel() if verb == "cancel" else kept.fail("The disk is full.")


def test_the_file_is_deleted_when_the_import_is_finished(organization: Organization, folder: Path) -> None:
    path = spool(io.BytesIO(LIST), folder)

    one = run(organization, start(organization, path))

    assert (one.state, one.rows) == ("finished", 2)
    assert not path.exists()


def test_the_file_is_deleted_when_the_import_is_cancelled_or_fails(organization: Organization, folder: Path) -> None:
    cancelled = start(organization, spool(io.BytesIO(LIST), folder))
    end(cancelled, "cancel")
    broken = spool(io.BytesIO(b""), folder)
    failed = start_import(
        organization.id, list_name="x", file_name="x", path=broken, mapping=ColumnMapping(phone_column=0)
    )

    assert [run(organization, one).state for one in (cancelled, failed)] == ["cancelled", "failed"]
    assert fresh(failed).problem.startswith("standard input is empty")
    assert list(folder.iterdir()) == []


def test_the_file_stays_while_the_import_is_to_go_on(organization: Organization, folder: Path) -> None:
    path = spool(io.BytesIO(LIST), folder)
    one = start(organization, path)

    import_file(organization.id, one.id, should_stop=lambda: True)
    assert forget_leftovers() == 0

    assert fresh(one).state == "waiting"
    assert path.exists()


def test_a_persons_own_file_stays(organization: Organization, tmp_path: Path, folder: Path) -> None:
    elsewhere = spool(io.BytesIO(LIST), tmp_path)  # as a person's file would be, by chance called as ours are
    inside = folder / "list.csv"
    inside.write_bytes(LIST)

    for path in (elsewhere, inside):
        assert run(organization, start(organization, path)).state == "finished"
    forget_leftovers()

    assert elsewhere.exists()
    assert inside.exists()


def test_a_starting_worker_deletes_what_killed_ones_have_left(
    organization: Organization, other_organization: Organization, folder: Path
) -> None:
    left = [start(whose, spool(io.BytesIO(LIST), folder)) for whose in (organization, other_organization)]
    end(left[0], "cancel")
    end(left[1], "fail")
    waiting = spool(io.BytesIO(LIST), folder)
    start(organization, waiting)
    being_written = spool(io.BytesIO(LIST), folder)

    assert forget_leftovers() == 2

    assert set(folder.iterdir()) == {waiting, being_written}


def test_without_a_folder_there_is_nothing_to_delete(folder: Path) -> None:
    folder.rmdir()
    assert forget_leftovers() == 0
