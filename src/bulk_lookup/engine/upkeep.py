"""Upkeep: what keeps every run going after kills, restarts and lost jobs. One worker at a time does it, every few seconds.

Jobs of dead workers are taken up again, their claims are released, and the window of every running run is refilled: the chain
of chunks is the fast path, the refill is the truth.
"""

import asyncio
from datetime import timedelta
from time import monotonic
from typing import Any

import structlog
from procrastinate.contrib.django import app
from procrastinate.exceptions import ConnectorException
from psycopg import AsyncConnection

from bulk_lookup.engine.database import AWAY, Pool
from bulk_lookup.engine.move_run import defer_next_chunk, finish_if_done, rewind
from bulk_lookup.models.quarter_hour_stat import LATENCY_BUCKETS_MS
from bulk_lookup.models.queries import query
from bulk_lookup.models.run import WINDOW
from bulk_lookup.models.scope import async_organization_scope
from bulk_lookup.queue import Job, Queue, adefer

log = structlog.get_logger()

EVERY = 3.0  # seconds
DEAD_AFTER = 15.0  # seconds without a sign of life
# After the database was away everybody looks dead; those alive need this long to say that they are.
GRACE = 6.0
EMPTY_FOR = 60.0  # seconds after which a claim without a lookup in flight is nobody's
OLD_JOBS_HOURS = 24

_LOCK = 7_315_002


