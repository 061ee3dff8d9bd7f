"""The desk of one run in one worker process: it asks for what chunks have claimed, and stores what comes back.

Requests belong to the desk, not to the chunk that claimed them, so that a chunk that is cut off loses no answer. Answers are
stored in bulk, every 0.3 s; while the database is away they wait in memory.
"""

import asyncio
import random
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import structlog

from bulk_lookup.core.answer import Answer
from bulk_lookup.core.billing import Billing
from bulk_lookup.core.coverage import learnt_from
from bulk_lookup.core.data_package import REASSIGNED_NUMBER
from bulk_lookup.core.failure import Failure, FailureReason, RetryClass
from bulk_lookup.core.retry import ACCOUNT_HALTS, PauseReason, Waits
from bulk_lookup.core.settlement import (
    Settlement,
    settle_answer,
    settle_failure,
    settle_unasked,
    skipped_receipts,
)
from bulk_lookup.engine import outcome
from bulk_lookup.engine.allowance_loop import Account
from bulk_lookup.engine.answer_row import answer_row
from bulk_lookup.engine.answer_store import AnswerStore
from bulk_lookup.engine.claimed import Claimed, RunTerms
from bulk_lookup.engine.database import Pool, persist
from bulk_lookup.engine.move_run import halt_account, pause_run
from bulk_lookup.engine.outcome import Outcome
from bulk_lookup.engine.permit import Permit
from bulk_lookup.models.scope import async_organization_scope
from bulk_lookup.providers.base import Provider, ProviderError

log = structlog.get_logger()

LEAST_CLAIM, MOST_CLAIM = 16, 1024  # lookups claimed by one statement: its commit is what a claim costs
AHEAD = 0.2  # seconds of work claimed by one statement
PATIENCE = 2.0  # seconds of waiting for the allowance after which a chunk looks whether its run still runs


