"""Persisted lookups per second, the provider answering at once: claim, request, receipt, contact, counters, rollups."""

from collections.abc import Iterator

from bench import orders
from bench.borrowed import Simulator
from bench.context import Context
from bench.figure import Figure, Goal, Measured, beside
from bench.load import IN_FLIGHT, load
from bench.peer_queue import THREADS


def measure(bench: Context) -> Iterator[Figure]:
    """Our worker process beside the official SDK, beside a queue with one job per number, and beside a load generator."""
    ours: list[float] = []
    sdk: list[float] = []
    queue: list[float] = []
    limit: list[float] = []
    organization = bench.stage.empty()
    with bench.stage.simulator() as simulator, bench.stage.database("peer_queue") as database:
        for place in range(bench.runs):
            bench.say(f"round {place + 1} of {bench.runs}")
            ours.append(_ours(bench, organization.pk, simulator, place))
            sdk.append(_peer(bench, "bench.peer_sdk", simulator.url, str(bench.sizes.sdk_lookups)))
            queue.append(_peer(bench, "bench.peer_queue", simulator.url, str(bench.sizes.jobs), database))
            by, rate = load(simulator.url, seconds=bench.sizes.load_seconds)
            limit.append(rate)
    unit = " lookups/s"
    mine = Measured(tuple(ours), unit)
    in_memory = beside("official SDK, async + gather, results only in memory", Measured(tuple(sdk), unit), mine)
    by_job = beside("one queue job per number, with the SDK", Measured(tuple(queue), unit), mine)
    yield Figure(
        "persisted lookups/s, provider without latency",
        str(mine),
        peers=(in_memory, by_job),
        limits=(beside(f"{by} on the same simulator", Measured(tuple(limit), " requests/s"), mine),),
        goals=(
            Goal("≥ 1.5 × the SDK, although we persist", in_memory.ratio >= 1.5),
            Goal("≥ 20 × one job per number", by_job.ratio >= 20),
        ),
        notes=(
            f"One worker process, {bench.sizes.lookups:,} lookups a round, timed from the plan's commit to the last receipt's. "
            f"The SDK has {IN_FLIGHT} requests in flight; the queue is Procrastinate with {THREADS} threads, which read and "
            "write one row for each number. Simulator and database run on the same processors.",
        ),
    )


def _ours(bench: Context, organization_id: int, simulator: Simulator, place: int) -> float:
    count = bench.sizes.lookups
    run = orders.order(organization_id, simulator, count, folder=bench.stage.folder, first=place * count)
    with bench.stage.worker():
        orders.begin(run)
        seen = orders.until_settled(run, count, seconds=60 + count / 50)
    return count / (seen[-1][0] - seen[0][0])


def _peer(bench: Context, module: str, *arguments: str) -> float:
    told = bench.stage.python(module, *arguments)
    return float(told["lookups"] / told["seconds"])
