"""The stream of changes: who gets it, what it tells, how soon, and that it ends."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from time import perf_counter
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.db import connections
from django.test import Client
from web_types import ClientOf

from bulk_lookup.engine.progress_feed import ProgressFeed
from bulk_lookup.models import Organization
from bulk_lookup.web.events import EventStreams

SOON = 5.0  # seconds within which what is awaited has come, or never comes


class Stream:
    """One open page's stream, read from its ASGI messages."""

    def __init__(self) -> None:
        self.messages: asyncio.Queue[Any] = asyncio.Queue()
        self.gone = asyncio.Event()
        self._asked = False

    async def receive(self) -> dict[str, Any]:
        if not self._asked:
            self._asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        await self.messages.put(message)

    async def next(self) -> dict[str, Any]:
        async with asyncio.timeout(SOON):
            return dict(await self.messages.get())

    async def text(self) -> str:
        return str((await self.next()).get("body", b"").decode())

    async def told_of(self, words: str) -> None:
        """Read on until these words come."""
        while words not in await self.text():
            pass

    async def is_quiet(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                await self.messages.get()
        except TimeoutError:
            return True
        return False


@asynccontextmanager
async def opened(
    feed: ProgressFeed, client: Client, query: str = "", *, beat_every: float = 15.0
) -> AsyncIterator[Stream]:
    stream = Stream()
    cookie = "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": "/events",
        "raw_path": b"/events",
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(b"host", b"localhost"), (b"cookie", cookie.encode())],
        "client": ("127.0.0.1", 1),
        "server": ("localhost", 80),
    }
    streams = EventStreams(get_asgi_application(), feed=feed, beat_every=beat_every)
    task = asyncio.create_task(streams(scope, stream.receive, stream.send))
    try:
        yield stream
    finally:
        stream.gone.set()
        async with asyncio.timeout(SOON):
            await task


@pytest.fixture
def client(client_of: ClientOf) -> Client:
    return client_of("viewer")


@pytest.fixture
def outsider(client_of: ClientOf, other_organization: Organization) -> Client:
    return client_of("owner", at=other_organization)


@pytest.fixture
async def feed() -> AsyncIterator[ProgressFeed]:
    made = ProgressFeed()
    yield made
    await made.close()


def notify(organization: Organization, run_id: int, channel: str = "run_changed") -> None:
    """What a worker in another process does."""
    with psycopg.connect(autocommit=True, **_address()) as other:
        other.execute("select pg_notify(%s, %s)", [channel, f"{organization.pk}:{run_id}"])


def _address() -> dict[str, Any]:
    from bulk_lookup.engine.database import connection_parameters

    return connection_parameters()


