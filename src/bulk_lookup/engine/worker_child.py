"""A child process of a worker: the jobs of one queue, signs of life, and for lookups the desks and the upkeep.

It ends when its parent does (its standard input closes), on SIGTERM or SIGINT, and then drains: it takes no new job, gives
back what was not sent, waits for what is in flight, and stores every answer. An import stops behind its present batch.
"""

import asyncio
import gc
import os
import signal
import sys
from contextlib import AsyncExitStack, suppress
from uuid import UUID, uuid4

import structlog
import uvloop
from django.conf import settings
from procrastinate import PsycopgConnector
from procrastinate.contrib.django import app
from procrastinate.worker import Worker

from bulk_lookup import database
from bulk_lookup.engine import sign_of_life
from bulk_lookup.engine.database import AWAY, Pool, connection_parameters, open_pool
from bulk_lookup.engine.import_spool import forget_leftovers
from bulk_lookup.engine.import_stop import stop_imports
from bulk_lookup.engine.lookups_process import LookupsProcess, waits
from bulk_lookup.engine.note_failure import note_failures
from bulk_lookup.engine.sign_of_life import show_life
from bulk_lookup.engine.upkeep import Upkeep
from bulk_lookup.queue import Queue

log = structlog.get_logger()

RESTART_WAITS = (1.0, 2.0, 3.0)  # seconds between starts of the queue's worker, the last one again and again

_CONCURRENCY = {
    Queue.LOOKUPS: "BULK_LOOKUP_LOOKUPS_CONCURRENCY",
    Queue.FILES: "BULK_LOOKUP_FILES_CONCURRENCY",
    Queue.QUICK: "BULK_LOOKUP_QUICK_CONCURRENCY",
}


def serve(queue: Queue) -> None:
    """Work until told to stop; returns when everything is stored."""
    _collect_garbage_seldom()
    uvloop.run(_Child(queue).serve())


class _Child:
    def __init__(self, queue: Queue) -> None:
        self._queue = queue
        self._id: UUID = uuid4()
        self._stopping = asyncio.Event()
        self._worker: Worker | None = None
        self._lookups: LookupsProcess | None = None

    async def serve(self) -> None:
        self._listen_for_the_end()
        connector = PsycopgConnector(
            kwargs=connection_parameters() | {"connect_timeout": 5},
            min_size=1,
            max_size=3,
            timeout=10,
            reconnect_timeout=0,
        )
        async with AsyncExitStack() as stack:
            stack.enter_context(app.replace_connector(connector))
            pool = await self._open_pools(stack)
            life = [asyncio.create_task(self._show_life(pool))]
            if self._lookups is not None:
                life.append(asyncio.create_task(Upkeep(pool, unknown_tries=waits().unknown_tries).run()))
            if self._queue is Queue.FILES:
                await asyncio.to_thread(forget_leftovers)
            await self._work_until_told(pool)
            for task in life:
                task.cancel()
            await asyncio.gather(*life, return_exceptions=True)
            if self._lookups is not None:
                await self._lookups.drain(0.0)
            with suppress(*AWAY):
                async with pool.connection(timeout=2) as connection:
                    await connection.execute("delete from worker where id = %s", [self._id])

    async def _open_pools(self, stack: AsyncExitStack) -> Pool:
        if self._queue is Queue.LOOKUPS:
            self._lookups = await stack.enter_async_context(LookupsProcess(self._id))
            return self._lookups.pool
        return await stack.enter_async_context(open_pool(size=1))

    async def _work_until_told(self, pool: Pool) -> None:
        """Keep the queue's worker going; it ends by itself when the database stays away or its listener dies."""
        tries = 0
        while not self._stopping.is_set():
            began = asyncio.get_running_loop().time()
            try:
                async with app.open_async():
                    await self._work(pool)
            except AWAY as error:
                log.warning(
                    "The queue cannot be reached", action="queue_away", queue=self._queue.value, error=str(error)[:200]
                )
            except Exception:
                log.exception("The queue's worker ended", action="queue_worker_ended", queue=self._queue.value)
            if self._stopping.is_set():
                return
            await asyncio.to_thread(database.heal)
            tries = tries + 1 if asyncio.get_running_loop().time() - began < 60 else 1
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), RESTART_WAITS[min(tries, len(RESTART_WAITS)) - 1])

    async def _work(self, pool: Pool) -> None:
        drain = settings.VALUES["BULK_LOOKUP_DRAIN"].value
        self._worker = Worker(
            app,
            queues=[self._queue.value],
            name=f"{self._queue.value}-{self._id.hex[:8]}",
            concurrency=settings.VALUES[_CONCURRENCY[self._queue]].value,
            fetch_job_polling_interval=1.0,
            abort_job_polling_interval=5.0,
            shutdown_graceful_timeout=drain,
            # A chunk's job says nothing that the receipts do not say better; the rest is removed after a day.
            delete_jobs="successful" if self._queue is Queue.LOOKUPS else "never",
            install_signal_handlers=False,
            update_heartbeat_interval=sign_of_life.EVERY,
            stalled_worker_timeout=60.0,
            worker_middleware=[note_failures(pool)],
        )
        app.perform_import_paths()  # type: ignore[no-untyped-call]
        try:
            await self._worker.run()  # type: ignore[no-untyped-call]
        finally:
            self._worker = None

    async def _show_life(self, pool: Pool) -> None:
        while True:
            with suppress(*AWAY):
                async with pool.connection() as connection:
                    await show_life(connection, self._id, kind=self._queue.value)
            await asyncio.sleep(sign_of_life.EVERY)

    def _listen_for_the_end(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop)
        loop.add_signal_handler(signal.SIGUSR1, _show_tasks)
        if not sys.stdin.closed and not sys.stdin.isatty():
            loop.add_reader(sys.stdin.fileno(), self._parent_spoke)

    def _parent_spoke(self) -> None:
        if not os.read(sys.stdin.fileno(), 1024):  # the parent is gone
            asyncio.get_running_loop().remove_reader(sys.stdin.fileno())
            self._stop()

    def _stop(self) -> None:
        if self._stopping.is_set():
            return
        self._stopping.set()
        stop_imports()
        if self._worker is not None:
            self._worker.stop()  # type: ignore[no-untyped-call]
        if self._lookups is not None:
            self._draining = asyncio.create_task(
                self._lookups.drain(settings.VALUES["BULK_LOOKUP_DRAIN"].value), name="drain"
            )


def _collect_garbage_seldom() -> None:
    """What has been loaded stays: let the collector, a tenth of this process's time otherwise, not look through it again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def _show_tasks() -> None:
    """Write where every task stands to standard error: for finding out why a worker stands still."""
    for task in asyncio.all_tasks():
        task.print_stack(file=sys.stderr)
