"""Answers on their way into the database: stored in bulk every 0.3 s, kept in memory while the database is away."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

import psycopg
import structlog

from bulk_lookup.engine.answer_row import as_json, bare_row, lost_row
from bulk_lookup.engine.claimed import RunTerms
from bulk_lookup.engine.database import Pool, persist
from bulk_lookup.engine.move_run import finish_if_done
from bulk_lookup.models.quarter_hour_stat import LATENCY_BUCKETS_MS
from bulk_lookup.models.queries import query
from bulk_lookup.models.scope import async_organization_scope

log = structlog.get_logger()

FLUSH_EVERY = 0.15  # seconds
FLUSH_MOST = 2000  # answers in one transaction


@dataclass(slots=True)
class _Batch:
    rows: list[dict[str, Any]] = field(default_factory=list)
    stored: asyncio.Event = field(default_factory=asyncio.Event)


class AnswerStore:
    """Takes the answers of one run in one process; `saw_rate` is told how many a second are stored."""

    def __init__(self, terms: RunTerms, pool: Pool, saw_rate: Callable[[float], None]) -> None:
        self._terms = terms
        self._pool = pool
        self._saw_rate = saw_rate
        self._batch = _Batch()
        self._storing: _Batch | None = None  # on its way into the database
        self._wake = asyncio.Event()
        self._closing = False
        self._last = monotonic()
        self._task = asyncio.create_task(self._store_for_ever(), name=f"store run {terms.run_id}")

    @property
    def empty(self) -> bool:
        """Whether everything that was put in is stored."""
        return not self._batch.rows and self._storing is None

    def put(self, row: dict[str, Any]) -> None:
        """Store this row of `store_answers.sql` with the next batch."""
        self._batch.rows.append(row)
        if len(self._batch.rows) >= FLUSH_MOST:
            self._wake.set()

    async def stored(self) -> None:
        """Wait until everything that was put in before is stored."""
        # Batches are stored in turn; the one on its way may be held up by a lock or by an absent database.
        if self._batch.rows:
            self._wake.set()
            await self._batch.stored.wait()
        elif self._storing is not None:
            await self._storing.stored.wait()

    async def close(self) -> None:
        """Store what is left and end."""
        self._closing = True
        self._wake.set()
        await self._task

    async def _store_for_ever(self) -> None:
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), FLUSH_EVERY)
            self._wake.clear()
            if self._batch.rows:
                await self._store_batch()
            elif self._closing:
                return

    async def _store_batch(self) -> None:
        batch, self._batch = self._batch, _Batch()
        self._storing = batch
        await self._store(batch.rows)
        self._storing = None
        batch.stored.set()
        now = monotonic()
        self._saw_rate(len(batch.rows) / max(now - self._last, 1e-3))
        self._last = now

    async def _store(self, rows: list[dict[str, Any]]) -> None:
        """Store rows, whatever stands in them: what PostgreSQL refuses is looked for by halves and stored bare."""
        try:
            await persist(lambda: self._write(rows), what="store answers")
        except psycopg.Error as error:  # not that the database is away: `persist` waits for that
            if len(rows) > 1:
                await self._store(rows[: len(rows) // 2])
                await self._store(rows[len(rows) // 2 :])
                return
            log.error("An answer cannot be stored as it came", action="answer_refused", error=str(error)[:300])
            await self._store_less(rows[0])

    async def _store_less(self, row: dict[str, Any]) -> None:
        """Store what is left of an answer that was refused; a defect in one row never stops the others."""
        for less in (bare_row(row), lost_row(row)):
            try:
                await persist(lambda: self._write([less]), what="store answers")  # noqa: B023 (awaited at once)
            except psycopg.Error as error:
                log.error("An answer cannot be stored", action="answer_lost", error=str(error)[:300])
            else:
                return

    async def _write(self, rows: list[dict[str, Any]]) -> None:
        terms = self._terms
        async with async_organization_scope(self._pool, terms.organization_id) as connection:
            await connection.execute(
                "select from run where organization_id = %s and id = %s for update",
                [terms.organization_id, terms.run_id],
            )
            cursor = await connection.execute(
                query("store_answers"),
                {
                    "batch": as_json(rows),
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
                    late = len(rows) - stored
                    log.warning("Answers came after their claim was released", action="late_answers", late=late)
                if state == "running" and pending == 0:
                    await finish_if_done(connection, terms.organization_id, terms.run_id)
            await connection.execute("select pg_notify('run_changed', %s)", [f"{terms.organization_id}:{terms.run_id}"])
