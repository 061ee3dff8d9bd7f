"""What comes in the way of an import: kills, cancels, a database that is away or full, a second import at the same time."""

import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from django.db import connection
from import_world import check_against_file, check_sums, contacts_of, fresh, run, start, write_numbers

from bulk_lookup.engine import import_file as import_file_module
from bulk_lookup.engine.import_file import import_file
from bulk_lookup.engine.import_phones import WORTH_A_PROCESS_BYTES
from bulk_lookup.models import Import, Organization
from bulk_lookup.models.imports import ImportMoved
from bulk_lookup.models.scope import organization_scope

pytestmark = pytest.mark.django_db(transaction=True)

_WORKER = """
import sys
from bulk_lookup.boot import boot
boot(migrate=False)
from bulk_lookup.engine.import_file import import_file
import_file(int(sys.argv[1]), int(sys.argv[2]))
"""

StartProcess = Callable[[Import], "subprocess.Popen[bytes]"]


@pytest.fixture
def start_process(database_url: str, tmp_path: Path) -> Iterator[StartProcess]:
    """Start another process that does an import; it is ended with the test."""
    started: list[subprocess.Popen[bytes]] = []

    def begin(one: Import) -> "subprocess.Popen[bytes]":
        environment = {**os.environ, "DATABASE_URL": database_url, "BULK_LOOKUP_DATA_DIR": str(tmp_path)}
        command = [sys.executable, "-c", _WORKER, str(one.organization_id), str(one.id)]
        process = subprocess.Popen(command, env=environment)
        started.append(process)
        return process

    yield begin
    for process in started:
        process.kill()
        process.wait()


def jobs() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("select task_name from procrastinate_jobs where status = 'todo'")
        return [name for (name,) in cursor.fetchall()]


def test_no_row_is_lost_or_doubled_when_the_process_is_killed_twice(
    organization: Organization, tmp_path: Path, start_process: StartProcess
) -> None:
    path = write_numbers(tmp_path / "list.csv", 200_000)
    assert path.stat().st_size > WORTH_A_PROCESS_BYTES
    one = start(organization, path)
    chance = random.Random()
    for aim in sorted(chance.sample(range(20_000, 150_000), 2)):
        process = start_process(one)
        while (at := fresh(one)).rows < aim:
            assert at.rows == at.valid + at.invalid + at.duplicates
            assert process.poll() is None
        time.sleep(chance.random() * 0.2)  # somewhere in the next batch
        process.kill()
        assert process.wait() == -9
        check_sums(fresh(one))

    one = run(organization, one)

    assert (one.state, one.rows) == ("finished", 200_000)
    check_against_file(one, path)


def test_a_cancelled_import_stops_before_its_next_batch_and_keeps_what_is_stored(
    organization: Organization, tmp_path: Path
) -> None:
    path = write_numbers(tmp_path / "list.csv", 25_000)
    one = start(organization, path)

    def cancel_after_the_first() -> bool:
        if fresh(one).rows == 10_000:
            with organization_scope(organization.id):
                Import.objects.get(id=one.id).cancel()
        return False

    import_file(organization.id, one.id, should_stop=cancel_after_the_first)

    one = fresh(one)
    assert (one.state, one.rows) == ("cancelled", 10_000)
    check_sums(one)
    with organization_scope(organization.id), pytest.raises(ImportMoved):
        one.cancel()


def test_an_import_that_has_to_stop_leaves_the_rest_to_a_new_job(organization: Organization, tmp_path: Path) -> None:
    path = write_numbers(tmp_path / "list.csv", 25_000)
    one = start(organization, path)
    assert jobs() == ["import_file"]

    import_file(organization.id, one.id, should_stop=lambda: fresh(one).rows > 0)

    assert (fresh(one).state, fresh(one).rows) == ("running", 10_000)
    assert jobs() == ["import_file", "import_file"]
    check_against_file(run(organization, one), path)


def test_an_import_that_was_not_committed_has_no_job(organization: Organization, tmp_path: Path) -> None:
    path = write_numbers(tmp_path / "list.csv", 10)

    with pytest.raises(KeyError), organization_scope(organization.id):
        start(organization, path)
        raise KeyError

    assert jobs() == []
    with organization_scope(organization.id):
        assert not Import.objects.exists()


