"""How much of a provider's allowance is used, once its limit is known, and how many requests it refuses meanwhile."""

import time
from collections.abc import Iterator
from typing import Any

from bench import orders
from bench.borrowed import Simulator
from bench.context import Context
from bench.figure import Beside, Figure, Goal, Measured
from bench.stage import reset_stats

LATENCY_MS, LIMIT = 250, 50


def measure(bench: Context) -> Iterator[Figure]:
    """A provider with 250 ms latency that allows 50 requests in flight, in windows after the limit has settled."""
    sizes = bench.sizes
    organization = bench.stage.empty()
    seconds = sizes.settle_seconds + bench.runs * (sizes.window_seconds + 1) + 10
    with bench.stage.simulator(latency=f"{LATENCY_MS}ms", max_in_flight=str(LIMIT)) as simulator:
        run = orders.order(
            organization.pk, simulator, int(seconds * LIMIT * 1000 / LATENCY_MS), folder=bench.stage.folder
        )
        with bench.stage.worker():
            orders.begin(run)
            time.sleep(sizes.settle_seconds)
            windows = [window(simulator, sizes.window_seconds) for _ in range(bench.runs)]
            orders.stop(run)
    used = Measured(tuple(100 * share_used(one) for one in windows), " %")
    refused = Measured(tuple(100 * share_refused(one) for one in windows), " %")
    answered = Measured(tuple(one["answered"] / one["seconds"] for one in windows), " lookups/s")
    possible = Measured((LIMIT * 1000 / LATENCY_MS,), " lookups/s")
    yield Figure(
        f"allowance used, {LATENCY_MS} ms latency, {LIMIT} in flight allowed, limit settled",
        f"{used} of the limit in use, {refused} refused; {answered}",
        limits=(Beside("allowance / latency", possible, answered.value / possible.value),),
        goals=(
            Goal("≥ 97 % of the limit", used.value >= 97),
            Goal("< 0.5 % of requests answered 429", refused.value < 0.5),
        ),
        notes=(
            "In use: the simulator's own requests in flight, added up over time, divided by limit × seconds. "
            "The limit is not told to us: it is found by asking.",
        ),
    )


def window(simulator: Simulator, seconds: float) -> dict[str, Any]:
    """The simulator's statistics over so many seconds."""
    reset_stats(simulator)
    time.sleep(seconds)
    stats: dict[str, Any] = simulator.stats()
    return stats


def share_used(stats: dict[str, Any]) -> float:
    """Which part of the allowance was in flight."""
    return float(stats["in_flight_seconds"] / (stats["limit"] * stats["seconds"]))


def share_refused(stats: dict[str, Any]) -> float:
    """Which part of the requests was answered 429."""
    asked = stats["accepted"] + stats["refused"]
    return float(stats["refused"] / asked) if asked else 0.0
