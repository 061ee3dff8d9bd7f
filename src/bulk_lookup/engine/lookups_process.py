"""The asynchronous process of a worker that asks: its connections, the desks of its runs, the gates of its accounts."""

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from psycopg.rows import dict_row

from bulk_lookup.core.retry import PauseReason, Waits
from bulk_lookup.engine.allowance_loop import AllowanceLoop
from bulk_lookup.engine.claimed import RunTerms
from bulk_lookup.engine.credentials import open_provider
from bulk_lookup.engine.database import Pool, open_pool, persist
from bulk_lookup.engine.move_run import halt_account, pause_run
from bulk_lookup.engine.run_desk import RunDesk
from bulk_lookup.lib.encryption import CannotDecrypt
from bulk_lookup.models.scope import async_organization_scope
from bulk_lookup.providers.base import Provider

log = structlog.get_logger()

_process: "LookupsProcess | None" = None

IDLE = 5.0  # seconds after which the desk of a run without work is closed


def the_process() -> "LookupsProcess":
    """The one of this process; jobs of the lookups queue run nowhere else."""
    if _process is None:
        raise RuntimeError("jobs of the lookups queue run in a worker's lookups process only")
    return _process


class LookupsProcess:
    """Open it with `async with`; it ends when every answer is stored."""

    def __init__(self, worker_id: UUID) -> None:
        self.worker_id = worker_id
        self.pool: Pool = open_pool()
        self.stopping = False
        self._desks: dict[tuple[int, int], RunDesk] = {}
        self._users: dict[tuple[int, int], int] = {}
        self._opening = asyncio.Lock()
        self._leaving: dict[RunDesk, asyncio.Task[None]] = {}  # closing, as soon as their last answers are in
        self._providers: dict[tuple[int, int], tuple[str, Provider]] = {}  # with the credentials they were opened with
        self._replaced: list[Provider] = []
        self._allowance = AllowanceLoop(self.pool, worker_id)
        self._stack = AsyncExitStack()
        self._sweep: asyncio.Task[None] | None = None

    async def __aenter__(self) -> "LookupsProcess":
        global _process
        await self._stack.enter_async_context(self.pool)
        self._sweep = asyncio.create_task(self._close_idle(), name="close idle desks")
        _process = self
        return self

    async def __aexit__(self, *_: object) -> None:
        global _process
        if self._sweep is not None:
            self._sweep.cancel()
        await self.drain(0.0)
        for desk in self._desks.values():
            await desk.close()
        await asyncio.gather(*self._leaving.values(), return_exceptions=True)
        await self._allowance.stop()
        for provider in [*self._replaced, *(provider for _, provider in self._providers.values())]:
            await provider.close()
        _process = None
        await self._stack.aclose()

    async def desk(self, organization_id: int, run_id: int) -> RunDesk | None:
        """The desk of a run, opened where needed; None where the run does not run."""
        async with self._opening:
            key = (organization_id, run_id)
            desk = self._desks.get(key)
            # One without work may be of the time before a pause or an end: what it has learnt may not hold any more.
            if desk is not None and not desk.halted and (desk.busy or self._users.get(key)):
                return desk
            row = await persist(lambda: self._run(organization_id, run_id), what="open run")
            if row is None or row["state"] != "running" or self.stopping:
                return None
            if desk is not None:
                del self._desks[key]
                self._leave(desk)
            if row["account_state"] == "halted":
                # Another run met it, or this one was begun all the same: not one request more, nobody has released it.
                await persist(lambda: self._pause(row), what="pause run")
                return None
            try:
                desk = await self._open(row)
            except CannotDecrypt as error:
                sentence = f"The account's credentials cannot be read: {error}."
                await persist(lambda: self._halt(row, sentence), what="pause run")
                return None
            self._desks[key] = desk
            return desk

    @contextmanager
    def working_for(self, desk: RunDesk) -> Iterator[None]:
        """Keep the desk open while a chunk works with it."""
        key = (desk.terms.organization_id, desk.terms.run_id)
        self._users[key] = self._users.get(key, 0) + 1
        try:
            yield
        finally:
            self._users[key] -= 1

    async def drain(self, seconds: float) -> None:
        """Claim no more; give back what was not sent, wait so long for what is in flight, and store everything."""
        self.stopping = True
        desks = [*self._desks.values(), *self._leaving]
        await asyncio.gather(*(desk.drain(seconds) for desk in desks))
        await asyncio.gather(*(desk.stored() for desk in desks))

    def _leave(self, desk: RunDesk) -> None:
        """Close a desk without waiting for its last answers."""
        self._leaving[desk] = asyncio.create_task(desk.close(), name=f"close run {desk.terms.run_id}")
        self._leaving[desk].add_done_callback(lambda _: self._leaving.pop(desk))

    async def _open(self, row: dict[str, Any]) -> RunDesk:
        organization_id = row["organization_id"]
        key = (organization_id, row["provider_account_id"])
        provider = await self._provider(key, row["credentials"])
        account = await self._allowance.account(
            provider.account_key, ceiling=row["ceiling"], per_second=row["requests_per_second"] or None
        )
        terms = RunTerms(
            organization_id=organization_id,
            run_id=row["id"],
            contact_list_id=row["contact_list_id"],
            provider_account_id=row["provider_account_id"],
            simulated=row["simulated"],
            currency=row["currency"],
            prices=row["prices"],
            unknown_prices=row["quote"].get("unknown_prices", ()),
        )
        desk = RunDesk(terms, pool=self.pool, provider=provider, account=account, waits=waits())
        desk.left_out.update(row["dropped_packages"])
        return desk

    async def _provider(self, key: tuple[int, int], credentials: str) -> Provider:
        """The account's provider; a new one where the credentials or the address have been changed."""
        opened = self._providers.get(key)
        if opened is not None and opened[0] == credentials:
            return opened[1]
        self._providers[key] = credentials, await open_provider(self.pool, *key)
        if opened is not None:
            self._replaced.append(opened[1])
        return self._providers[key][1]

    async def _pause(self, row: dict[str, Any]) -> None:
        reason = PauseReason(row["account_reason"])
        async with async_organization_scope(self.pool, row["organization_id"]) as connection:
            await pause_run(connection, row["organization_id"], row["id"], reason)
        log.warning("The run's account is halted", action="run_paused", run_id=row["id"], reason=reason.value)

    async def _halt(self, row: dict[str, Any], detail: str) -> None:
        organization_id, reason = row["organization_id"], PauseReason.ACCOUNT_CREDENTIALS
        async with async_organization_scope(self.pool, organization_id) as connection:
            await pause_run(connection, organization_id, row["id"], reason, detail=detail)
            await halt_account(connection, organization_id, row["provider_account_id"], reason)

    async def _run(self, organization_id: int, run_id: int) -> dict[str, Any] | None:
        async with async_organization_scope(self.pool, organization_id) as connection:
            cursor = connection.cursor(row_factory=dict_row)
            await cursor.execute(
                """
                select run.*, run.quote -> 'prices' as prices, account.ceiling, account.requests_per_second,
                    account.state as account_state, account.reason as account_reason,
                    row(account.account_sid, account.key_sid, account.secret, account.region, account.edge,
                        account.ask_at, account.simulated)::text as credentials
                from run join provider_account as account
                    on account.organization_id = run.organization_id and account.id = run.provider_account_id
                where run.organization_id = %s and run.id = %s
                """,
                [organization_id, run_id],
            )
            return await cursor.fetchone()

    async def _close_idle(self) -> None:
        while True:
            await asyncio.sleep(IDLE)
            for key, desk in list(self._desks.items()):
                if not desk.busy and not self._users.get(key):
                    del self._desks[key]
                    await desk.close()
            used = {desk.provider for desk in [*self._desks.values(), *self._leaving]}
            for provider in [provider for provider in self._replaced if provider not in used]:
                self._replaced.remove(provider)
                await provider.close()


def waits() -> Waits:
    """The waits between tries, as set."""
    values = settings.VALUES
    unknown_tries = 2 if values["BULK_LOOKUP_ASK_UNKNOWN_AGAIN"].value else 1
    return Waits(
        network=values["BULK_LOOKUP_WAITS_NETWORK"].value,
        transient=values["BULK_LOOKUP_WAIT_TRANSIENT"].value,
        unknown=values["BULK_LOOKUP_WAIT_UNKNOWN"].value,
        unknown_tries=unknown_tries,
    )
