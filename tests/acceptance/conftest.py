"""What the acceptance tests share: a real simulator, real worker processes, and a run to give them."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from simulator_control import Simulator

if TYPE_CHECKING:
    from bulk_lookup.models import Organization, Run

# Waits between tries, short enough for a test and in the same order as the real ones.
QUICK_WAITS = {
    "BULK_LOOKUP_WAIT_UNKNOWN": "1",
    "BULK_LOOKUP_WAIT_TRANSIENT": "0.2",
    "BULK_LOOKUP_WAITS_NETWORK": "0.2,0.4,1",
    "BULK_LOOKUP_READ_TIMEOUT": "1.5",
    "BULK_LOOKUP_DRAIN": "5",
}


@pytest.fixture
def simulator() -> Iterator[Callable[..., Simulator]]:
    """Start a simulator with these settings (`error_rate="1%"` …); it ends with the test."""
    started: list[Simulator] = []

    def start(**settings: str) -> Simulator:
        started.append(Simulator.start(**settings))
        return started[-1]

    yield start
    for one in started:
        one.stop()


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


@pytest.fixture
def workers(database_url: str, tmp_path: Path) -> Iterator[Workers]:
    """Start and kill worker processes; all end with the test."""
    one = Workers(database_url, tmp_path)
    yield one
    one.stop()


@pytest.fixture
def order(organization: "Organization", tmp_path: Path) -> Callable[..., "Run"]:
    """Import numbers into a list and make a run over it, in draft, at this simulator."""

    def make(numbers: list[str], simulator: Simulator, **terms: Any) -> "Run":
        from bulk_lookup.engine.credentials import keep_account
        from bulk_lookup.engine.import_file import import_file, start_import
        from bulk_lookup.engine.import_reading import inspect_file
        from bulk_lookup.engine.quote_run import quote_run
        from bulk_lookup.models import Run
        from bulk_lookup.models.scope import organization_scope

        path = tmp_path / "list.csv"
        path.write_text("phone\n" + "\n".join(numbers) + "\n")
        mapping = inspect_file(path, region="US").mapping
        imported = start_import(organization.pk, list_name="list", file_name="list.csv", path=path, mapping=mapping)
        import_file(organization.pk, imported.pk)
        packages = terms.pop("packages", ["line_type_intelligence"])
        with organization_scope(organization.pk):
            account = keep_account(organization.pk, simulator.environment(), simulated=True, name="Simulator")
            quote = quote_run(organization.pk, imported.contact_list_id, packages, simulated=True, reuse_days=None)
            return Run.objects.create(
                organization=organization,
                contact_list_id=imported.contact_list_id,
                provider_account_id=account.pk,
                packages=packages,
                simulated=True,
                quote=quote.as_json(),
                quoted_micros=quote.cost_micros,
                saved_micros=quote.saved_micros,
                **terms,
            )

    return make


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
