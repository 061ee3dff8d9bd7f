"""Whole workers in set time: gates, their renewals and a provider, and how much of its limit they use together."""

import asyncio
from random import Random
from typing import Any

import pytest
from gate_world import Provider, World, run

from bulk_lookup.core.progress import Slowdown

Kind = dict[str, Any]
STEADY: Kind = {}
JITTERED: Kind = {"latency": (0.1, 0.4)}
SLOW_REFUSALS: Kind = {"refusal_latency": (0.25, 0.25)}
KINDS = pytest.mark.parametrize("kind", [STEADY, JITTERED, SLOW_REFUSALS], ids=["steady", "jittered", "slow_refusals"])
WORKERS = pytest.mark.parametrize("workers", [1, 2, 4])


def world_of(workers: int, limit: int, **provider: Any) -> World:
    world = World(Provider(limit, random=Random(3), **provider))
    for number in range(workers):
        world.worker(f"w{number}", phase=number / workers)
    return world


async def used(world: World, seconds: float) -> tuple[float, float]:
    """The part of the provider's limit that was used, and the share of requests that was refused."""
    rate, refused = await world.measure(seconds)
    return rate * sum(world.provider.latency) / 2 / world.provider.limit, refused


async def seconds_until_used(world: World, part: float, *, at_most: int) -> int:
    for second in range(1, at_most + 1):
        share, _ = await used(world, 1.0)
        if share >= part and world.account.limit < 1.2 * world.provider.limit:
            return second
    raise AssertionError(f"not within {at_most} s; the limit stands at {world.account.limit}")


@KINDS
@WORKERS
def test_a_settled_limit_is_used_to_97_percent_and_less_than_half_a_percent_is_refused(
    workers: int, kind: Kind
) -> None:
    async def main() -> None:
        world = world_of(workers, 50, **kind)
        await asyncio.sleep(25)

        share, refused = await used(world, 30)

        assert share >= 0.97
        assert refused < 0.005

    run(main())


@KINDS
@WORKERS
def test_an_unknown_limit_is_found_within_ten_seconds_when_it_falls_and_when_it_rises(workers: int, kind: Kind) -> None:
    async def main() -> None:
        world = world_of(workers, 50, **kind)
        await asyncio.sleep(30)
        world.provider.limit = 20
        assert await seconds_until_used(world, 0.9, at_most=10) <= 10
        await asyncio.sleep(30)
        world.provider.limit = 80
        assert await seconds_until_used(world, 0.9, at_most=10) <= 10

    run(main())


@WORKERS
def test_five_percent_of_random_refusals_cost_less_than_a_tenth_of_the_throughput(workers: int) -> None:
    async def main() -> None:
        world = world_of(workers, 50, noise=0.05)
        await asyncio.sleep(40)

        share, refused = await used(world, 30)

        assert share >= 0.9
        assert refused < 0.08

    run(main())


@WORKERS
def test_with_a_known_limit_never_more_are_in_flight_than_it_allows(workers: int) -> None:
    async def main() -> None:
        # The provider would take more in; the ceiling is ours.
        world = world_of(workers, 1_000)
        world.account = world.account.with_settings(ceiling=20)
        await asyncio.sleep(20)
        world.worker("late", phase=0.3)
        await asyncio.sleep(10)
        world.provider.latency = (0.05, 2.0)
        await asyncio.sleep(20)

        assert world.provider.most == 20
        assert world.account.limit == 20
        assert {gate.slowed_by() for gate in world.gates.values()} == {Slowdown.OWN_CEILING}

    run(main())


def test_a_worker_that_dies_leaves_its_share_to_the_others_within_eleven_seconds() -> None:
    async def main() -> None:
        world = world_of(2, 40)
        world.account = world.account.with_settings(ceiling=40)
        await asyncio.sleep(20)

        world.kill("w0")

        await asyncio.sleep(11.5)
        share, _ = await used(world, 5)
        assert share >= 0.97
        assert set(world.rows) == {"w1"}

    run(main())


def test_a_worker_that_cannot_reach_the_database_stops_before_its_share_is_given_away() -> None:
    async def main() -> None:
        world = world_of(2, 1_000)
        world.account = world.account.with_settings(ceiling=40)
        await asyncio.sleep(20)

        world.cut_off("w0")
        await asyncio.sleep(30)

        assert world.provider.most <= 40
        assert world.gates["w0"].in_flight == 0
        assert world.gates["w0"].slowed_by() is Slowdown.NO_WORKER
        assert (await used(world, 5))[0] * 1_000 >= 39

    run(main())


def test_two_workers_are_no_slower_than_one() -> None:
    async def main(workers: int) -> float:
        world = world_of(workers, 50)
        await asyncio.sleep(30)
        return (await world.measure(30))[0]

    one, two = run(main(1)), run(main(2))

    assert two >= 0.99 * one


def test_a_worker_with_little_to_ask_is_served_beside_one_with_a_million() -> None:
    async def main() -> None:
        world = World(Provider(20, random=Random(3)))
        world.worker("million", askers=500)
        await asyncio.sleep(10)
        world.worker("hundred", askers=4, phase=0.5)
        await asyncio.sleep(5)

        finished = world.finished["hundred"]
        await asyncio.sleep(10)

        # Four at a time, four times a second.
        assert world.finished["hundred"] - finished >= 0.9 * 4 * 4 * 10

    run(main())


@WORKERS
def test_an_outage_is_probed_gently_and_left_at_once_when_it_ends(workers: int) -> None:
    async def main() -> None:
        world = world_of(workers, 50)
        await asyncio.sleep(20)
        provider = world.provider
        provider.down = True
        await asyncio.sleep(3)
        before = len(provider.asked_while_down)

        await asyncio.sleep(30)

        probes = len(provider.asked_while_down) - before
        assert 5 <= probes <= 7
        provider.down = False
        assert await world.until(lambda: provider.in_flight >= 40, at_most=7) <= 7

    run(main())


@WORKERS
def test_a_packages_limit_is_found_and_shared_like_the_accounts(workers: int) -> None:
    package = frozenset({"caller_name"})

    async def main() -> None:
        provider = Provider(50, package_limits={"caller_name": 12}, random=Random(3))
        world = World(provider)
        for number in range(workers):
            world.worker(f"w{number}", packages=package, phase=number / workers)
        await asyncio.sleep(40)

        accepted, refused = await world.measure(30)

        assert accepted * 0.25 >= 0.9 * 12
        assert refused < 0.02
        assert world.account.limit >= 20

    run(main())


@WORKERS
def test_retry_after_on_every_refusal_costs_nothing_at_rest(workers: int) -> None:
    async def main() -> None:
        world = world_of(workers, 50, retry_after=1.0)
        await asyncio.sleep(30)

        share, refused = await used(world, 30)

        assert share >= 0.97
        assert refused < 0.005

    run(main())
