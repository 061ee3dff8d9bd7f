"""Bodies that are too large are refused while they come in, before anything of them is kept."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest

Scope = dict[str, Any]
Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

UPLOAD_PATH: Final = "/imports/new"
_MARK: Final = "bulk_lookup.too_large"
_FORM: Final = b"application/x-www-form-urlencoded"
_ROOM_FOR_FIELDS: Final = 1_000_000  # the boundaries and the other fields of a form with a file


class BodyLimit:
    """An ASGI application around another one.

    Django keeps a whole body on the disk before it looks at who sent it, so the limit has to stand before it. What is too
    large is read to its end and thrown away, since a browser shows no answer while it still sends; a sender who goes on beyond
    twice the limit is cut off. The page of the upload is then asked for as by GET, with a mark that `is_too_large` finds; any
    other address answers 413.
    """

    def __init__(self, application: Application) -> None:
        self._application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, with its body counted."""
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD"):
            await self._application(scope, receive, send)
            return
        limit = _limit(scope)
        length = _header(scope, b"content-length")
        if length.isdigit() and int(length) > limit:
            await self._refuse(scope, receive, send, limit)
            return
        counted = _Counted(receive, limit)
        try:
            await self._application(scope, counted.receive, send)
        except _TooLarge:
            await self._refuse(scope, receive, send, limit)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send, limit: int) -> None:
        thrown_away = 0
        while thrown_away <= 2 * limit:
            message = await receive()
            thrown_away += len(message.get("body", b""))
            if message["type"] != "http.request" or not message.get("more_body", False):
                break
        if scope["path"] == UPLOAD_PATH:
            headers = [one for one in scope["headers"] if one[0] not in (b"content-length", b"content-type")]
            marked = {**scope, "method": "GET", "headers": headers, _MARK: True}
            if _header(scope, b"content-type").startswith(_FORM):
                marked["query_string"] = b"numbers"
            await self._application(marked, _Emptied(receive).receive, send)
            return
        text = b"This is more than can be given here at once.\n"
        headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(text)).encode())]
        await send({"type": "http.response.start", "status": 413, "headers": [*headers, (b"connection", b"close")]})
        await send({"type": "http.response.body", "body": text})


def is_too_large(request: HttpRequest) -> bool:
    """Whether the body of this request was refused on its way."""
    return bool(getattr(request, "scope", {}).get(_MARK))


class _TooLarge(BaseException):
    """Raised through the application, which must not take it for one of its own errors."""


class _Counted:
    def __init__(self, receive: Receive, limit: int) -> None:
        self._receive = receive
        self._left = limit

    async def receive(self) -> Message:
        message = await self._receive()
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            raise _TooLarge
        return message


class _Emptied:
    """A request without a body, until its sender goes away."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._said = False

    async def receive(self) -> Message:
        if not self._said:
            self._said = True
            return {"type": "http.request", "body": b"", "more_body": False}
        while (message := await self._receive())["type"] != "http.disconnect":
            pass  # the rest of what was too large
        return message


def _limit(scope: Scope) -> int:
    if scope["path"] == UPLOAD_PATH and not _header(scope, b"content-type").startswith(_FORM):
        return int(settings.UPLOAD_LIMIT) + _ROOM_FOR_FIELDS
    return int(settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0)


def _header(scope: Scope, name: bytes) -> bytes:
    return next((value for key, value in scope["headers"] if key == name), b"")