class RunDesk:
    """Asks and stores for one run; `drain` and `close` end it, and leave no request and no answer behind."""

    def __init__(self, terms: RunTerms, *, pool: Pool, provider: Provider, account: Account, waits: Waits) -> None:
        self.terms = terms
        self._pool = pool
        self.provider = provider
        self._account = account
        self._waits = waits
        self._store = AnswerStore(terms, pool, self._adapt)
        self._requests: set[asyncio.Task[None]] = set()
        self._unsent: set[asyncio.Task[None]] = set()  # of these, those that wait for the allowance
        self.halted = False  # nothing more is asked: the run is pausing
        self.left_out: dict[str, str] = {}  # package, or package/country → why it is asked no more
        self._offered = {package for prices in terms.prices.values() for package in prices} | set(terms.unknown_prices)
        self.claiming = asyncio.Lock()
        self._hungry = asyncio.Event()
        self._want = LEAST_CLAIM

    @property
    def busy(self) -> bool:
        """Whether requests are out or answers are waiting to be stored."""
        return bool(self._requests) or not self._store.empty

    async def wants_more(self) -> int:
        """Wait until the claimed lookups are about to run out; returns how many to claim, 0 where that takes long."""
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                while len(self._unsent) > self._want // 2 and not self.halted:
                    self._hungry.clear()
                    await self._hungry.wait()
                return self._want
        return 0

    def ask_later(self, claimed: Claimed) -> asyncio.Task[None]:
        """Ask for a claimed lookup as soon as the allowance has room; the task ends when its answer waits for storing."""
        request = asyncio.create_task(self._ask(claimed))
        self._requests.add(request)
        self._unsent.add(request)
        request.add_done_callback(self._done)
        return request

    async def stored(self) -> None:
        """Wait until everything that waits for storing now is stored."""
        await self._store.stored()

    async def drain(self, seconds: float) -> None:
        """Stop asking: what was not sent is given back, what is in flight gets so long, then its bill is unknown."""
        self.halt()
        if self._requests:
            await asyncio.wait(self._requests, timeout=seconds)
        for request in list(self._requests):
            request.cancel()
        await asyncio.gather(*self._requests, return_exceptions=True)

    async def close(self) -> None:
        """Wait for what is in flight, store it, and end."""
        self.halt()
        while self._requests:
            await asyncio.wait(self._requests)
        await self._store.close()

    def halt(self) -> None:
        """Ask nothing more: what waits for the allowance is given back."""
        self.halted = True
        self._hungry.set()
        for request in list(self._unsent):
            request.cancel()

    async def _ask(self, claimed: Claimed) -> None:
        permit = None
        skipped: dict[str, str] = {}
        try:
            permit = await self._account.gate.take(frozenset(claimed.asked.due), self.terms.run_id)
            self._sent()
            # Only now: while this one waited, another may have been refused for all of its kind.
            due, skipped = self._worth_asking(claimed)
            if not due:
                permit.done(outcome.UNUSED)
                self._put(claimed, settle_unasked(claimed.asked, skipped, now=_now()))
                return
            claimed.asked = replace(claimed.asked, due=due)
            settlement = await self._exchange(claimed, due, permit)
        except asyncio.CancelledError:
            # Without a permit nothing was sent; with one nobody knows.
            self._put(claimed, _given_back(claimed) if permit is None else self._cut_off(claimed, skipped))
            return
        except Exception:
            # A defect of ours loses no receipt either: what may have been sent is of unknown bill.
            log.exception("A lookup ended unexpectedly", action="lookup_broken", run_id=self.terms.run_id)
            self._put(claimed, _given_back(claimed) if permit is None else self._cut_off(claimed, skipped))
            return
        settlement.receipts |= skipped_receipts(skipped, now=_now())
        self._put(claimed, settlement)
        await self._heed(settlement)

    def _sent(self) -> None:
        request = asyncio.current_task()
        if request is not None:
            self._unsent.discard(request)
        if len(self._unsent) <= self._want // 2:
            self._hungry.set()

    def _done(self, request: asyncio.Task[None]) -> None:
        self._requests.discard(request)
        self._unsent.discard(request)
        self._hungry.set()

    async def _exchange(self, claimed: Claimed, due: tuple[str, ...], permit: Permit) -> Settlement:
        """One request and what becomes of it."""
        asked = claimed.asked
        with permit:
            try:
                answer = await self.provider.ask(claimed.number, due, inputs=_inputs(claimed))
            except ProviderError as error:
                wait = permit.done(_ended(error.failure))
                settlement = settle_failure(
                    asked,
                    error.failure,
                    now=_now(),
                    jitter=random.random(),
                    waits=self._waits,
                    offered=self._packages_left(),
                )
                return _not_before(settlement, wait)
            self._account.seen(answer.concurrent_requests)
            wait = permit.done(outcome.answered(_refused_packages(answer)))
        for part in answer.packages.values():
            lesson = learnt_from(part.failure, claimed.country_code) if part.failure else None
            if lesson and part.failure:
                self.left_out["/".join(lesson)] = part.failure.reason.value
        settlement = settle_answer(
            asked, answer, now=_now(), jitter=random.random(), waits=self._waits, offered=self._packages_left()
        )
        return _not_before(settlement, wait)

    def _worth_asking(self, claimed: Claimed) -> tuple[tuple[str, ...], dict[str, str]]:
        """The due packages still worth asking, and those that are not with the reason word of each."""
        due = claimed.asked.due
        if not self.left_out:
            return due, {}
        why = {p: self.left_out.get(p) or self.left_out.get(f"{p}/{claimed.country_code}") for p in due}
        return tuple(p for p in due if not why[p]), {p: reason for p, reason in why.items() if reason}

    def _cut_off(self, claimed: Claimed, skipped: dict[str, str]) -> Settlement:
        failure = Failure(
            reason=FailureReason.CONNECTION_LOST, billing=Billing.UNKNOWN, message="stopped while in flight"
        )
        settlement = settle_failure(claimed.asked, failure, now=_now(), jitter=random.random(), waits=self._waits)
        settlement.receipts |= skipped_receipts(skipped, now=_now())
        return settlement

    async def _heed(self, settlement: Settlement) -> None:
        """Act on what a settlement says about the whole run."""
        self.left_out.update(settlement.dropped)
        pause = settlement.pause
        if pause is not None and not self.halted:
            self.halt()
            await persist(lambda: self._pause(pause, settlement.detail), what="pause run")

    def _packages_left(self) -> set[str]:
        """The packages that the run still asks for."""
        return {package for package in self._offered if package not in self.left_out}

    async def _pause(self, pause: PauseReason, detail: str) -> None:
        terms = self.terms
        async with async_organization_scope(self._pool, terms.organization_id) as connection:
            await pause_run(
                connection, terms.organization_id, terms.run_id, pause, detail=detail, left_out=self.left_out
            )
            if pause in ACCOUNT_HALTS:
                await halt_account(connection, terms.organization_id, terms.provider_account_id, pause)
        log.warning("The run is paused", action="run_paused", run_id=terms.run_id, reason=pause.value)

    def _put(self, claimed: Claimed, settlement: Settlement) -> None:
        self._store.put(answer_row(claimed, settlement))

    def _adapt(self, rate: float) -> None:
        """Claim a tenth of a second's work at a time."""
        self._want = int(min(MOST_CLAIM, max(LEAST_CLAIM, rate * AHEAD)))


def _given_back(claimed: Claimed) -> Settlement:
    """Not asked after all."""
    return Settlement(counts=False, due=claimed.asked.due, price_micros=claimed.reserved_micros)


def _inputs(claimed: Claimed) -> dict[str, str]:
    if claimed.last_verified_date and REASSIGNED_NUMBER in claimed.asked.due:
        return {"last_verified_date": claimed.last_verified_date}
    return {}


def _ended(failure: Failure) -> Outcome:
    """What a failed request tells the gate."""
    if failure.reason is FailureReason.RATE_LIMITED:
        return outcome.refused(failure.retry_after)
    if failure.retry_class in (RetryClass.NETWORK, RetryClass.UNKNOWN):
        return outcome.BROKEN
    return outcome.ANSWERED


def _refused_packages(answer: Answer) -> frozenset[str]:
    """The packages whose own limit refused them inside the answer."""
    failed = ((part.package, part.failure) for part in answer.packages.values() if part.failure is not None)
    return frozenset(name for name, failure in failed if failure.reason is FailureReason.PACKAGE_RATE_LIMITED)


def _not_before(settlement: Settlement, wait: float) -> Settlement:
    """Let a lookup that waits for the allowance wait as long as the gate says."""
    if settlement.state == "pending" and wait:
        at = _now() + timedelta(seconds=wait)
        settlement.ask_at = max(settlement.ask_at or at, at)
    return settlement


def _now() -> datetime:
    return datetime.now(UTC)
