"""The organization scope: the only way to reach the tables of an organization.

Row-level security compares every row with the setting `app.organization_id` of the transaction. Without it a query raises
(the policy casts the setting to a number), so a forgotten scope is an error and not an empty answer.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from django.db import connection, transaction
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

SETTING = "app.organization_id"


class ScopeClash(Exception):
    """A scope was opened inside that of another organization."""


@contextmanager
def organization_scope(organization_id: int) -> Iterator[None]:
    """Open a transaction in which the rows of this organization, and only they, can be read and written.

    Nesting with the same organization is a savepoint; with another it raises `ScopeClash`. Keep it short: one batch, never
    across a request to the provider or the reading of a file.
    """
    with transaction.atomic():
        before = _current()
        if before not in ("", str(organization_id)):
            raise ScopeClash(f"a scope of organization {before} is open; organization {organization_id} was asked for")
        _set(str(organization_id))
        yield
        # The release of a savepoint keeps a local setting, so it is put back by hand; where an exception leaves the
        # block, the rollback (also one to a savepoint) takes the setting back.
        _set(before)


@asynccontextmanager
async def async_organization_scope(
    pool: AsyncConnectionPool[AsyncConnection[Any]], organization_id: int
) -> AsyncIterator[AsyncConnection[Any]]:
    """The same on a connection of the engine's own pool; yields the connection that holds the transaction."""
    async with pool.connection() as open_connection, open_connection.transaction():
        await open_connection.execute("select set_config('app.organization_id', %s, true)", [str(organization_id)])
        yield open_connection


def _current() -> str:
    with connection.cursor() as cursor:
        cursor.execute("select coalesce(current_setting('app.organization_id', true), '')")
        row = cursor.fetchone()
    assert row is not None
    return str(row[0])


def _set(value: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select set_config('app.organization_id', %s, true)", [value])
