"""The desk of one run in one worker process: it asks for what chunks have claimed, and stores what comes back.

Requests belong to the desk, not to the chunk that claimed them, so that a chunk that is cut off loses no answer. Answers are
stored in bulk, every 0.3 s; while the database is away they wait in memory.
"""

import asyncio
import random
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any

import orjson
import structlog

from bulk_lookup.core.answer import Answer, contact_columns
from bulk_lookup.core.billing import Billing
from bulk_lookup.core.coverage import learnt_from
from bulk_lookup.core.data_package import REASSIGNED_NUMBER
from bulk_lookup.core.failure import Failure, FailureReason, RetryClass
from bulk_lookup.core.retry import PauseReason, Waits
from bulk_lookup.core.settlement import (
    Asked,
    Settlement,
    settle_answer,
    settle_failure,
    settle_unasked,
    skipped_receipts,
)
from bulk_lookup.engine import outcome
from bulk_lookup.engine.allowance_loop import Account
from bulk_lookup.engine.database import Pool, persist
from bulk_lookup.engine.move_run import finish_if_done, pause_run
from bulk_lookup.engine.outcome import Outcome
from bulk_lookup.engine.permit import Permit
from bulk_lookup.models.quarter_hour_stat import LATENCY_BUCKETS_MS
from bulk_lookup.models.queries import query
from bulk_lookup.models.scope import async_organization_scope
from bulk_lookup.providers.base import Provider, ProviderError

log = structlog.get_logger()

FLUSH_EVERY = 0.3  # seconds
FLUSH_MOST = 2000  # answers in one transaction

LEAST_CLAIM, MOST_CLAIM = 16, 256  # lookups claimed by one statement: its commit is what a claim costs
AHEAD = 0.1  # seconds of work claimed by one statement

# Columns of the contact that are real columns; what other packages say goes into `answers`.
_REAL_COLUMNS = frozenset(
    {
        "line_type",
        "carrier_name",
        "mobile_country_code",
        "mobile_network_code",
        "caller_name",
        "caller_type",
        "line_status",
        "is_number_reassigned",
    }
)

_NUL = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")


@dataclass(frozen=True, slots=True)
class RunTerms:
    """What a run's desk must know of it; the prices are micro-units by country and package."""

    organization_id: int
    run_id: int
    contact_list_id: int
    simulated: bool
    currency: str
    prices: Mapping[str, Mapping[str, int]]


@dataclass(slots=True)
class Claimed:
    """A lookup in this process's hands."""

    position: int
    number: str
    country_code: str
    last_verified_date: str
    claim_id: int
    reserved_micros: int
    asked: Asked


@dataclass(slots=True)
class _Batch:
    rows: list[dict[str, Any]] = field(default_factory=list)
    stored: asyncio.Event = field(default_factory=asyncio.Event)