class Upkeep:
    """The loop; `unknown_tries` is how often a number of unknown bill is asked in all."""

    def __init__(self, pool: Pool, *, unknown_tries: int) -> None:
        self._pool = pool
        self._unknown_tries = unknown_tries
        self._well_since = monotonic()

    async def run(self) -> None:
        """Go round for ever."""
        while True:
            await asyncio.sleep(EVERY)
            try:
                await self._round()
            except (*AWAY, ConnectorException):  # the latter is how the queue says the same
                self._well_since = monotonic() + EVERY
                log.warning("Upkeep could not be done", action="upkeep_away", exc_info=True)
            except Exception:
                log.exception("Upkeep failed", action="upkeep_failed")

    async def _round(self) -> None:
        async with self._pool.connection() as connection, connection.transaction():
            cursor = await connection.execute("select pg_try_advisory_xact_lock(%s)", [_LOCK])
            row = await cursor.fetchone()
            if not row or not row[0]:
                return
            if monotonic() - self._well_since >= GRACE:
                await self._take_up_jobs()
                await self._bury_workers(connection)
            cursor = await connection.execute("select id from organization order by id")
            for (organization_id,) in await cursor.fetchall():
                try:
                    await self._tend(organization_id)
                except AWAY:
                    raise
                except Exception:  # the others are tended all the same
                    log.exception("Upkeep failed", action="upkeep_failed", organization_id=organization_id)

    async def _take_up_jobs(self) -> None:
        """Give the jobs of dead workers back to their queue."""
        for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=DEAD_AFTER):
            log.warning("A job of a dead worker is taken up", action="job_taken_up", job=job.id, task=job.task_name)
            try:
                await app.job_manager.retry_job(job)
            except ConnectorException as error:
                # It has just ended, or one of its name waits already: no reason to leave the others.
                log.warning("A job cannot be taken up", action="job_not_taken_up", job=job.id, error=str(error)[:200])

    async def _bury_workers(self, connection: AsyncConnection[Any]) -> None:
        await connection.execute(
            "delete from worker where seen_at < clock_timestamp() - %s", [timedelta(seconds=DEAD_AFTER)]
        )
        await app.job_manager.prune_stalled_workers(DEAD_AFTER * 4)

    async def _tend(self, organization_id: int) -> None:
        """Release dead claims of one organization, then refill the windows of its running runs."""
        async with async_organization_scope(self._pool, organization_id) as connection:
            cursor = await connection.execute(
                """
                select claim.id, run_id, first, last from claim
                where organization_id = %s and not exists (select from worker where worker.id = claim.worker_id)
                """,
                [organization_id],
            )
            dead = await cursor.fetchall()
            await self._give_up_plans(connection, organization_id)
            well = monotonic() - self._well_since >= GRACE
            # A claim whose making was committed while its chunk never heard of it holds nothing; no chunk begins so late,
            # but for those that have been waiting for the database.
            if well:
                await self._delete_empty(connection, organization_id)
        for claim_id, run_id, first, last in dead if well else []:
            await self._release(organization_id, claim_id, run_id, first, last)
        async with async_organization_scope(self._pool, organization_id) as connection:
            cursor = await connection.execute(
                "select id, next_position, numbers from run where organization_id = %s and state = 'running'",
                [organization_id],
            )
            for run_id, next_position, numbers in await cursor.fetchall():
                await self._refill(connection, organization_id, run_id, next_position > numbers)

    async def _delete_empty(self, connection: AsyncConnection[Any], organization_id: int) -> None:
        await connection.execute(
            """
            delete from claim where organization_id = %(organization_id)s
                and created_at < clock_timestamp() - %(age)s and not exists (
                    select from lookup where lookup.organization_id = claim.organization_id
                        and lookup.run_id = claim.run_id and lookup.position between claim.first and claim.last
                        and lookup.state = 'asking' and lookup.claim_id = claim.id)
            """,
            {"organization_id": organization_id, "age": timedelta(seconds=EMPTY_FOR)},
        )

    async def _give_up_plans(self, connection: AsyncConnection[Any], organization_id: int) -> None:
        """planning → failed where the job that plans has been tried for the last time."""
        cursor = await connection.execute(
            """
            update run set state = 'failed', reason = 'planning_failed', finished_at = clock_timestamp(),
                updated_at = clock_timestamp()
            where organization_id = %s and state = 'planning' and not exists (
                select from procrastinate_jobs
                where task_name = %s and status in ('todo', 'doing')
                    and (args ->> 'organization_id')::bigint = run.organization_id and (args ->> 'run_id')::bigint = run.id)
            returning id
            """,
            [organization_id, Job.PLAN_RUN.value],
        )
        for (run_id,) in await cursor.fetchall():
            log.error("A run could not be planned", action="planning_failed", run_id=run_id)
            await adefer(connection, Job.FINISH_RUN, organization_id, run_id=run_id)

    async def _release(self, organization_id: int, claim_id: int, run_id: int, first: int, last: int) -> None:
        async with async_organization_scope(self._pool, organization_id) as connection:
            cursor = await connection.execute(
                "select contact_list_id, simulated, currency from run where organization_id = %s and id = %s for update",
                [organization_id, run_id],
            )
            run = await cursor.fetchone()
            assert run is not None
            cursor = await connection.execute(
                query("release_claim"),
                {
                    "organization_id": organization_id,
                    "run_id": run_id,
                    "claim_id": claim_id,
                    "first": first,
                    "last": last,
                    "unknown_tries": self._unknown_tries,
                    "contact_list_id": run[0],
                    "simulated": run[1],
                    "currency": run[2],
                    "latency_buckets": len(LATENCY_BUCKETS_MS) + 1,
                },
            )
            row = await cursor.fetchone()
            if row is not None and row[0] == "running":
                await finish_if_done(connection, organization_id, run_id)
        log.warning("A dead claim is released", action="claim_released", run_id=run_id, lookups=row[1] if row else 0)

    async def _refill(
        self, connection: AsyncConnection[Any], organization_id: int, run_id: int, handed_out: bool
    ) -> None:
        cursor = await connection.execute(
            """
            select count(*), count(*) filter (where status = 'doing' or coalesce(scheduled_at, now()) <= now())
            from procrastinate_jobs
            where queue_name = %s and task_name = %s and status in ('todo', 'doing')
                and (args ->> 'organization_id')::bigint = %s and (args ->> 'run_id')::bigint = %s
            """,
            [Queue.LOOKUPS.value, Job.PROCESS_LOOKUPS.value, organization_id, run_id],
        )
        outstanding, active = await cursor.fetchone() or (0, 0)  # the rest waits for the time of its retries
        if outstanding == 0 and handed_out:
            # Everything was handed out and nothing is left in hand: what is still pending was lost on the way.
            if await finish_if_done(connection, organization_id, run_id):
                return
            if not await rewind(connection, organization_id, run_id):
                return
        for _ in range(WINDOW - active):
            if not await defer_next_chunk(connection, organization_id, run_id):
                break


async def remove_old_jobs() -> None:
    """Keep the queue's tables small, and no error of a job that is gone."""
    await app.job_manager.delete_old_jobs(nb_hours=OLD_JOBS_HOURS, include_failed=False)
    await app.job_manager.connector.execute_query_async(
        query="delete from job_failure where not exists (select from procrastinate_jobs where id = job_id)"
    )
