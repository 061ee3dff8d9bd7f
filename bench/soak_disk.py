"""The database's disk is full for a while: nothing is lost, and the run goes on when there is room again."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from bench import orders
from bench.finding import Finding
from bench.soak_faults import receipts, until_over
from bench.stage import Stage

if TYPE_CHECKING:
    from bulk_lookup.models import Run

DISK_MB = 1_500
ROWS = 60_000
FULL_SECONDS = 30.0
RECOVERY_SECONDS = 30.0
PATIENCE_SECONDS = 120.0  # until it is given up
MEGABYTE = 1 << 20


def check(rows: int) -> Iterator[Finding]:
    """A file system in memory takes the data directory, and is filled up in the middle of a run."""
    if os.geteuid() != 0:
        yield Finding("not tried: a small file system for the data directory can only be made by root")
        return
    with _small_disk() as folder:
        if folder is None:
            yield Finding("not tried: this machine lets nobody mount a small file system (a container, perhaps)")
            return
        with Stage(folder) as stage, stage.simulator(latency="20ms") as simulator:
            organization = stage.empty()
            count = min(rows, ROWS)
            run = orders.order(organization.pk, simulator, count, folder=stage.folder)
            stage.start_worker()
            orders.begin(run)
            orders.until_settled(run, count // 5, seconds=300)
            ballast = folder / "ballast"
            _fill(ballast)
            before = run.settled
            time.sleep(FULL_SECONDS)
            after = _settled_or_none(run)
            told = "the database did not answer" if after is None else f"{after - before:,} lookups were stored"
            yield Finding(f"the disk was full for {FULL_SECONDS:.0f} s: meanwhile {told}")
            ballast.unlink()
            seconds = until_progress(run, max(before, after or 0), seconds=PATIENCE_SECONDS)
            yield Finding(f"{seconds:.1f} s after there was room the run went on", seconds <= RECOVERY_SECONDS)
            if seconds >= PATIENCE_SECONDS:
                return
            ended = until_over(run, seconds=300 + count / 20)
            yield Finding(f"{run.done:,} done and {run.failed:,} failed of {count:,}", ended and run.done == count)
            yield receipts(run, simulator)


def until_progress(run: "Run", settled: int, *, seconds: float) -> float:
    """The seconds until more numbers than so many are settled, however long the database is away; at most `seconds`."""
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        now = _settled_or_none(run)
        if now is not None and (now > settled or run.state == "finished"):
            break
        time.sleep(0.1)
    return time.monotonic() - began


def _settled_or_none(run: "Run") -> int | None:
    """None where the database does not answer."""
    from django.db import InterfaceError, OperationalError, connection

    try:
        return orders.settled(run)
    except (OperationalError, InterfaceError):
        connection.close()
        return None


@contextmanager
def _small_disk() -> Iterator[Path | None]:
    folder = Path(tempfile.mkdtemp(prefix="bulk-lookup-soak-", dir="/tmp"))
    size = f"size={DISK_MB}m,mode=0711"
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(folder)], capture_output=True)
    try:
        yield folder if mounted.returncode == 0 else None
    finally:
        if mounted.returncode == 0:
            subprocess.run(["umount", "--lazy", str(folder)], check=False)
        shutil.rmtree(folder, ignore_errors=True)


def _fill(ballast: Path) -> None:
    """Write until nothing more goes onto the disk."""
    block = bytes(MEGABYTE)
    with ballast.open("wb", buffering=0) as file:
        try:
            while file.write(block) == MEGABYTE:
                pass
        except OSError:
            return
