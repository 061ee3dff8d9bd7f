"""A chunk: claim the pending lookups of a range in small batches ahead of need, and hand them to the run's desk.

A chunk ends after its range or ten seconds, whichever is first, and enqueues its successor when it stops claiming, not when
its last answer is in: the provider is kept busy, a pause is quick, and runs take turns.
"""

import asyncio
from datetime import datetime
from time import monotonic
from typing import Any

import orjson
import structlog
from psycopg.rows import dict_row

from bulk_lookup.core.retry import PauseReason
from bulk_lookup.core.settlement import Asked
from bulk_lookup.engine.claimed import Claimed
from bulk_lookup.engine.database import persist
from bulk_lookup.engine.lookups_process import LookupsProcess, the_process
from bulk_lookup.engine.move_run import defer_chunk, defer_next_chunk, finish_if_done, pause_run
from bulk_lookup.engine.run_desk import RunDesk
from bulk_lookup.engine.sign_of_life import show_life
from bulk_lookup.models.queries import query
from bulk_lookup.models.scope import async_organization_scope
from bulk_lookup.queue import Queue

log = structlog.get_logger()

LONGEST = 10.0  # seconds of claiming
MONEY_WAIT = 0.3  # seconds until the requests in flight may have given money back


async def process_lookups(organization_id: int, run_id: int, first: int, last: int) -> None:
    """Ask for the pending lookups at positions `first` to `last` of a run."""
    process = the_process()
    desk = await process.desk(organization_id, run_id)
    if desk is None:
        return
    with process.working_for(desk):
        await _Chunk(process, desk, organization_id, run_id, first, last).work()


class _Chunk:
    """The claiming of one range. `next` is the first position not yet claimed."""

    def __init__(
        self, process: LookupsProcess, desk: RunDesk, organization_id: int, run_id: int, first: int, last: int
    ) -> None:
        self._process = process
        self._desk = desk
        self._place: dict[str, Any] = {"organization_id": organization_id, "run_id": run_id}
        self._first, self._last = first, last
        self._next = first
        self._requests: set[asyncio.Task[None]] = set()
        self._claim_id = 0
        self._got = 0

    async def work(self) -> None:
        self._claim_id = await persist(self._open_claim, what="open claim")
        stopped, defect = False, None
        try:
            stopped = await self._claim_all()
        except Exception as error:
            # The claim is closed all the same: what it holds would be held for as long as this worker lives.
            stopped, defect = True, error  # the queue tries the whole range again, after a while
        finally:
            # Whatever ended it: the range's rest goes on in a successor, now, while the last answers are still out.
            await persist(lambda: self._hand_on(stopped), what="hand on")
        if self._requests:
            await asyncio.wait(self._requests)
        await self._desk.stored()
        await persist(self._close_claim, what="close claim")
        if defect is not None:
            raise defect

    async def _claim_all(self) -> bool:
        """Claim until the range or the time is over; True where the run stands still."""
        until = monotonic() + LONGEST
        while self._next <= self._last and monotonic() < until and not self._process.stopping and not self._desk.halted:
            # One chunk of a run claims at a time, when the desk needs more: what is claimed and not yet sent at a kill
            # would be recorded as of unknown bill.
            async with self._desk.claiming:
                want = await self._desk.wants_more()
                if self._desk.halted or monotonic() >= until:
                    break  # while this one waited
                head = await persist(lambda: self._claim(want), what="claim")  # noqa: B023 (awaited at once)
                if head is None or head["state"] != "running":
                    self._desk.halt()  # what was claimed ahead is not bought any more
                    return True
                taken = orjson.loads(head["taken"])
                for row in taken:
                    request = self._desk.ask_later(self._claimed(row))
                    self._requests.add(request)
                    request.add_done_callback(self._requests.discard)
            if not want:
                continue
            if not taken and head["seen"]:
                if head["beyond"] and await self._money_is_out(head):
                    return True
                continue
            self._got += len(taken)
            all_seen = len(taken) == head["seen"] < want
            self._next = self._last + 1 if all_seen else taken[-1]["position"] + 1
        return self._desk.halted and not self._process.stopping

    async def _money_is_out(self, head: dict[str, Any]) -> bool:
        """The cap leaves no room: pause the run, unless requests in flight may yet give money back."""
        if head["held_micros"] > 0:
            await self._desk.stored()
            await asyncio.sleep(MONEY_WAIT)
            return False
        await persist(self._pause_at_cap, what="pause run")
        log.info("The run has reached its cap", action="run_paused", reason="cap", run_id=self._place["run_id"])
        return True

    async def _pause_at_cap(self) -> None:
        async with self._scope() as connection:
            await pause_run(connection, **self._place, reason=PauseReason.CAP)

    def _claimed(self, row: dict[str, Any]) -> Claimed:
        prices = self._desk.terms.prices
        return Claimed(
            position=row["position"],
            number=row["formatted_phone_number"],
            country_code=row["country_code"],
            last_verified_date=(row["last_verified_date"] or "").replace("-", ""),
            claim_id=self._claim_id,
            reserved_micros=row["reserved_micros"],
            asked=Asked(
                due=tuple(row["due"]),
                prices=prices.get(row["country_code"], {}),
                tries=row["tries"],
                receipts=row["packages"],
            ),
        )

    def _scope(self) -> Any:
        return async_organization_scope(self._process.pool, self._place["organization_id"])

    async def _open_claim(self) -> int:
        async with self._scope() as connection:
            # A worker that has just begun, or was frozen and taken for dead, must not have its claim taken for a dead one's.
            await show_life(connection, self._process.worker_id, kind=Queue.LOOKUPS.value)
            cursor = await connection.execute(
                """
                insert into claim (organization_id, run_id, worker_id, first, last, created_at)
                values (%(organization_id)s, %(run_id)s, %(worker_id)s, %(first)s, %(last)s, clock_timestamp()) returning id
                """,
                self._place | {"worker_id": self._process.worker_id, "first": self._first, "last": self._last},
            )
            return int((await cursor.fetchone())[0])

    async def _claim(self, want: int) -> dict[str, Any] | None:
        async with self._scope() as connection, connection.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(
                query("claim_lookups"),
                self._place | {"first": self._next, "last": self._last, "want": want, "claim_id": self._claim_id},
            )
            row: dict[str, Any] | None = await cursor.fetchone()
            return row

    async def _hand_on(self, stopped: bool) -> None:
        if stopped:
            return  # resume hands the run out again
        async with self._scope() as connection:
            if self._next <= self._last:
                await defer_chunk(connection, **self._place, first=self._next, last=self._last)
            elif not await defer_next_chunk(connection, **self._place) and not self._got:
                await finish_if_done(connection, **self._place)

    async def _close_claim(self) -> None:
        """Release the claim; what must be asked again later in this range becomes a job of that time."""
        async with self._scope() as connection:
            await connection.execute(
                "select from run where organization_id = %(organization_id)s and id = %(run_id)s for update",
                self._place,
            )
            await connection.execute(
                query("give_back"),
                self._place | {"claim_id": self._claim_id, "first": self._first, "last": self._last},
            )
            await connection.execute(
                "delete from claim where organization_id = %s and id = %s",
                [self._place["organization_id"], self._claim_id],
            )
            cursor = await connection.execute(
                query("due_later"), self._place | {"first": self._first, "last": self._next - 1}
            )
            row = await cursor.fetchone()
            at: datetime | None = row[0] if row else None
            if at is not None:
                await defer_chunk(connection, **self._place, first=self._first, last=self._next - 1, at=at)
