"""The database is gone for a minute: killed, and kept from starting. The run goes on within 30 s of its return."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from bench import orders
from bench.finding import Finding
from bench.memory import children
from bench.soak_disk import PATIENCE_SECONDS, RECOVERY_SECONDS, until_progress
from bench.soak_faults import receipts, until_over
from bench.stage import Stage

ROWS = 40_000
GONE_SECONDS = 60.0


def check(rows: int) -> Iterator[Finding]:
    """kill -9 of the embedded server with all its processes; whoever would start it has to wait a minute."""
    from bulk_lookup.lib.embedded_postgres.data_directory import DataDirectory
    from bulk_lookup.lib.embedded_postgres.file_lock import FileLock

    with Stage() as stage, stage.simulator(latency="20ms") as simulator:
        organization = stage.empty()
        count = min(rows, ROWS)
        run = orders.order(organization.pk, simulator, count, folder=stage.folder)
        stage.start_worker()
        orders.begin(run)
        orders.until_settled(run, count // 5, seconds=300)
        data = DataDirectory(stage.folder)
        turn = FileLock(data.start_lock)
        turn.take()
        _kill(data.cluster / "postmaster.pid")
        before = run.settled
        time.sleep(GONE_SECONDS)
        turn.release()
        seconds = until_progress(run, before, seconds=PATIENCE_SECONDS)
        yield Finding(
            f"the database was gone for {GONE_SECONDS:.0f} s; {seconds:.1f} s after it might start again the run went on",
            seconds <= RECOVERY_SECONDS,
        )
        if seconds >= PATIENCE_SECONDS:
            return
        ended = until_over(run, seconds=300 + count / 20)
        yield Finding(f"{run.done:,} done and {run.failed:,} failed of {count:,}", ended and run.done == count)
        yield receipts(run, simulator)


def _kill(pid_file: Path) -> None:
    """The server's first process and all others, none of which may tidy up."""
    first = int(pid_file.read_text().splitlines()[0])
    for pid in (first, *children(first)):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
