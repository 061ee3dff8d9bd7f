"""Who waits at a gate, and whose turn is next: runs in turn, and within a run first come, first served."""

import asyncio
from collections import deque
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Leave = TypeVar("Leave")


class Turns(Generic[Leave]):
    """The waiting requests by run and by the packages they ask for; one that was called off is passed over."""

    __slots__ = ("_order", "_runs")

    def __init__(self) -> None:
        self._runs: dict[Hashable, dict[frozenset[str], deque[asyncio.Future[Leave]]]] = {}
        self._order: deque[Hashable] = deque()

    def add(self, run: Hashable, packages: frozenset[str], waiter: asyncio.Future[Leave]) -> None:
        """Let a request wait behind the others of its run."""
        if run not in self._runs:
            self._runs[run] = {}
            self._order.append(run)
        self._runs[run].setdefault(packages, deque()).append(waiter)

    def next(self, may_start: Callable[[frozenset[str]], bool]) -> tuple[Hashable, frozenset[str]] | None:
        """The run whose turn it is and the packages of its request; None when none of those that wait may start."""
        for _ in range(len(self._order)):
            run = self._order[0]
            queues = self._runs[run]
            for packages in tuple(queues):
                queue = queues[packages]
                while queue and queue[0].done():
                    queue.popleft()
                if not queue:
                    del queues[packages]
                elif may_start(packages):
                    return run, packages
            if queues:
                self._order.rotate(-1)
            else:
                self._order.popleft()
                del self._runs[run]
        return None

    def take(self, run: Hashable, packages: frozenset[str]) -> asyncio.Future[Leave]:
        """Take out the request that `next` named; its run goes to the end of the line."""
        self._order.rotate(-1)
        return self._runs[run][packages].popleft()

    def waiting_for(self, package: str) -> int:
        """How many requests that ask for a package wait."""
        queues = (queues for queues in self._runs.values())
        return sum(
            sum(not waiter.done() for waiter in queue)
            for by_packages in queues
            for packages, queue in by_packages.items()
            if package in packages
        )

    def call_off(self) -> None:
        """Cancel everybody who waits."""
        for queues in self._runs.values():
            for queue in queues.values():
                for waiter in queue:
                    waiter.cancel()
