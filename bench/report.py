"""docs/benchmarks.md: the table, the machine it was measured on, and how to read it."""

import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from bench.borrowed import ROOT
from bench.figure import Figure, table
from bench.sizes import Sizes

_PAGE = """\
# Benchmarks

Written by `python -m bench --write` on {day}: {machine}. {runs} runs of each line, the median of them, lowest and highest in
brackets; {minutes:.0f} minutes in all. Absolute figures are this machine's; the ratios are what to look at, since each line
is measured beside its peer and its limit in the same run, with simulator, database and workers on the same processors.

{table}

{notes}
How to measure on another machine: `make bench`, with `BENCH_ARGS="--only lookups"` for one line, `--quick` for a taste, and
`--full` for 10 million rows. `make soak` runs for longer: a million lookups with one worker, whose memory is watched, and
100,000 with faults, kills, a full disk and an absent database, whose receipts are held against the simulator's ledger.
"""


def write_page(figures: Sequence[Figure], sizes: Sizes, *, runs: int, minutes: float) -> Path:
    """Write the page; returns where."""
    notes = "".join(f"* {one.work}: {note}\n" for one in figures for note in one.notes)
    page = ROOT / "docs" / "benchmarks.md"
    text = _PAGE.format(
        day=datetime.now(UTC).date().isoformat(),
        machine=machine(),
        runs=runs,
        minutes=minutes,
        table=table(figures),
        notes=notes,
    )
    page.write_text(text, encoding="utf-8")
    return page


def machine() -> str:
    """The machine in a few words."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    model = next(
        (
            line.partition(":")[2].strip()
            for line in _lines(Path("/proc/cpuinfo"))
            if line.startswith(("model name", "Model"))
        ),
        platform.machine(),
    )
    return f"{os.cpu_count()} processors ({model}), {memory:.0f} GB, {platform.system()}, Python {platform.python_version()}"


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text().splitlines()
    except OSError:
        return []
