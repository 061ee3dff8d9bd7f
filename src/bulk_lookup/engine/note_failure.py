"""Noting why a job failed: the queue itself keeps no error, and a worker's log is not where an operator looks first."""

import re
from contextlib import suppress
from typing import Any

from procrastinate.job_context import JobContext
from procrastinate.middleware import AsyncCallNext, WorkerMiddleware
from procrastinate.worker import Worker

from bulk_lookup.engine.database import AWAY, Pool

LONGEST = 300
"""Characters kept of an error."""

# What may be a phone number, or a part of one, stays out of a page of the whole installation.
_LONG_NUMBER = re.compile(r"\+?\d[\d ().-]{5,}\d")


def note_failures(pool: Pool) -> WorkerMiddleware:
    """What a worker wraps around every job: an error is written down and goes on its way."""

    async def noting(call_next: AsyncCallNext, context: JobContext, worker: Worker) -> Any:
        try:
            return await call_next()
        except Exception as error:
            # A database that is away is why many of them fail; then the log alone says so.
            with suppress(*AWAY):
                await _note(pool, context.job.id, error)
            raise

    return noting


def in_a_line(error: BaseException) -> str:
    """Kind and first line of an exception, long numbers masked."""
    first = str(error).strip().splitlines()[:1]
    text = f"{type(error).__name__}: {first[0]}" if first else type(error).__name__
    return _LONG_NUMBER.sub("…", text)[:LONGEST]


async def _note(pool: Pool, job_id: int | None, error: BaseException) -> None:
    async with pool.connection(timeout=2) as connection:
        await connection.execute(
            """
            insert into job_failure (job_id, error, at) values (%s, %s, clock_timestamp())
            on conflict (job_id) do update set error = excluded.error, at = excluded.at
            """,
            [job_id, in_a_line(error).replace("\0", "")],
        )
