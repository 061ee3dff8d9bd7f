"""The loop that carries the gates' reports to the database, once a second, and brings back the renewed shares."""

import asyncio
from time import monotonic
from uuid import UUID

import structlog
from django.conf import settings
from psycopg.types.json import Jsonb

from bulk_lookup.core.renewal import AccountRow, WorkerGrant, WorkerReport, WorkerRow, renew
from bulk_lookup.engine.account_gate import AccountGate
from bulk_lookup.engine.database import AWAY, Pool

log = structlog.get_logger()


class Account:
    """One provider account in this process: its gate, its settings, and what others have in flight on it."""

    def __init__(self, key: str, worker_id: UUID, *, ceiling: int, per_second: float | None) -> None:
        self.key = key
        self.gate = AccountGate(str(worker_id))
        self.ceiling = ceiling
        self.per_second = per_second
        self.foreign = 0

    def seen(self, concurrent: int | None) -> None:
        """Take in how many requests the provider counts on the account, ours and others'."""
        if concurrent is not None:
            self.foreign = max(0, concurrent - self.gate.in_flight)


class AllowanceLoop:
    """Renews the shares of all accounts of this process. The tables are the directory's: no organization is involved."""

    def __init__(self, pool: Pool, worker_id: UUID) -> None:
        self._pool = pool
        self._worker_id = worker_id
        self._accounts: dict[str, tuple[Account, asyncio.Task[None]]] = {}

    async def account(self, key: str, *, ceiling: int, per_second: float | None) -> Account:
        """The account of this key; its first share is on its way when this returns."""
        values = settings.VALUES
        ceiling = min(ceiling, values["BULK_LOOKUP_MAX_IN_FLIGHT"].value)
        per_second = min((x for x in (per_second, values["BULK_LOOKUP_REQUESTS_PER_SECOND"].value) if x), default=None)
        if key not in self._accounts:
            account = Account(key, self._worker_id, ceiling=ceiling, per_second=per_second)
            self._accounts[key] = account, asyncio.create_task(self._renew_for_ever(account), name="renew share")
        account, _ = self._accounts[key]
        account.ceiling, account.per_second = ceiling, per_second
        return account

    async def stop(self) -> None:
        """Give the shares back and end."""
        for account, task in self._accounts.values():
            task.cancel()
            account.gate.close()
        await asyncio.gather(*(task for _, task in self._accounts.values()), return_exceptions=True)
        try:
            async with self._pool.connection() as connection:
                await connection.execute("delete from allowance_share where worker_id = %s", [self._worker_id])
        except AWAY:
            pass  # a share without its worker ends by itself

    async def _renew_for_ever(self, account: Account) -> None:
        gate = account.gate
        while True:
            try:
                asked_at = monotonic()
                grant = await self._renew(account, gate.report())
                gate.renew(grant, asked_at=asked_at)
            except AWAY as error:
                # Without a renewal the gate closes by itself after 5 s.
                log.warning("No share could be renewed", action="share_not_renewed", error=str(error)[:200])
            except Exception:
                log.exception("No share could be renewed", action="share_not_renewed")
            await gate.renewal_due()

    async def _renew(self, account: Account, report: WorkerReport) -> WorkerGrant:
        async with self._pool.connection() as connection, connection.transaction():
            await connection.execute(
                """
                insert into account_allowance (account_key, state, foreign_in_flight, updated_at)
                values (%s, '{}', 0, clock_timestamp()) on conflict do nothing
                """,
                [account.key],
            )
            cursor = await connection.execute(
                """
                select state, extract(epoch from clock_timestamp())::float8 from account_allowance
                where account_key = %s for update
                """,
                [account.key],
            )
            row = await cursor.fetchone()
            assert row is not None
            state = AccountRow.from_json(row[0]).with_settings(ceiling=account.ceiling, per_second=account.per_second)
            cursor = await connection.execute(
                """
                select worker_id, extract(epoch from seen_at)::float8, state from allowance_share where account_key = %s
                """,
                [account.key],
            )
            workers = [WorkerRow.from_json(str(worker), seen, data) for worker, seen, data in await cursor.fetchall()]
            cursor = await connection.execute("select extract(epoch from clock_timestamp())::float8")
            now = (await cursor.fetchone() or (row[1],))[0]
            renewal = renew(state, workers, report, now)
            await connection.execute(
                """
                update account_allowance set state = %s, foreign_in_flight = %s, updated_at = clock_timestamp()
                where account_key = %s
                """,
                [Jsonb(renewal.account.as_json()), account.foreign, account.key],
            )
            await connection.execute(
                """
                insert into allowance_share (account_key, worker_id, state, slowed_by, seen_at)
                values (%s, %s, %s, %s, to_timestamp(%s))
                on conflict (account_key, worker_id) do update
                    set state = excluded.state, slowed_by = excluded.slowed_by, seen_at = excluded.seen_at
                """,
                [
                    account.key,
                    self._worker_id,
                    Jsonb(renewal.worker.as_json()),
                    account.gate.slowed_by().value,
                    now,
                ],
            )
            if renewal.expired:
                await connection.execute(
                    "delete from allowance_share where account_key = %s and worker_id = any(%s::uuid[])",
                    [account.key, list(renewal.expired)],
                )
        return renewal.grant
