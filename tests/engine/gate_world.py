"""A world in which time is set, not waited for: gates, their renewals and a provider, on a loop with its own clock."""

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from random import Random
from typing import Any, TypeVar

from bulk_lookup.core.renewal import AccountRow, WorkerRow, renew
from bulk_lookup.engine.account_gate import AccountGate
from bulk_lookup.engine.outcome import ANSWERED, BROKEN, Outcome, answered, refused

Result = TypeVar("Result")


class _Skipping(selectors.SelectSelector):
    """Waits no time: where nothing is ready, the clock is moved to the next timer."""

    skipped = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise RuntimeError("everything waits and no time will ever pass")
        self.skipped += max(0.0, timeout)
        return super().select(0)


class SetTimeLoop(asyncio.SelectorEventLoop):
    """An event loop whose clock only moves when nothing is left to do."""

    def __init__(self) -> None:
        self._skipping = _Skipping()
        super().__init__(self._skipping)

    def time(self) -> float:
        return 1000.0 + self._skipping.skipped


def run(main: Coroutine[Any, Any, Result]) -> Result:
    """Run a coroutine in set time."""
    loop = SetTimeLoop()
    try:
        return loop.run_until_complete(main)
    finally:
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()


@dataclass
class Provider:
    """Accepts `limit` requests at a time and refuses more, as well as a random part of all."""

    limit: int
    latency: tuple[float, float] = (0.25, 0.25)
    refusal_latency: tuple[float, float] = (0.005, 0.005)
    transit: float = 0.0
    noise: float = 0.0
    retry_after: float | None = None
    down: bool = False
    package_limits: dict[str, int] = field(default_factory=dict)
    random: Random = field(default_factory=lambda: Random(7))
    in_flight: int = 0
    accepted: int = 0
    refusals: int = 0
    asked_while_down: list[float] = field(default_factory=list)
    most: int = 0
    by_package: dict[str, int] = field(default_factory=dict)

    async def ask(self, packages: frozenset[str] = frozenset()) -> Outcome:
        """One request, as its asker sees it."""
        if self.transit:
            await asyncio.sleep(self.random.uniform(0, self.transit))
        if self.down:
            self.asked_while_down.append(asyncio.get_running_loop().time())
            await asyncio.sleep(0.01)
            return BROKEN
        if self.in_flight >= self.limit or self.random.random() < self.noise:
            self.refusals += 1
            await asyncio.sleep(self.random.uniform(*self.refusal_latency))
            return refused(self.retry_after)
        limited = frozenset(p for p in packages if self.by_package.get(p, 0) >= self.package_limits.get(p, 10**9))
        self.in_flight += 1
        self.most = max(self.most, self.in_flight)
        for package in packages - limited:
            self.by_package[package] = self.by_package.get(package, 0) + 1
        try:
            await asyncio.sleep(self.random.uniform(*self.latency))
        finally:
            self.in_flight -= 1
            for package in packages - limited:
                self.by_package[package] -= 1
        if limited:
            self.refusals += 1
        else:
            self.accepted += 1
        if self.transit:
            await asyncio.sleep(self.random.uniform(0, self.transit))
        return answered(limited) if limited else ANSWERED


@dataclass
class World:
    """One account in a database row, its workers, and what they ask of the provider."""

    provider: Provider
    account: AccountRow = field(default_factory=AccountRow)
    rows: dict[str, WorkerRow] = field(default_factory=dict)
    gates: dict[str, AccountGate] = field(default_factory=dict)
    tasks: dict[str, list[asyncio.Task[None]]] = field(default_factory=dict)
    unreachable: set[str] = field(default_factory=set)
    finished: dict[str, int] = field(default_factory=dict)
    round_trip: float = 0.003

    def worker(
        self, name: str, *, askers: int = 150, packages: frozenset[str] = frozenset(), phase: float = 0.0
    ) -> AccountGate:
        """Add a worker process with so many requests always wanting to start."""
        gate = AccountGate(name, clock=asyncio.get_running_loop().time)
        self.gates[name] = gate
        self.finished[name] = 0
        works = [self._renew_for_ever(gate, name, phase), *(self._ask(gate, name, packages) for _ in range(askers))]
        self.tasks[name] = [asyncio.get_running_loop().create_task(work) for work in works]
        return gate

    def kill(self, name: str) -> None:
        """End a worker process, and with it the connections to the provider."""
        for task in self.tasks[name]:
            task.cancel()

    def cut_off(self, name: str) -> None:
        """Let a worker not reach the database any more."""
        self.unreachable.add(name)

    async def renew(self, gate: AccountGate) -> None:
        """What the loop beside a gate does each second."""
        loop = asyncio.get_running_loop()
        asked_at = loop.time()
        report = gate.report()
        await asyncio.sleep(self.round_trip / 2)
        renewal = renew(self.account, list(self.rows.values()), report, loop.time() + 1e9)
        self.account = AccountRow.from_json(renewal.account.as_json())
        row = renewal.worker
        self.rows[row.worker] = WorkerRow.from_json(row.worker, row.seen_at, row.as_json())
        for name in renewal.expired:
            del self.rows[name]
        await asyncio.sleep(self.round_trip / 2)
        gate.renew(renewal.grant, asked_at=asked_at)

    async def measure(self, seconds: float) -> tuple[float, float]:
        """Let time pass; accepted requests per second, and the share of all requests that was refused."""
        accepted, refusals = self.provider.accepted, self.provider.refusals
        await asyncio.sleep(seconds)
        accepted, refusals = self.provider.accepted - accepted, self.provider.refusals - refusals
        return accepted / seconds, refusals / max(1, accepted + refusals)

    async def until(self, holds: Callable[[], bool], *, at_most: float) -> float:
        """Seconds until something holds."""
        loop = asyncio.get_running_loop()
        begin = loop.time()
        while not holds():
            if loop.time() - begin > at_most:
                raise AssertionError(f"not within {at_most} s")
            await asyncio.sleep(0.05)
        return loop.time() - begin

    async def _renew_for_ever(self, gate: AccountGate, name: str, phase: float) -> None:
        await asyncio.sleep(phase)
        while True:
            if name not in self.unreachable:
                await self.renew(gate)
            await gate.renewal_due()

    async def _ask(self, gate: AccountGate, name: str, packages: frozenset[str]) -> None:
        while True:
            permit = await gate.take(packages)
            outcome = await self.provider.ask(packages)
            wait = permit.done(outcome)
            if outcome is ANSWERED:
                self.finished[name] += 1
            elif wait:
                await asyncio.sleep(wait)