def test_a_lost_connection_is_made_again_and_the_import_goes_on(
    organization: Organization, tmp_path: Path, database_url: str
) -> None:
    path = write_numbers(tmp_path / "list.csv", 35_000)
    one = start(organization, path)
    lost: list[int] = []

    def lose_the_connection() -> bool:
        if fresh(one).rows == 10_000 and not lost:
            lost.append(connection.connection.info.backend_pid)
            with psycopg.connect(database_url) as other:
                other.execute("select pg_terminate_backend(%s)", lost)
        return False

    import_file(organization.id, one.id, should_stop=lose_the_connection)

    assert lost
    check_against_file(fresh(one), path)


def test_a_full_disk_fails_the_import_with_a_sentence_and_keeps_the_rows_so_far(
    organization: Organization, tmp_path: Path
) -> None:
    path = write_numbers(tmp_path / "list.csv", 25_000)
    one = start(organization, path)
    # What PostgreSQL raises when a table cannot be extended, from the fifteen thousandth row on.
    with connection.cursor() as cursor:
        cursor.execute(
            """
            create function fill_disk() returns trigger language plpgsql as $$ begin
                raise exception 'could not extend file' using errcode = 'disk_full';
            end $$;
            create trigger fill_disk before insert on contact
                for each row when (new.row_number > 15000) execute function fill_disk()
            """
        )
    try:
        one = run(organization, one)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("drop trigger fill_disk on contact; drop function fill_disk")

    assert (one.state, one.rows) == ("failed", 10_000)
    assert one.problem.startswith("The disk of the database is full; the rows so far are kept.")
    check_sums(one)


def test_two_imports_into_one_list_at_the_same_time_take_turns(
    organization: Organization, tmp_path: Path, start_process: StartProcess
) -> None:
    path, same = write_numbers(tmp_path / "list.csv", 30_000), write_numbers(tmp_path / "same.csv", 30_000)
    one = start(organization, path)
    two = start(organization, same, contact_list_id=one.contact_list_id)

    processes = [start_process(one), start_process(two)]
    assert [process.wait(60) for process in processes] == [0, 0]

    first, second = sorted([fresh(one), fresh(two)], key=lambda imported: imported.row_offset)
    assert (first.state, second.state) == ("finished", "finished")
    assert (first.row_offset, second.row_offset) == (0, 30_001)
    assert second.valid == 0  # all its numbers stand above
    assert second.duplicates == first.valid + first.duplicates
    contacts = contacts_of(first)
    assert len({contact.row_number for contact in contacts}) == len(contacts) == 60_000
    numbers = [contact.formatted_phone_number for contact in contacts if contact.status == "pending"]
    assert len(set(numbers)) == len(numbers) == first.valid


def test_an_import_brings_one_of_its_list_to_its_end_that_has_no_worker_any_more(
    organization: Organization, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_file_module, "_STANDSTILL_SECONDS", 0.0)
    path, more = write_numbers(tmp_path / "list.csv", 25_000), write_numbers(tmp_path / "more.csv", 100, seed=2)
    left = start(organization, path)
    import_file(organization.id, left.id, should_stop=lambda: fresh(left).rows > 0)
    assert fresh(left).rows == 10_000

    second = run(organization, start(organization, more, contact_list_id=left.contact_list_id))

    assert (fresh(left).state, fresh(left).rows) == ("finished", 25_000)
    assert (second.state, second.rows, second.row_offset) == ("finished", 100, 25_001)


def test_whoever_is_behind_gives_way_to_the_worker_that_moved_the_import_on(
    organization: Organization, tmp_path: Path
) -> None:
    path = write_numbers(tmp_path / "list.csv", 35_000)
    one = start(organization, path)
    overtaken: list[bool] = []

    def be_overtaken() -> bool:
        if fresh(one).rows == 10_000 and not overtaken:
            overtaken.append(True)
            other = threading.Thread(target=_import_and_close, args=(organization.id, one.id))
            other.start()
            other.join()
        return False

    import_file(organization.id, one.id, should_stop=be_overtaken)

    assert overtaken
    check_against_file(fresh(one), path)


def _import_and_close(organization_id: int, import_id: int) -> None:
    import_file(organization_id, import_id)
    connection.close()
