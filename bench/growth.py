"""What growth costs: how fast a run goes near the end of a large list, against a small one."""

import itertools
from collections.abc import Iterator

from bench import orders
from bench.context import Context
from bench.figure import Beside, Figure, Goal, Measured
from bench.population import populate

GOAL_SHARE = 0.9


def measure(bench: Context) -> Iterator[Figure]:
    """The last lookups of a run over few numbers and of one over many, each on a database of its own size."""
    few, many = bench.sizes.growth
    small, _ = _late(bench, few)
    large, plan_seconds = _late(bench, many)
    ratio = large.value / small.value
    yield Figure(
        f"cost of growth: persisted lookups/s at the end of {many:,}, against {few:,}",
        str(large),
        peers=(Beside(f"the same at the end of {few:,}", small, ratio),),
        goals=(Goal("≥ 90 % of the throughput of the small run", ratio >= GOAL_SHARE),),
        notes=(
            f"{many:,} numbers were planned in {plan_seconds:.1f} s. All but the last lookups were answered by the database "
            f"itself; timed are {bench.runs} stretches of {bench.sizes.growth_lookups:,} lookups, provider without latency.",
        ),
    )


def _late(bench: Context, rows: int) -> tuple[Measured, float]:
    """The rate of each of the last stretches, and the seconds of the plan."""
    from bulk_lookup.models.scope import organization_scope

    stretch = bench.sizes.growth_lookups
    to_ask = (bench.runs + 1) * stretch  # the first one warms up
    assert to_ask < rows
    organization = bench.stage.empty()
    with bench.stage.simulator() as simulator:
        population = populate(bench, organization.pk, simulator, rows, mixed=False, to_ask=to_ask)
        run = population.run
        with bench.stage.worker():
            with organization_scope(organization.pk):
                run.resume()
            seen = orders.until_settled(run, rows, seconds=60 + to_ask / 50)
    marks = [rows - place * stretch for place in range(bench.runs, -1, -1)]
    times = [when(seen, mark) for mark in marks]
    rates = [stretch / (after - before) for before, after in itertools.pairwise(times)]
    return Measured(tuple(rates), " lookups/s"), population.plan_seconds


def when(seen: list[tuple[float, int]], mark: int) -> float:
    """When so many were settled, between two looks by proportion."""
    for (before, less), (after, more) in itertools.pairwise(seen):
        if less <= mark <= more and more > less:
            return before + (after - before) * (mark - less) / (more - less)
    return seen[-1][0]
