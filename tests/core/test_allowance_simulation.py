"""The rules against a simulated provider: how much of an unknown limit is used, and how soon a changed one is found.

A discrete-event simulation of one process that always has more to ask; time is a number, no clock is read.
"""

import heapq
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import count
from random import Random

import pytest

from bulk_lookup.core.allowance import Allowance, after_answer, after_refusal, tick
from bulk_lookup.core.flight import Flight, Ticket


@dataclass
class Simulation:
    """One account and a provider that accepts `limit` requests at a time; `noise` of all are refused for no reason."""

    limit: int
    latency: tuple[float, float] = (0.25, 0.25)
    refusal_latency: tuple[float, float] = (0.005, 0.005)
    noise: float = 0.0
    seed: int = 1
    now: float = 1_000.0
    in_flight: int = 0
    accepted: int = 0
    refused: int = 0

    def __post_init__(self) -> None:
        self.random = Random(self.seed)
        self.allowance = Allowance()
        self.flight = Flight()
        self.order = count()
        self.events: list[tuple[float, int, Ticket | None, bool]] = []
        self._schedule(1.0, None, True)
        self._start()

    def run(self, seconds: float) -> tuple[float, float]:
        """Let time pass; the part of the provider's limit that was used, and the share of requests that was refused."""
        until, accepted, refused = self.now + seconds, self.accepted, self.refused
        while self.events[0][0] <= until:
            self.now, _, ticket, was_accepted = heapq.heappop(self.events)
            if ticket is None:
                self._tick()
            else:
                self._answer(ticket, was_accepted)
            self._start()
        self.now = until
        accepted, refused = self.accepted - accepted, self.refused - refused
        mean = sum(self.latency) / 2
        return accepted * mean / seconds / max(1, self.limit), refused / max(1, accepted + refused)

    def seconds_until_used(self, part: float, *, at_most: int) -> int:
        """Whole seconds until one second used so much of the limit; fails when it takes longer."""
        for second in range(1, at_most + 1):
            if self.run(1.0)[0] >= part and self.allowance.limit < 1.2 * self.limit:
                return second
        raise AssertionError(f"not within {at_most} s; the limit stands at {self.allowance.limit}")

    def _start(self) -> None:
        while len(self.flight) < self.allowance.limit and self.now >= self.allowance.paused_until:
            ticket = Ticket()
            self.flight.start(ticket, self.now)
            accepted = self.in_flight < self.limit and self.random.random() >= self.noise
            self.in_flight += accepted
            self._schedule(self.random.uniform(*(self.latency if accepted else self.refusal_latency)), ticket, accepted)

    def _answer(self, ticket: Ticket, accepted: bool) -> None:
        if accepted:
            self.in_flight -= 1
            self.accepted += 1
            self.flight.accepted(ticket, self.now)
            self.allowance = after_answer(self.allowance)
            return
        self.refused += 1
        beside = self.flight.refused(ticket, self.now)
        before = self.allowance
        self.allowance = after_refusal(before, beside, self.now, self.flight.evidence(self.now))
        if self.allowance is not before:
            self.flight.count_from(self.now)

    def _tick(self) -> None:
        saturated = len(self.flight) >= self.allowance.limit
        self.allowance = tick(self.allowance, self.now, self.flight.evidence(self.now), saturated=saturated)
        self._schedule(1.0, None, True)

    def _schedule(self, delay: float, ticket: Ticket | None, accepted: bool) -> None:
        heapq.heappush(self.events, (self.now + delay, next(self.order), ticket, accepted))


Kind = Callable[..., Simulation]
jittered = partial(Simulation, latency=(0.1, 0.4))
slow_refusals = partial(Simulation, refusal_latency=(0.25, 0.25))
quick = partial(Simulation, latency=(0.02, 0.02))


@pytest.mark.parametrize(
    "kind", [Simulation, jittered, slow_refusals, quick], ids=["steady", "jittered", "slow", "quick"]
)
def test_a_settled_limit_is_used_to_97_percent_and_less_than_half_a_percent_is_refused(
    kind: Kind,
) -> None:
    simulation = kind(50)
    simulation.run(20)

    used, refused = simulation.run(60 if kind is not quick else 12)

    assert used >= 0.97
    assert refused < 0.005


@pytest.mark.parametrize("kind", [Simulation, jittered, slow_refusals], ids=["steady", "jittered", "slow"])
def test_an_unknown_limit_is_found_within_ten_seconds_when_it_falls_and_when_it_rises(
    kind: Kind,
) -> None:
    simulation = kind(50)
    simulation.run(30)

    simulation.limit = 20
    assert simulation.seconds_until_used(0.9, at_most=10) <= 10
    simulation.run(30)
    simulation.limit = 80
    assert simulation.seconds_until_used(0.9, at_most=10) <= 10


@pytest.mark.parametrize("noise", [0.001, 0.01, 0.05])
@pytest.mark.parametrize("kind", [Simulation, jittered], ids=["steady", "jittered"])
def test_random_refusals_do_not_strangle(noise: float, kind: Kind) -> None:
    simulation = kind(50, noise=noise)
    simulation.run(40)

    used, refused = simulation.run(60)

    assert used >= 0.9
    assert refused < noise + 0.03


def test_with_random_refusals_only_the_ceiling_bounds_the_limit() -> None:
    simulation = Simulation(10_000, noise=0.05)
    simulation.run(40)

    assert simulation.allowance.limit >= 95


def test_an_account_that_others_use_up_is_asked_now_and_then_and_taken_up_again_when_they_leave() -> None:
    simulation = Simulation(30)
    simulation.run(20)
    simulation.limit = 0
    simulation.run(20)

    asked = simulation.refused
    simulation.run(60)
    assert simulation.refused - asked <= 15

    simulation.limit = 30
    assert simulation.seconds_until_used(0.9, at_most=15) <= 15


def test_even_a_limit_of_one_is_used() -> None:
    simulation = Simulation(1)
    simulation.run(15)

    used, refused = simulation.run(60)

    assert used >= 0.95
    assert refused < 0.1
