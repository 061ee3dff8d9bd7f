"""The state of the installation: queues, jobs in trouble, the size of the database. It names no organization's rows."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from bulk_lookup.models.queries import query
from bulk_lookup.queue import Queue

DEAD_AFTER = 15.0
"""Seconds without a sign of life after which a worker counts as dead."""
MOST_JOBS = 50
MOST_TABLES = 10


@dataclass(frozen=True, slots=True)
class QueueDepth:
    """What waits, what waits for its time, what is being done; `oldest_wait` in seconds, None where nothing waits."""

    queue: str
    waiting: int = 0
    later: int = 0
    doing: int = 0
    oldest_wait: float | None = None


@dataclass(frozen=True, slots=True)
class TroubledJob:
    """`trouble`: failed, stalled, or retrying (at `scheduled_at`). `error` is of its last failure, "" where none is kept."""

    pk: int
    task: str
    queue: str
    arguments: dict[str, Any]
    attempts: int
    scheduled_at: datetime | None
    trouble: str
    at: datetime | None
    error: str


@dataclass(frozen=True, slots=True)
class TableSize:
    """Bytes with all indexes."""

    name: str
    bytes: int
    rows: int


def queue_depths() -> list[QueueDepth]:
    """Every queue, also those with nothing in them."""
    with connection.cursor() as cursor:
        cursor.execute(query("queue_depths"))
        found = {row[0]: QueueDepth(*row) for row in cursor.fetchall()}
    names = [*Queue, *(name for name in sorted(found) if name not in list(Queue))]
    return [found.get(name, QueueDepth(str(name))) for name in names]


def troubled_jobs() -> list[TroubledJob]:
    """At most `MOST_JOBS`, those that failed for good first."""
    with connection.cursor() as cursor:
        cursor.execute(query("troubled_jobs"), {"dead_after": DEAD_AFTER, "most": MOST_JOBS})
        rows = cursor.fetchall()
    return [
        TroubledJob(pk, task, name, _read(arguments), attempts, scheduled_at, trouble, at, error or "")
        for pk, task, name, arguments, attempts, scheduled_at, trouble, at, error in rows
    ]


def table_sizes() -> list[TableSize]:
    """The largest tables."""
    with connection.cursor() as cursor:
        cursor.execute(query("table_sizes"), {"most": MOST_TABLES})
        return [TableSize(*row) for row in cursor.fetchall()]


def database_bytes() -> int:
    """Of the whole database."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_database_size(current_database())")
        row = cursor.fetchone()
    assert row is not None
    return int(row[0])


def retry_job(job_id: int) -> bool:
    """Give a failed or stalled job back to its queue; False where it is neither any more.

    Raises IntegrityError where one of its name waits already.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select procrastinate_retry_job_v2(job.id, now(), null, null, null) from procrastinate_jobs job
            left join procrastinate_workers worker on worker.id = job.worker_id
            where job.id = %(job_id)s and (job.status = 'failed' or (job.status = 'doing'
                and coalesce(worker.last_heartbeat, '-infinity') < now() - make_interval(secs => %(dead_after)s)))
            """,
            {"job_id": job_id, "dead_after": DEAD_AFTER},
        )
        return bool(cursor.rowcount == 1)


def _read(arguments: Any) -> dict[str, Any]:
    """Django's cursor leaves jsonb as text."""
    return dict(json.loads(arguments) if isinstance(arguments, str) else arguments)
