"""`python -m bench.soak`: what shows only after hours, or when the machine itself gives way.

Each part has a process, a data directory and a simulator of its own. What was seen is printed; exit code 1 says that something
did not hold.
"""

import argparse
import os
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from functools import partial

from bench import soak_database, soak_disk, soak_faults, soak_memory
from bench.borrowed import ROOT
from bench.finding import Finding

PARTS: Mapping[str, Callable[[int], Iterator[Finding]]] = {
    "memory": soak_memory.check,
    "faults-billed": partial(soak_faults.check, bill_errors="on"),
    "faults-free": partial(soak_faults.check, bill_errors="off"),
    "disk-full": soak_disk.check,
    "database-gone": soak_database.check,
}
ROWS = 1_000_000


def main(arguments: list[str] | None = None) -> int:
    """Read the options and soak; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.soak", description="Hours of lookups, kills, a full disk and an absent database."
    )
    parser.add_argument("--only", action="append", choices=PARTS, metavar="NAME", help=f"one of {', '.join(PARTS)}")
    parser.add_argument("--rows", type=int, default=ROWS, help="lookups of one worker; a tenth of it meets the faults")
    parser.add_argument("--part", choices=PARTS, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.part:
        return _soak(options.part, options.rows)
    failed = [name for name in options.only or PARTS if _in_a_process(name, options.rows)]
    print(f"\nDid not hold: {', '.join(failed)}." if failed else "\nEverything held.")
    return 1 if failed else 0


def _in_a_process(name: str, rows: int) -> int:
    command = [sys.executable, "-m", "bench.soak", "--part", name, "--rows", str(rows)]
    process = subprocess.Popen(command, cwd=ROOT, env=os.environ)
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:  # the part has had it too, and tidies up
            process.wait()
            raise SystemExit(130) from None


def _soak(name: str, rows: int) -> int:
    print(f"{name}", flush=True)
    began = time.monotonic()
    held = True
    try:
        for finding in PARTS[name](rows):
            held &= finding.holds
            print(f"    {'ok     ' if finding.holds else 'NOT OK '} {finding.text}", flush=True)
    except KeyboardInterrupt:
        return 130
    except Exception:
        traceback.print_exc()
        held = False
    print(f"    {(time.monotonic() - began) / 60:.1f} minutes", flush=True)
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
