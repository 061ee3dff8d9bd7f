"""Real worker processes, and waiting for what a run has come to."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from bulk_lookup.models import Run

# Waits between tries, short enough for a test and in the same order as the real ones.
QUICK_WAITS = {
    "BULK_LOOKUP_WAIT_UNKNOWN": "1",
    "BULK_LOOKUP_WAIT_TRANSIENT": "0.2",
    "BULK_LOOKUP_WAITS_NETWORK": "0.2,0.4,1",
    "BULK_LOOKUP_READ_TIMEOUT": "1.5",
    "BULK_LOOKUP_DRAIN": "5",
}


class Workers:
    """Worker processes on the test's database, each with its children in a process group of its own."""

    def __init__(self, database_url: str, folder: Path) -> None:
        self._environment = (
            os.environ
            | QUICK_WAITS
            | {
                "DATABASE_URL": database_url,
                "BULK_LOOKUP_DATA_DIR": str(folder),
            }
        )
        self._log = (folder / "workers.log").open("ab")
        self.processes: list[subprocess.Popen[bytes]] = []

    def start(self, *options: str, **settings: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-m", "bulk_lookup.cli", "worker", *options],
            env=self._environment | settings,
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,
        )
        self.processes.append(process)
        return process

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """kill -9 of the worker with all its children, as a machine that loses its power would."""
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        self.processes.remove(process)

    def stop(self) -> None:
        for process in self.processes:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in self.processes:
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        self.processes.clear()


def wait_until(run: "Run", *states: str, seconds: float = 120) -> "Run":
    """Wait until the run is in one of these states and nothing of it is in flight; fails the test after so long."""
    from bulk_lookup.models import Claim
    from bulk_lookup.models.scope import organization_scope

    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with organization_scope(run.organization_id):
            run.refresh_from_db()
            if run.state in states and not run.reserved_micros and not Claim.objects.filter(run_id=run.pk).exists():
                return run
        time.sleep(0.1)
    pytest.fail(f"after {seconds} s the run is {run.state} ({run.reason}): {run.settled} of {run.numbers}")
