"""How much memory a process has, and has had."""

import os
import resource
import subprocess
import sys
from pathlib import Path

MEGABYTE = 1024 * 1024


def peak_mb() -> float:
    """The most that this process has had resident, in MB.

    Linux counts what the starter of a process had into ru_maxrss, so the process's own high-water mark is read there.
    """
    status = Path("/proc/self/status")
    if status.exists():
        return next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM")) / 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / MEGABYTE if sys.platform == "darwin" else peak / 1024


def resident_mb(pid: int) -> float:
    """What a process has resident now, in MB; 0 where it has gone."""
    told = subprocess.run(["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, text=True)
    return int(told.stdout or 0) / 1024


def children(pid: int) -> dict[int, str]:
    """The processes that a process has started, with the command line of each."""
    told = subprocess.run(["ps", "-A", "-o", "pid=,ppid=,args="], capture_output=True, text=True, env=_plain())
    rows = [line.split(None, 2) for line in told.stdout.splitlines()]
    return {int(row[0]): row[2] for row in rows if len(row) == 3 and int(row[1]) == pid}


def _plain() -> dict[str, str]:
    return os.environ | {"LC_ALL": "C", "COLUMNS": "500"}
