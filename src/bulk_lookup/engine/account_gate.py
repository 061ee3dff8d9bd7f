"""The gate through which every request of one worker process on one account passes.

It lets a request start only inside the worker's share of the account's allowance, from memory; a loop beside it carries
its reports to the database and brings back the renewed share every second. What a refusal teaches takes effect at once.
"""

import asyncio
import contextlib
import time
from collections.abc import Callable, Hashable
from functools import partial
from math import inf

from bulk_lookup.core import pace as paces
from bulk_lookup.core.flight import Ticket
from bulk_lookup.core.outage import UNKNOWN_IN_A_ROW, Outage
from bulk_lookup.core.pace import Pace
from bulk_lookup.core.progress import Slowdown
from bulk_lookup.core.renewal import ACCOUNT, WorkerGrant, WorkerReport
from bulk_lookup.core.shares import ACT_WITHOUT_RENEWAL
from bulk_lookup.engine.allowance_room import Room
from bulk_lookup.engine.outcome import UNUSED, Kind, Outcome
from bulk_lookup.engine.permit import Permit
from bulk_lookup.engine.turns import Turns

NO_PACKAGES: frozenset[str] = frozenset()

RENEW_EVERY = 1.0
RENEW_AT_MOST_EVERY = 0.2
"""Seconds between two renewals; the shorter one where shares are on their way from one worker to another."""
NOISE_WAIT = 1.0
"""Seconds after which a request is asked again whose refusal said nothing about the limit."""
SLOW = 2.0
"""Seconds per answer from which on the provider, not the limit, is what slows us."""
_LATENCY_WEIGHT = 0.05


