"""The engine's own asynchronous connections, and what it does while the database is away."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import psycopg
import structlog
from django.conf import settings
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from bulk_lookup import database

log = structlog.get_logger()

Pool = AsyncConnectionPool[AsyncConnection[Any]]

# Connections of one lookups process: answers are stored by one, chunks claim on the others.
POOL_SIZE = 4

# Statistics of a fresh run are stale, and a plan that reads a table once for each of a thousand rows is what follows.
# Before PostgreSQL 18 a plan without its sequential scan looks so dear that the server compiles each statement: no jit.
BY_KEY = "-c enable_seqscan=off -c enable_bitmapscan=off -c jit=off"

# What is raised while PostgreSQL restarts, is away, or takes too long to give a connection.
AWAY = (psycopg.OperationalError, psycopg.InterfaceError, PoolTimeout)

_Result = TypeVar("_Result")


def connection_parameters() -> dict[str, Any]:
    """libpq's parameters for the database of this process."""
    configured = settings.DATABASES["default"]
    options = {name: value for name, value in configured["OPTIONS"].items() if name != "pool"}
    given = {
        "host": configured["HOST"],
        "port": configured["PORT"],
        "user": configured["USER"],
        "password": configured["PASSWORD"],
        "dbname": configured["NAME"],
    }
    return {name: value for name, value in (given | options).items() if value not in ("", None)}


def open_pool(*, size: int = POOL_SIZE) -> Pool:
    """A pool that is not open yet (`async with` opens it).

    No statement is prepared by itself: a plan made for a large organization would be used for a small one.
    """
    return AsyncConnectionPool(
        kwargs=connection_parameters()
        | {"prepare_threshold": None, "autocommit": True, "connect_timeout": 5, "options": BY_KEY},
        min_size=1,
        max_size=size,
        timeout=10,
        open=False,
        check=AsyncConnectionPool.check_connection,
        reconnect_timeout=0,
        name="engine",
    )


async def persist(work: Callable[[], Awaitable[_Result]], *, what: str) -> _Result:
    """Do `work`, again and again while the database is away (waits of 0.5 to 3 s), healing our own server meanwhile."""
    wait = 0.5
    while True:
        try:
            return await work()
        except AWAY as error:
            log.warning(
                "The database is away", action="database_away", what=what, error=str(error).splitlines()[0][:200]
            )
            await asyncio.to_thread(database.heal)
            await asyncio.sleep(wait)
            wait = min(3.0, wait * 1.5)
