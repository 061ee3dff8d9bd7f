"""A worker process's row in the database: what it holds is another's when the row grows old."""

import os
import socket
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

EVERY = 3.0  # seconds


async def show_life(connection: AsyncConnection[Any], worker_id: UUID, *, kind: str) -> None:
    """Write that this process lives; it is its first sign where it has just begun, or was taken for dead."""
    await connection.execute(
        """
        insert into worker (id, kind, host, pid, started_at, seen_at)
        values (%s, %s, %s, %s, clock_timestamp(), clock_timestamp())
        on conflict (id) do update set seen_at = excluded.seen_at
        """,
        [worker_id, kind, socket.gethostname(), os.getpid()],
    )
