"""A worker that is told to stop ends its import behind a batch, and the next worker goes on from there."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection
from import_world import check_against_file, check_sums, fresh, run, start, write_numbers

from bulk_lookup.engine.import_rows import BATCH_ROWS
from bulk_lookup.models import Organization

pytestmark = pytest.mark.django_db(transaction=True)

ROWS = 120_000
DRAIN_SECONDS = 20


@pytest.fixture
def files_worker(database_url: str, tmp_path: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """A worker's child process for the queue of files; it is ended with the test."""
    environment = {
        **os.environ,
        "DATABASE_URL": database_url,
        "BULK_LOOKUP_DATA_DIR": str(tmp_path),
        "BULK_LOOKUP_DRAIN": str(DRAIN_SECONDS),
    }
    command = [sys.executable, "-m", "bulk_lookup.cli", "worker", "--queue", "files", "--child"]
    with (tmp_path / "worker.log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=log, stderr=log)
    yield process
    process.kill()
    process.wait()
    if process.stdin:
        process.stdin.close()


def test_a_deploy_stops_an_import_between_two_batches(
    organization: Organization, tmp_path: Path, files_worker: "subprocess.Popen[bytes]"
) -> None:
    path = write_numbers(tmp_path / "list.csv", ROWS)
    one = start(organization, path)
    while fresh(one).rows == 0:
        assert files_worker.poll() is None, (tmp_path / "worker.log").read_text()
        time.sleep(0.02)

    files_worker.send_signal(signal.SIGTERM)
    assert files_worker.wait(DRAIN_SECONDS) == 0

    stopped = fresh(one)
    assert stopped.state == "running"
    assert 0 < stopped.rows < ROWS  # a worker that waits for the end of the file would have stored all
    assert stopped.rows % BATCH_ROWS == 0
    check_sums(stopped)
    with connection.cursor() as cursor:
        cursor.execute("select status from procrastinate_jobs where task_name = 'import_file' order by id")
        assert cursor.fetchall() == [("succeeded",), ("todo",)]
    check_against_file(run(organization, stopped), path)
