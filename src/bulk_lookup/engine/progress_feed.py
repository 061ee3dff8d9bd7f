"""What has changed, for whoever looks on: one database listener for a whole process, and a place for one change for each page.

A page is told that something has changed and fetches itself anew; it is told no details. So a change that is newer takes the
place of the one that waits, and one that was missed costs nothing once the page has looked again.
"""

import asyncio
import random
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import structlog
from psycopg import AsyncConnection

from bulk_lookup import database
from bulk_lookup.engine.database import AWAY, connection_parameters

log = structlog.get_logger()

AT_MOST_EVERY = 0.5
"""Seconds between two changes that one page is told of."""
SECONDS_A_PAGE = 0.05
"""So much longer for each page that is open, and the first one of many is spread over as long: what all of them fetch anew
is then at most twenty pages a second, however many look on."""
RECONNECT_WAITS = (0.2, 0.5, 1.0, 2.0)
"""Seconds between tries to reach the database, the last one again and again."""
LOOK_EVERY = 5.0
"""Seconds of silence after which the listener makes sure that its connection still lives, and is still wanted."""


class Kind(StrEnum):
    """What may change; the notification's channel is `<kind>_changed`, its payload `organization:id`."""

    RUN = "run"
    IMPORT = "import"


@dataclass(frozen=True, slots=True)
class Change:
    """A thing of one organization has changed; all None where anything may have: nobody was listening."""

    organization_id: int | None = None
    kind: Kind | None = None
    id: int | None = None

    def __str__(self) -> str:
        return f"{self.kind.value} {self.id}" if self.kind else "anything"


class Subscription:
    """One page: the newest change of what it shows waits here until the page may be told."""

    def __init__(self, feed: "ProgressFeed", organization_id: int, run_id: int | None) -> None:
        self._feed = feed
        self._organization_id = organization_id
        self._run_id = run_id
        self._waiting: Change | None = None
        self._not_before = 0.0
        self._wake = asyncio.Event()
        self.closed = False

    def concerns(self, change: Change) -> bool:
        """Whether the page shows this thing."""
        if change.organization_id is None:
            return True
        mine = change.organization_id == self._organization_id
        return mine and (self._run_id is None or (change.kind, change.id) == (Kind.RUN, self._run_id))

    def put(self, change: Change) -> None:
        """Let a change wait, in the place of an older one."""
        if self._waiting is None:
            now = asyncio.get_running_loop().time()
            self._not_before = max(self._not_before, now + random.random() * self._feed.spread)
        self._waiting = change
        self._wake.set()

    def close(self) -> None:
        """Tell the page no more."""
        self.closed = True
        self._wake.set()

    async def next(self, *, within: float) -> Change | None:
        """The next change as soon as the page may be told; None after so many seconds without one, or when closed."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within):
                while not self.closed:
                    if self._waiting is None:
                        await self._sleep(None)
                        continue
                    now = asyncio.get_running_loop().time()
                    if now >= self._not_before:
                        change, self._waiting = self._waiting, None
                        self._not_before = now + max(AT_MOST_EVERY, self._feed.spread)
                        return change
                    await self._sleep(self._not_before - now)
        return None

    async def _sleep(self, seconds: float | None) -> None:
        self._wake.clear()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), seconds)


class ProgressFeed:
    """Listens while somebody looks on; every process has one, `FEED`."""

    def __init__(self) -> None:
        self._subscriptions: set[Subscription] = set()
        self._listener: asyncio.Task[None] | None = None

    @property
    def spread(self) -> float:
        """Seconds over which the open pages fetch themselves anew after a change that concerns all."""
        return len(self._subscriptions) * SECONDS_A_PAGE

    @contextmanager
    def subscribe(self, organization_id: int, *, run_id: int | None = None) -> Iterator[Subscription]:
        """The changes of one organization, or of one of its runs; the first comes at once.

        For what has happened between the making of the page and now nobody has listened.
        """
        subscription = Subscription(self, organization_id, run_id)
        self._subscriptions.add(subscription)
        subscription.put(Change())
        if self._listener is None:
            self._listener = asyncio.create_task(self._listen_for_ever(), name="progress feed")
        try:
            yield subscription
        finally:
            self._subscriptions.discard(subscription)

    async def close(self) -> None:
        """End all subscriptions and stop listening."""
        for subscription in self._subscriptions:
            subscription.close()
        listener, self._listener = self._listener, None
        if listener is not None:
            listener.cancel()
            await asyncio.gather(listener, return_exceptions=True)

    def announce(self, change: Change) -> None:
        """Pass a change on to the pages that show its thing."""
        for subscription in self._subscriptions:
            if subscription.concerns(change):
                subscription.put(change)

    async def _listen_for_ever(self) -> None:
        tries = 0
        while True:
            try:
                async with await AsyncConnection.connect(
                    **connection_parameters() | {"autocommit": True, "connect_timeout": 5}
                ) as connection:
                    for kind in Kind:
                        await connection.execute(f"listen {kind.value}_changed")
                    # What was said while nobody listened is made up for by looking at everything.
                    self.announce(Change())
                    tries = 0
                    await self._listen(connection)
            except AWAY as error:
                log.warning("The listener is cut off", action="listener_away", error=str(error)[:200])
            except Exception:
                log.exception("The listener ended", action="listener_ended")
            if not self._subscriptions:
                self._listener = None
                return
            await asyncio.sleep(RECONNECT_WAITS[min(tries, len(RECONNECT_WAITS) - 1)])
            tries += 1
            with suppress(Exception):
                await asyncio.to_thread(database.heal)

    async def _listen(self, connection: AsyncConnection[Any]) -> None:
        while self._subscriptions:
            async for notice in connection.notifies(timeout=LOOK_EVERY):
                change = _change(notice.channel, notice.payload)
                if change is not None:
                    self.announce(change)
            await connection.execute("select 1")


def _change(channel: str, payload: str) -> Change | None:
    organization, _, thing = payload.partition(":")
    kind = channel.removesuffix("_changed")
    if kind not in set(Kind) or not (organization.isdigit() and thing.isdigit()):
        return None
    return Change(int(organization), Kind(kind), int(thing))


FEED = ProgressFeed()
"""The process's own."""