class RunDesk:
    """Asks and stores for one run. `open` begins, `close` ends it: no request and no answer is left behind."""

    def __init__(self, terms: RunTerms, *, pool: Pool, provider: Provider, account: Account, waits: Waits) -> None:
        self.terms = terms
        self._pool = pool
        self._provider = provider
        self._account = account
        self._waits = waits
        self._batch = _Batch()
        self._requests: set[asyncio.Task[None]] = set()
        self._unsent: set[asyncio.Task[None]] = set()  # of these, those that wait for the allowance
        self._storing: asyncio.Task[None] | None = None
        self._wake = asyncio.Event()
        self._closing = False
        self.halted = False  # nothing more is asked: the run is pausing
        self.left_out: dict[str, str] = {}  # package, or package/country → why it is asked no more
        self.claiming = asyncio.Lock()
        self._hungry = asyncio.Event()
        self._want = LEAST_CLAIM
        self._stored_at = monotonic()

    def open(self) -> None:
        self._storing = asyncio.create_task(self._store_for_ever(), name=f"store run {self.terms.run_id}")

    @property
    def busy(self) -> bool:
        """Whether requests are out or answers are waiting to be stored."""
        return bool(self._requests or self._batch.rows)

    async def wants_more(self) -> int:
        """Wait until the claimed lookups are about to run out; returns how many to claim."""
        while len(self._unsent) > self._want // 2 and not self.halted:
            self._hungry.clear()
            await self._hungry.wait()
        return self._want

    def ask_later(self, claimed: Claimed) -> asyncio.Task[None]:
        """Ask for a claimed lookup as soon as the allowance has room; the task ends when its answer waits for storing."""
        request = asyncio.create_task(self._ask(claimed))
        self._requests.add(request)
        self._unsent.add(request)
        request.add_done_callback(self._done)
        return request

    async def stored(self) -> None:
        """Wait until everything that waits for storing now is stored."""
        batch = self._batch
        if batch.rows:
            self._wake.set()
            await batch.stored.wait()

    async def drain(self, seconds: float) -> None:
        """Stop asking: what was not sent is given back, what is in flight gets so long, then its bill is unknown."""
        self._halt()
        if self._requests:
            await asyncio.wait(self._requests, timeout=seconds)
        for request in list(self._requests):
            request.cancel()
        await asyncio.gather(*self._requests, return_exceptions=True)

    async def close(self) -> None:
        """Store what is left and end."""
        self._closing = True
        self._wake.set()
        if self._storing is not None:
            await self._storing

    async def _ask(self, claimed: Claimed) -> None:
        permit = None
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
            self._put(claimed, _given_back(claimed) if permit is None else self._cut_off(claimed))
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

    def _halt(self) -> None:
        """Ask nothing more: what waits for the allowance is given back."""
        self.halted = True
        self._hungry.set()
        for request in list(self._unsent):
            request.cancel()

    async def _exchange(self, claimed: Claimed, due: tuple[str, ...], permit: Permit) -> Settlement:
        """One request and what becomes of it."""
        asked = claimed.asked
        with permit:
            try:
                answer = await self._provider.ask(claimed.number, due, inputs=_inputs(claimed))
            except ProviderError as error:
                wait = permit.done(_ended(error.failure))
                settlement = settle_failure(asked, error.failure, now=_now(), jitter=random.random(), waits=self._waits)
                return _not_before(settlement, wait)
            self._account.seen(answer.concurrent_requests)
            if answer.simulated is not self.terms.simulated:
                # A simulator behind a real account, or the other way round: nothing of it may be stored as an answer.
                failure = _wrong_world(answer.simulated)
                return settle_failure(asked, failure, now=_now(), jitter=0.0, waits=self._waits)
            wait = permit.done(outcome.answered(_refused_packages(answer)))
        for part in answer.packages.values():
            lesson = learnt_from(part.failure, claimed.country_code) if part.failure else None
            if lesson and part.failure:
                self.left_out["/".join(lesson)] = part.failure.reason.value
        settlement = settle_answer(asked, answer, now=_now(), jitter=random.random(), waits=self._waits)
        return _not_before(settlement, wait)

    def _worth_asking(self, claimed: Claimed) -> tuple[tuple[str, ...], dict[str, str]]:
        """The due packages still worth asking, and those that are not with the reason word of each."""
        due = claimed.asked.due
        if not self.left_out:
            return due, {}
        why = {p: self.left_out.get(p) or self.left_out.get(f"{p}/{claimed.country_code}") for p in due}
        return tuple(p for p in due if not why[p]), {p: reason for p, reason in why.items() if reason}

    def _cut_off(self, claimed: Claimed) -> Settlement:
        failure = Failure(
            reason=FailureReason.CONNECTION_LOST, billing=Billing.UNKNOWN, message="stopped while in flight"
        )
        return settle_failure(claimed.asked, failure, now=_now(), jitter=random.random(), waits=self._waits)

    async def _heed(self, settlement: Settlement) -> None:
        """Act on what a settlement says about the whole run."""
        self.left_out.update(settlement.dropped)
        pause = settlement.pause
        if settlement.dropped and not self._packages_left():
            pause = PauseReason.PACKAGE_UNAVAILABLE
        if pause is not None and not self.halted:
            self._halt()
            await persist(lambda: self._pause(pause, settlement), what="pause run")

    def _packages_left(self) -> bool:
        offered = {package for prices in self.terms.prices.values() for package in prices}
        return any(package not in self.left_out for package in offered)

    async def _pause(self, pause: PauseReason, settlement: Settlement) -> None:
        async with async_organization_scope(self._pool, self.terms.organization_id) as connection:
            await pause_run(connection, self.terms.organization_id, self.terms.run_id, pause, left_out=self.left_out)
        log.warning("The run is paused", action="run_paused", run_id=self.terms.run_id, reason=pause.value)

    def _put(self, claimed: Claimed, settlement: Settlement) -> None:
        self._batch.rows.append(_row(claimed, settlement))
        if len(self._batch.rows) >= FLUSH_MOST:
            self._wake.set()

    async def _store_for_ever(self) -> None:
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), FLUSH_EVERY)
            self._wake.clear()
            if self._batch.rows:
                batch, self._batch = self._batch, _Batch()
                await persist(lambda: self._store(batch.rows), what="store answers")  # noqa: B023 (awaited at once)
                batch.stored.set()
                self._adapt(len(batch.rows))
            elif self._closing and not self._requests:
                return

    def _adapt(self, stored: int) -> None:
        """Claim a tenth of a second's work at a time, by the rate of the last batch."""
        now = monotonic()
        rate = stored / max(now - self._stored_at, 1e-3)
        self._stored_at = now
        self._want = int(min(MOST_CLAIM, max(LEAST_CLAIM, rate * AHEAD)))

    async def _store(self, rows: list[dict[str, Any]]) -> None:
        terms = self.terms
        async with async_organization_scope(self._pool, terms.organization_id) as connection:
            await connection.execute(
                "select from run where organization_id = %s and id = %s for update",
                [terms.organization_id, terms.run_id],
            )
            cursor = await connection.execute(
                query("store_answers"),
                {
                    "batch": _json(rows),
                    "organization_id": terms.organization_id,
                    "run_id": terms.run_id,
                    "contact_list_id": terms.contact_list_id,
                    "simulated": terms.simulated,
                    "currency": terms.currency,
                    "latency_buckets": list(LATENCY_BUCKETS_MS),
                },
            )
            row = await cursor.fetchone()
            if row is not None:
                state, pending, stored = row
                if stored < len(rows):
                    log.warning(
                        "Answers came after their claim was released", action="late_answers", late=len(rows) - stored
                    )
                if state == "running" and pending == 0:
                    await finish_if_done(connection, terms.organization_id, terms.run_id)
            await connection.execute("select pg_notify('run_changed', %s)", [f"{terms.organization_id}:{terms.run_id}"])


