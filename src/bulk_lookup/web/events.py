"""`/events`: the stream that tells an open page that what it shows has changed, so that it fetches itself anew.

Django answers whether the person may have it, as for any page, and is done: it holds no thread and no connection of the
database while the stream stays open. The stream itself is written here, outside of it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeAlias, cast

from django.http import HttpRequest, HttpResponse, HttpResponseBase

from bulk_lookup.engine.progress_feed import FEED, ProgressFeed, Subscription
from bulk_lookup.web.access import PageRequest, page

Scope: TypeAlias = dict[str, Any]
Message: TypeAlias = Mapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
Application: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]

PATH = "/events"
BEAT_EVERY = 15.0
"""Seconds of silence after which a comment is sent, so that nobody between takes the stream for dead."""
LASTS = 1_800.0
"""Seconds after which a stream ends; the page opens another, and it is looked again who may have it."""

_MARK = "bulk_lookup.watch"


@dataclass(frozen=True, slots=True)
class Watch:
    """What a page shows: everything of its organization, or one run."""

    organization_id: int
    run_id: int | None = None


@page(scope=False)
def _watch(request: PageRequest) -> HttpResponse:
    run = request.GET.get("run", "")
    run_id = int(run) if run.isascii() and run.isdigit() and len(run) < 19 else None
    if request.method == "GET" and (scope := getattr(request, "scope", None)) is not None:
        scope[_MARK] = Watch(request.organization.pk, run_id)
    answer = HttpResponse(content_type="text/event-stream")
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Accel-Buffering"] = "no"
    return answer


@wraps(_watch)
def events(request: HttpRequest) -> HttpResponseBase:
    """Changes of the organization as server-sent events; 401 where nobody is signed in, for a stream follows to no page."""
    if not request.user.is_authenticated:
        return HttpResponse(status=401)
    return _watch(request)


class EventStreams:
    """Goes on with a stream where Django has let somebody have it."""

    def __init__(self, application: Application, *, feed: ProgressFeed = FEED, beat_every: float = BEAT_EVERY) -> None:
        self._application = application
        self._feed = feed
        self._beat_every = beat_every

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != PATH:
            await self._application(scope, receive, send)
            return
        held: list[Message] = []

        async def hold(message: Message) -> None:
            if _MARK in scope:
                held.append(message)
            else:
                await send(message)

        await self._application(scope, receive, hold)
        if held and held[0]["status"] == 200:
            await self._stream(cast("Watch", scope[_MARK]), held[0], receive, send)
        else:
            for message in held:
                await send(message)

    async def _stream(self, watch: Watch, start: Message, receive: Receive, send: Send) -> None:
        headers = [(name, value) for name, value in start["headers"] if name.lower() != b"content-length"]
        with self._feed.subscribe(watch.organization_id, run_id=watch.run_id) as subscription:
            leaving = asyncio.create_task(_close_when_gone(receive, subscription))
            try:
                await send({**start, "headers": headers})
                await self._tell(subscription, send)
            finally:
                leaving.cancel()
                await asyncio.gather(leaving, return_exceptions=True)

    async def _tell(self, subscription: Subscription, send: Send) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(LASTS):
                while not subscription.closed:
                    change = await subscription.next(within=self._beat_every)
                    text = ":\n\n" if change is None else f"event: changed\ndata: {change}\n\n"
                    await send({"type": "http.response.body", "body": text.encode(), "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _close_when_gone(receive: Receive, subscription: Subscription) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    subscription.close()