class AccountGate:
    """Lets one worker's requests on one account start: inside its share, in turn between runs, and not while held back.

    It starts closed: nothing passes before the first `renew`, nor 5 s after the last one.
    """

    def __init__(self, worker: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._hurry = asyncio.Event()
        self._worker = worker
        self._clock = clock
        self._account = Room(limit=0)
        self._packages: dict[str, Room] = {}
        self._turns: Turns[Permit] = Turns()
        self._waiting = 0
        self._until = -inf
        self._outage = Outage()
        self._account_down = False
        self._answered = False
        self._pace: Pace | None = None
        self._easy = True
        self._latency = 0.0
        self._timer: asyncio.TimerHandle | None = None

    @property
    def in_flight(self) -> int:
        """Requests that have started and not ended."""
        return len(self._account.flight)

    @property
    def waiting(self) -> int:
        """Requests that wait for leave to start."""
        return self._waiting

    async def take(self, packages: frozenset[str] = NO_PACKAGES, run: Hashable = None) -> Permit:
        """Wait until a request for these packages may start; runs that wait get their turns evenly."""
        if self._easy and not self._waiting:
            now = self._clock()
            flight = self._account.flight
            if len(flight.pending) < self._account.limit and now < self._until:
                permit = Permit(self._end, packages)
                flight.start(permit, now)
                return permit
        return await self._queue(packages, run)

    def report(self) -> WorkerReport:
        """Sum up the time since the last report; note the clock before calling this, `renew` wants it."""
        now = self._clock()
        self._hurry.clear()
        reports = {name: room.report(now) for name, room in self._packages.items()}
        reports[ACCOUNT] = self._account.report(now)
        answered, self._answered = self._answered, False
        return WorkerReport(self._worker, reports, answered=answered, down=self._outage.is_on)

    def renew(self, grant: WorkerGrant, *, asked_at: float) -> None:
        """Act on a renewed share until 5 s after `asked_at`, the gate's clock just before the report was made."""
        now = self._clock()
        self._until = asked_at + ACT_WITHOUT_RENEWAL
        self._account.renew(grant.grants[ACCOUNT], now)
        for name, one in grant.grants.items():
            if name != ACCOUNT:
                self._room(name, now).renew(one, now)
        for name in [name for name, room in self._packages.items() if name not in grant.grants and not room.news]:
            del self._packages[name]
        self._renew_outage(grant, now)
        self._renew_pace(grant.per_second, now)
        if not all(one.settled for one in grant.grants.values()):
            self._hurry.set()
        self._settle()
        self._pump()

    async def renewal_due(self) -> None:
        """Wait until the next renewal is due: in a second, or sooner where something is to be told or shares move."""
        await asyncio.sleep(RENEW_AT_MOST_EVERY)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._hurry.wait(), RENEW_EVERY - RENEW_AT_MOST_EVERY)

    def slowed_by(self) -> Slowdown:
        """What keeps requests waiting, as far as this process can know."""
        now = self._clock()
        if not self._waiting:
            return Slowdown.NOTHING
        if now >= self._until:
            return Slowdown.NO_WORKER
        if self._outage.is_on:
            return Slowdown.PROVIDER_DOWN
        if now < self._account.resume_at:
            return Slowdown.ACCOUNT_LIMIT
        if self._account.full:
            if self._latency > SLOW:
                return Slowdown.PROVIDER_SLOW
            return Slowdown.OWN_CEILING if self._account.at_ceiling else Slowdown.ACCOUNT_LIMIT
        if any(room.full or now < room.resume_at for room in self._packages.values()):
            return Slowdown.PACKAGE_LIMIT
        return Slowdown.OWN_CEILING if self._pace else Slowdown.NOTHING

    def close(self) -> None:
        """Let nothing more start and call off whoever waits."""
        self._until = -inf
        if self._timer:
            self._timer.cancel()
        self._turns.call_off()

    async def _queue(self, packages: frozenset[str], run: Hashable) -> Permit:
        waiter: asyncio.Future[Permit] = asyncio.get_running_loop().create_future()
        self._turns.add(run, packages, waiter)
        self._count(packages, 1)
        if self._clock() >= self._until or not self._account.limit:
            self._hurry.set()
        self._pump()
        try:
            return await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled():
                waiter.result().done(UNUSED)
            else:
                self._count(packages, -1)
            raise

    def _pump(self) -> None:
        """Let start whoever may; where only time is missing, come back then."""
        while self._waiting:
            now = self._clock()
            pause = self._closed_for(now)
            if pause == 0.0:
                found = self._turns.next(partial(self._packages_open, now))
                if found is None:
                    held = [room.resume_at - now for room in self._packages.values() if room.resume_at > now]
                    pause = min(held, default=inf)
                elif self._pace:
                    self._pace, pause = paces.take(self._pace, now)
                if found is not None and pause == 0.0:
                    self._admit(*found, now)
                    continue
            if pause < inf:
                self._wake_in(pause)
            return

    def _closed_for(self, now: float) -> float:
        """Seconds until the account lets a request start: 0.0 now, infinite when something else has to happen first."""
        if now >= self._until or self._account.full:
            return inf
        if now < self._account.resume_at:
            return self._account.resume_at - now
        return 0.0 if self._outage.may_ask(now) else self._outage.next_probe - now

    def _packages_open(self, now: float, packages: frozenset[str]) -> bool:
        return all(room.open(now) for room in self._rooms(packages))

    def _admit(self, run: Hashable, packages: frozenset[str], now: float) -> None:
        waiter = self._turns.take(run, packages)
        self._count(packages, -1)
        permit = Permit(self._end, packages)
        self._account.flight.start(permit, now)
        if self._packages:
            permit.rooms = [(room, room.start(now)) for room in self._rooms(packages)]
        if self._outage.is_on:
            permit.probe = True
            self._outage = self._outage.probing(now)
        waiter.set_result(permit)

    def _end(self, permit: Permit, outcome: Outcome) -> float:
        now = self._clock()
        account = self._account
        wait = 0.0
        if outcome.kind is Kind.ANSWERED:
            account.accepted(permit, now)
            self._answered = True
            self._latency += (now - permit.started_at - self._latency) * _LATENCY_WEIGHT
            if self._outage.in_a_row:
                self._recover()
            if permit.rooms or outcome.refused_packages:
                wait = self._end_packages(permit, outcome, now)
        else:
            for room, ticket in permit.rooms or ():
                room.flight.gone(ticket)
            if outcome.kind is Kind.REFUSED:
                if self._outage.is_on:
                    self._recover()
                wait = self._refused(account, permit, outcome.retry_after, now)
            else:
                account.flight.gone(permit)
                self._without_answer(permit, outcome, now)
        if self._waiting:
            self._pump()
        return wait

    def _end_packages(self, permit: Permit, outcome: Outcome, now: float) -> float:
        wait = 0.0
        for name in outcome.refused_packages:
            if name not in self._packages:
                # The one that was just answered still counts: it was in flight for the package.
                self._room(name, now, also=permit)
        for room, ticket in permit.rooms or ():
            if room.package in outcome.refused_packages:
                wait = max(wait, self._refused(room, ticket, outcome.retry_after, now))
            else:
                room.accepted(ticket, now)
        self._settle()
        return wait

    def _refused(self, room: Room, ticket: Ticket, retry_after: float, now: float) -> float:
        if not room.refused(ticket, now, retry_after):
            return max(retry_after, NOISE_WAIT)
        self._settle()
        self._hurry.set()
        return retry_after

    def _without_answer(self, permit: Permit, outcome: Outcome, now: float) -> None:
        if outcome.kind is Kind.BROKEN:
            was_down = self._outage.is_on
            self._outage = self._outage.cut_off(now)
            if self._outage.is_on and not was_down:
                self._settle()
                self._hurry.set()
        elif permit.probe and self._outage.is_on:
            # The probe was never sent, so it is still due.
            self._outage = Outage(UNKNOWN_IN_A_ROW, next_probe=now)

    def _recover(self) -> None:
        was_down = self._outage.is_on
        self._outage = Outage()
        if was_down:
            self._settle()
            self._hurry.set()

    def _renew_outage(self, grant: WorkerGrant, now: float) -> None:
        if self._answered and not self._outage.is_on:
            self._account_down = grant.down
            return
        if grant.down:
            self._outage = Outage(UNKNOWN_IN_A_ROW, next_probe=now if grant.probe else inf)
        elif self._account_down and self._outage.is_on:
            # Another worker's probe was answered: try at once, alone.
            self._outage = Outage(UNKNOWN_IN_A_ROW, next_probe=now)
        self._account_down = grant.down

    def _renew_pace(self, per_second: float | None, now: float) -> None:
        if not per_second:
            self._pace = None
        elif self._pace is None:
            self._pace = Pace(per_second, 1.0, now)
        else:
            self._pace = Pace(per_second, self._pace.tokens, self._pace.filled_at)

    def _room(self, package: str, now: float, *, also: Permit | None = None) -> Room:
        """The room of a package; a new one begins with all of the package's requests that are in flight."""
        room = self._packages.get(package)
        if room is None:
            room = self._packages[package] = Room(limit=self._account.ceiling, package=package)
            in_flight = [one for one in self._account.flight.pending.values() if isinstance(one, Permit)]
            for permit in sorted([*in_flight, *([also] if also else [])], key=lambda one: one.number):
                if package in permit.packages:
                    permit.rooms = [*(permit.rooms or ()), (room, room.start(now, level=permit.level))]
            room.count(self._turns.waiting_for(package))
            self._settle()
        return room

    def _rooms(self, packages: frozenset[str]) -> list[Room]:
        return [room for name, room in self._packages.items() if name in packages]

    def _count(self, packages: frozenset[str], change: int) -> None:
        self._waiting += change
        self._account.count(change)
        for room in self._rooms(packages) if self._packages else ():
            room.count(change)

    def _settle(self) -> None:
        """Whether a request only has to find a place in the share, and nothing else is to be asked."""
        held = self._account.resume_at > self._clock()
        self._easy = not (self._packages or self._pace or self._outage.is_on or held)

    def _wake_in(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        at = loop.time() + seconds
        if self._timer and not self._timer.cancelled() and loop.time() < self._timer.when() <= at:
            return
        if self._timer:
            self._timer.cancel()
        self._timer = loop.call_at(at, self._wake)

    def _wake(self) -> None:
        self._timer = None
        self._settle()
        self._pump()