def _row(claimed: Claimed, settlement: Settlement) -> dict[str, Any]:
    """One row of `store_answers.sql`."""
    answer = settlement.answer
    row: dict[str, Any] = {
        "position": claimed.position,
        "claim_id": claimed.claim_id,
        "state": settlement.state,
        "attempts": 0 if settlement.counts else -1,
        "tries": settlement.tries,
        "due": settlement.due,
        "price_micros": settlement.price_micros,
        "ask_at": settlement.ask_at,
        "packages": settlement.receipts,
        "billed_micros": settlement.billed_micros,
        "unknown_micros": settlement.unknown_micros,
        "reason": settlement.reason,
        "error_code": _small(settlement.error_code),
        "request_id": "",
        "reserved_micros": claimed.reserved_micros,
        "shown": settlement.state != "pending" or settlement.unknown_micros > 0,
        "answers": {},
        "ages": {},
    }
    if answer is None:
        return row
    now = _now()
    row |= {
        "shown": True,
        "answered_at": now,
        "valid": answer.valid,
        "validation_errors": [text for text in answer.validation_errors if text],
        "response_time_ms": answer.response_time_ms,
        "request_id": answer.request_id or "",
        "ages": {p: now for p, part in answer.packages.items() if part.useful},
    }
    for name, value in contact_columns(answer).items():
        if name in _REAL_COLUMNS:
            row[name] = _clean(value)
        elif value is not None:
            row["answers"][name] = _clean(value) if isinstance(value, str) else value
    return row


def _json(rows: list[dict[str, Any]]) -> str:
    # PostgreSQL's jsonb refuses NUL, which a provider's text may hold.
    text = orjson.dumps(rows).decode()
    return _NUL.sub(r"\1", text) if "\\u0000" in text else text


def _clean(value: Any) -> str:
    return "" if value is None else str(value).replace("\x00", "")


def _small(code: int | None) -> int | None:
    # The column has 32 bits, whatever a provider sends; the receipt keeps the number as it came.
    return code if code is not None and abs(code) < 2**31 else None


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


def _wrong_world(simulated: bool) -> Failure:
    came = (
        "a simulator's answer came from an account that is real"
        if simulated
        else "a real answer came from a simulated account"
    )
    return Failure(
        reason=FailureReason.BAD_REQUEST, billing=Billing.UNKNOWN if not simulated else Billing.FREE, message=came
    )


def _now() -> datetime:
    return datetime.now(UTC)
