"""Moves of a running run that the engine makes by itself, in transactions that it holds: chunks, pauses, the end."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from psycopg import AsyncConnection
from psycopg.types.json import Jsonb

from bulk_lookup.core.retry import PauseReason
from bulk_lookup.models.queries import query
from bulk_lookup.models.run import CHUNK_SIZE
from bulk_lookup.queue import Job, adefer

Connection = AsyncConnection[Any]


async def defer_chunk(
    connection: Connection, organization_id: int, run_id: int, first: int, last: int, *, at: datetime | None = None
) -> None:
    """Enqueue the asking of a range of positions, at once or not before `at`."""
    await adefer(connection, Job.PROCESS_LOOKUPS, organization_id, at=at, run_id=run_id, first=first, last=last)


async def defer_next_chunk(connection: Connection, organization_id: int, run_id: int) -> bool:
    """Hand out the next range of a running run; False when none is left or the run does not run."""
    cursor = await connection.execute(
        query("next_chunk"), {"organization_id": organization_id, "run_id": run_id, "size": CHUNK_SIZE}
    )
    row = await cursor.fetchone()
    if row is None:
        return False
    await defer_chunk(connection, organization_id, run_id, row[0], row[1])
    return True


async def rewind(connection: Connection, organization_id: int, run_id: int) -> bool:
    """Hand the run out again from its first pending lookup on; False where there is none."""
    place = {"organization_id": organization_id, "run_id": run_id}
    cursor = await connection.execute(query("first_pending"), place | {"start": 1})
    row = await cursor.fetchone()
    first = row[0] if row else None
    if first is None:
        return False
    await connection.execute(
        "update run set next_position = %(first)s where organization_id = %(organization_id)s and id = %(run_id)s",
        place | {"first": first},
    )
    return True


async def pause_run(
    connection: Connection,
    organization_id: int,
    run_id: int,
    reason: PauseReason,
    *,
    detail: str = "",
    left_out: Mapping[str, str] | None = None,
) -> bool:
    """running → paused; False where the run was not running any more."""
    cursor = await connection.execute(
        """
        update run set state = 'paused', reason = %s, detail = %s, dropped_packages = dropped_packages || %s,
            updated_at = clock_timestamp()
        where organization_id = %s and id = %s and state = 'running'
        """,
        [reason.value, detail, Jsonb(dict(left_out or {})), organization_id, run_id],
    )
    await connection.execute("select pg_notify('run_changed', %s)", [f"{organization_id}:{run_id}"])
    return cursor.rowcount == 1


async def halt_account(
    connection: Connection, organization_id: int, provider_account_id: int, reason: PauseReason
) -> None:
    """Mark an account with which nothing can be bought until somebody acts; a check that succeeds takes the mark away."""
    await connection.execute(
        """
        update provider_account set state = 'halted', reason = %s, updated_at = clock_timestamp(),
            halted_at = case when state = 'halted' then halted_at else clock_timestamp() end
        where organization_id = %s and id = %s
        """,
        [reason.value, organization_id, provider_account_id],
    )


async def finish_if_done(connection: Connection, organization_id: int, run_id: int) -> bool:
    """running → finished when no number needs anything more; the jobs that follow are enqueued with it."""
    cursor = await connection.execute(
        """
        update run set state = 'finished', reason = '', finished_at = clock_timestamp(), updated_at = clock_timestamp()
        where organization_id = %s and id = %s and state = 'running' and numbers = done + failed + skipped + reused
        """,
        [organization_id, run_id],
    )
    if cursor.rowcount != 1:
        return False
    await adefer(connection, Job.FINISH_RUN, organization_id, run_id=run_id)
    return True
