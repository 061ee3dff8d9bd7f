"""Two workers on one account: they share its allowance, and together never pass a limit that is known."""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

from bench import orders
from bench.allowance import LATENCY_MS, LIMIT, share_refused, share_used, window
from bench.context import Context
from bench.figure import Beside, Figure, Goal, Measured

GOAL_SHARE = 0.98  # one window differs from the next by that much, whoever asks


def measure(bench: Context) -> Iterator[Figure]:
    """One worker and then two, with a limit that is known (our ceiling is the provider's), and one that is not."""
    one = _windows(bench, workers=1, ceiling=LIMIT)
    two = _windows(bench, workers=2, ceiling=LIMIT)
    unknown = _windows(bench, workers=2, ceiling=2 * LIMIT)
    alone, together, searching = (_rate(windows) for windows in (one, two, unknown))
    above = sum(window["started_above_limit"] for window in two)
    refused = Measured(tuple(100 * share_refused(window) for window in unknown), " %")
    used = Measured(tuple(100 * share_used(window) for window in unknown), " %")
    yield Figure(
        f"two workers on one account, {LATENCY_MS} ms latency, {LIMIT} in flight allowed",
        f"{together}; {above} requests started above the known limit",
        peers=(Beside("one worker", alone, together.value / alone.value),),
        goals=(
            Goal("no request starts while those in flight reach the known limit", above == 0),
            Goal("throughput unchanged (within 2 %) or better", together.value >= GOAL_SHARE * alone.value),
        ),
        notes=(
            f"Where nobody told them the limit, the two find it by asking: {searching}, {used} of it in use, "
            f"{refused} of the requests refused.",
        ),
    )


def _windows(bench: Context, *, workers: int, ceiling: int) -> list[dict[str, Any]]:
    sizes = bench.sizes
    organization = bench.stage.empty()
    length = sizes.window_seconds / 2  # three cases to measure
    seconds = sizes.settle_seconds + bench.runs * (length + 1) + 10
    bench.say(f"{workers} worker{'s' * (workers > 1)}, ceiling {ceiling}")
    settings = {"BULK_LOOKUP_MAX_IN_FLIGHT": str(ceiling)}
    with bench.stage.simulator(latency=f"{LATENCY_MS}ms", max_in_flight=str(LIMIT)) as simulator, ExitStack() as stack:
        count = int(seconds * LIMIT * 1000 / LATENCY_MS)
        run = orders.order(organization.pk, simulator, count, folder=bench.stage.folder)
        for _ in range(workers):
            stack.enter_context(bench.stage.worker(**settings))
        orders.begin(run)
        time.sleep(sizes.settle_seconds)
        windows = [window(simulator, length) for _ in range(bench.runs)]
        orders.stop(run)
    return windows


def _rate(windows: list[dict[str, Any]]) -> Measured:
    return Measured(tuple(one["answered"] / one["seconds"] for one in windows), " lookups/s")