@pytest.mark.django_db(transaction=True)
class TestStream:
    async def test_it_says_at_once_that_the_page_should_look(
        self, client: Client, organization: Organization, feed: ProgressFeed
    ) -> None:
        async with opened(feed, client) as stream:
            start = await stream.next()
            headers = dict(start["headers"])

            assert start["status"] == 200
            assert headers[b"Content-Type"] == b"text/event-stream"
            assert headers[b"X-Accel-Buffering"] == b"no"
            assert headers[b"Cache-Control"] == b"no-store"
            assert b"Content-Length" not in headers
            assert await stream.text() == "event: changed\ndata: anything\n\n"

    async def test_a_commit_of_another_process_shows_within_a_second(
        self, client: Client, organization: Organization, feed: ProgressFeed
    ) -> None:
        async with opened(feed, client) as first, opened(feed, client, "run=7") as second:
            await _settled(first, second)
            begun = perf_counter()
            await asyncio.to_thread(notify, organization, 7)
            await first.told_of("event: changed\ndata: run 7\n")
            await second.told_of("event: changed\ndata: run 7\n")

            assert perf_counter() - begun < 1.0

    async def test_a_page_of_one_run_hears_of_that_run_alone(
        self, client: Client, organization: Organization, feed: ProgressFeed
    ) -> None:
        async with opened(feed, client, "run=7") as of_run, opened(feed, client) as of_all:
            await _settled(of_run, of_all)
            await asyncio.to_thread(notify, organization, 8)
            await of_all.told_of("run 8")
            await asyncio.to_thread(notify, organization, 9, "import_changed")
            await of_all.told_of("import 9")

            assert await of_run.is_quiet(0.3)

    async def test_another_organization_hears_nothing(
        self, client: Client, outsider: Client, organization: Organization, feed: ProgressFeed
    ) -> None:
        async with opened(feed, client) as inside, opened(feed, outsider, "run=7") as outside:
            await _settled(inside, outside)
            await asyncio.to_thread(notify, organization, 7)
            await inside.told_of("run 7")

            assert await outside.is_quiet(0.3)

    async def test_a_storm_of_changes_is_told_twice_a_second_and_ends_with_the_newest(
        self, client: Client, organization: Organization, feed: ProgressFeed
    ) -> None:
        async with opened(feed, client) as stream:
            await _settled(stream)
            begun, told = perf_counter(), 0
            for number in range(1, 101):
                await asyncio.to_thread(notify, organization, number)
            last = ""
            while "run 100" not in last:
                last = await stream.text()
                told += 1

            assert told <= 2 + 2 * (perf_counter() - begun)

    async def test_a_quiet_stream_beats(self, client: Client, organization: Organization, feed: ProgressFeed) -> None:
        async with opened(feed, client, beat_every=0.05) as stream:
            await stream.told_of(":\n\n")

    async def test_it_ends_with_the_server(
        self, client: Client, organization: Organization, feed: ProgressFeed
    ) -> None:
        async with opened(feed, client) as stream:
            await _settled(stream)
            await feed.close()
            while (message := await stream.next()).get("more_body"):
                pass

            assert message == {"type": "http.response.body", "body": b"", "more_body": False}

    async def test_a_listener_that_is_cut_off_comes_back_and_says_so(
        self, client: Client, organization: Organization, feed: ProgressFeed
    ) -> None:
        async with opened(feed, client) as stream:
            await _settled(stream)
            assert await asyncio.to_thread(_cut_off_listeners) == 1
            await stream.told_of("anything")
            await asyncio.to_thread(notify, organization, 7)
            await stream.told_of("run 7")

    async def test_nothing_of_the_database_is_held_by_a_stream(
        self, client: Client, organization: Organization, feed: ProgressFeed
    ) -> None:
        before = _connections()
        async with opened(feed, client) as one, opened(feed, client) as two, opened(feed, client) as three:
            await _settled(one, two, three)
            assert _connections() == before

    async def test_a_stranger_gets_no_stream(self, feed: ProgressFeed) -> None:
        async with opened(feed, Client()) as stream:
            assert (await stream.next())["status"] == 401

    async def test_nonsense_is_no_run(self, client: Client, organization: Organization, feed: ProgressFeed) -> None:
        for query in ("run=x", "run=-1", f"run={'9' * 30}", "run=%00"):
            async with opened(feed, client, query) as stream:
                assert (await stream.next())["status"] == 200


@pytest.mark.django_db
class TestDoors:
    def test_strangers_are_told_so_and_not_led_away(self) -> None:
        assert Client().get("/events").status_code == 401

    def test_it_is_only_read(self, client_of: ClientOf) -> None:
        assert client_of("owner").post("/events").status_code == 405

    def test_many_pages_are_spread(self) -> None:
        async def spread_of(pages: int) -> float:
            feed = ProgressFeed()
            with ExitStack() as open_pages:
                for number in range(pages):
                    open_pages.enter_context(feed.subscribe(1, run_id=number))
                found = feed.spread
            await feed.close()
            return found

        assert asyncio.run(spread_of(2)) <= 0.1
        assert asyncio.run(spread_of(200)) >= 5


async def _settled(*streams: Stream) -> None:
    """Read what every stream begins with, until the listener listens."""
    for stream in streams:
        await stream.told_of("anything")
        while not await stream.is_quiet(0.7):
            pass


def _cut_off_listeners() -> int:
    with psycopg.connect(autocommit=True, **_address()) as other:
        cursor = other.execute(
            "select count(pg_terminate_backend(pid)) from pg_stat_activity where query like 'listen %%' and datname = %s",
            [settings.DATABASES["default"]["NAME"]],
        )
        row = cursor.fetchone()
        return int(row[0]) if row else 0


def _connections() -> int:
    """Connections that are taken out of the pool."""
    pool: Any = connections["default"]
    stats = pool.pool.get_stats()
    return int(stats["pool_size"] - stats["pool_available"])
