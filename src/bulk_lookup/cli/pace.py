"""The line beside the progress bar: how fast a run goes, when it probably ends, what it has cost and what slows it."""

import time
from datetime import UTC, datetime
from math import ceil
from typing import TYPE_CHECKING

from bulk_lookup.core.pricing import to_decimal_string
from bulk_lookup.core.progress import Band, Slowdown

if TYPE_CHECKING:
    from bulk_lookup.engine.run_progress import RunProgress
    from bulk_lookup.models import Run

MEASURE_EVERY = 1.0  # seconds
# Up to so many of a smaller unit are written in it.
_SECONDS_AT_MOST, _MINUTES_AT_MOST = 90.0, 90.0


class Pace:
    """Measures a run now and then while it is watched."""

    def __init__(self) -> None:
        self._measured: RunProgress | None = None
        self._next = 0.0

    def of(self, run: "Run") -> str:
        """The line of this moment; call it inside the scope."""
        from bulk_lookup.engine.run_progress import run_progress

        if time.monotonic() >= self._next:
            self._measured = run_progress(run, now=datetime.now(UTC))
            self._next = time.monotonic() + MEASURE_EVERY
        return pace_line(run, self._measured)


def pace_line(run: "Run", measured: "RunProgress | None") -> str:
    """`200/s, ends in 2–4 min, 1.20 USD of 5.00, 3 failed, slowed by: account limit`, as far as each is known."""
    if run.state == "planning":
        return "planning"
    parts = []
    if run.state == "running":
        rate = measured.rate if measured else None
        parts.append("measuring" if rate is None else f"{rate:,.0f}/s")
        if measured and measured.eta and run.settled < run.numbers:
            parts.append(f"ends in {band_words(measured.eta)}")
    cap = f" of {to_decimal_string(run.cap_micros)}" if run.cap_micros is not None else ""
    parts.append(f"{to_decimal_string(run.spent_micros)} {run.currency}{cap}")
    if run.failed:
        parts.append(f"{run.failed:,} failed")
    if measured and measured.slowed_by is not Slowdown.NOTHING:
        parts.append(f"slowed by: {measured.slowed_by.replace('_', ' ')}")
    return ", ".join(parts)


def band_words(band: Band) -> str:
    """`20–40 s`, `2–4 min`, `3–5 h`; one figure where both ends are the same."""
    unit, length = "h", 3600.0
    if band.high <= _SECONDS_AT_MOST:
        unit, length = "s", 1.0
    elif band.high <= _MINUTES_AT_MOST * 60:
        unit, length = "min", 60.0
    low, high = int(band.low / length), max(1, ceil(band.high / length))
    return f"{high} {unit}" if low == high else f"{low}–{high} {unit}"
