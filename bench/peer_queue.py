"""A peer: one queue job per number, which reads a row, asks with the official SDK, and writes the row.

This is how such systems are built (the replaced application was); the queue is Procrastinate, as ours, with the SDK's usual
client in each of its threads. `python -m bench.peer_queue URL JOBS DATABASE` prints {"lookups", "seconds"}.
"""

import asyncio
import json
import sys
import threading
import time

import psycopg
from procrastinate import App, PsycopgConnector
from psycopg_pool import ConnectionPool
from twilio.rest import Client  # type: ignore[import-untyped]

from bench.orders import PACKAGE, numbers
from bulk_lookup.simulator.accounts import SIMULATED_ACCOUNT_SID, SIMULATED_AUTH_TOKEN

THREADS = 10


class Peer:
    """The application: a table of contacts, a queue, and the task that looks one of them up."""

    def __init__(self, url: str, database: str) -> None:
        self._url = url
        self._database = database
        self._here = threading.local()
        self._pool = ConnectionPool(database, min_size=THREADS, max_size=THREADS, open=False)
        self.app = App(connector=PsycopgConnector(conninfo=database, min_size=1, max_size=THREADS))
        self._task = self.app.task(name="look_up")(self.look_up)

    def prepare(self, count: int) -> None:
        """Make the tables, and so many contacts in them."""
        with psycopg.connect(self._database, autocommit=True) as connection:
            connection.execute("drop schema public cascade; create schema public")
            connection.execute(
                """
                create table contact (id bigint generated always as identity primary key, phone_number text not null,
                    status text not null default 'pending', line_type text, carrier_name text, looked_up_at timestamptz)
                """
            )
            with connection.cursor() as cursor:
                cursor.executemany("insert into contact (phone_number) values (%s)", [(one,) for one in numbers(count)])

    async def work(self) -> float:
        """Enqueue a job for each contact, then do all of them; returns the seconds of the doing."""
        with psycopg.connect(self._database) as connection:
            contacts = [row[0] for row in connection.execute("select id from contact order by id")]
        async with self.app.open_async():
            await self.app.schema_manager.apply_schema_async()
            await self._task.batch_defer_async(*({"contact_id": one} for one in contacts))
            self._pool.open(wait=True)
            began = time.monotonic()
            await self.app.run_worker_async(concurrency=THREADS, wait=False, install_signal_handlers=False)
            seconds = time.monotonic() - began
            self._pool.close()
        return seconds

    def look_up(self, contact_id: int) -> None:
        """The job."""
        with self._pool.connection() as connection:
            row = connection.execute("select phone_number from contact where id = %s", [contact_id]).fetchone()
        assert row is not None
        answer = self._client().lookups.v2.phone_numbers(row[0]).fetch(fields=PACKAGE)
        told = answer.line_type_intelligence or {}
        with self._pool.connection() as connection:
            connection.execute(
                "update contact set status = 'completed', line_type = %s, carrier_name = %s, looked_up_at = now() where id = %s",
                [told.get("type"), told.get("carrier_name"), contact_id],
            )

    def done(self) -> int:
        """How many contacts have been looked up."""
        with psycopg.connect(self._database) as connection:
            row = connection.execute("select count(*) from contact where status = 'completed'").fetchone()
        assert row is not None
        return int(row[0])

    def _client(self) -> Client:
        client: Client | None = getattr(self._here, "client", None)
        if client is None:
            client = self._here.client = Client(SIMULATED_ACCOUNT_SID, SIMULATED_AUTH_TOKEN)
            client.lookups.base_url = self._url
        return client


def main(url: str, count: int, database: str) -> None:
    """Look so many numbers up, a job each, and print how long it took."""
    peer = Peer(url, database)
    peer.prepare(count)
    seconds = asyncio.run(peer.work())
    assert peer.done() == count
    print(json.dumps({"lookups": count, "seconds": seconds}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
