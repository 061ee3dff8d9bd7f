"""Requests and answers as the routes see them, and how an answer is written."""

import itertools
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from http import HTTPStatus
from urllib.parse import parse_qsl, unquote

from bulk_lookup.simulator.accounts import Account
from bulk_lookup.simulator.errors import error_body, status_of

SIMULATION_HEADER = "X-Bulk-Lookup-Simulator"

JSON = b"application/json"
HTML = b"text/html"

_MOST_QUERIES = 4096
_STATUS_LINES = {status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\n".encode() for status in HTTPStatus}
_SERVED_BY = b"%b: 1\r\n" % SIMULATION_HEADER.encode()
_RUN_ID = os.urandom(10).hex().encode()
_numbers = itertools.count(1)


class Ending(Enum):
    """How the answer leaves: whole, or in one of the ways in which networks fail."""

    WHOLE = auto()
    RESET = auto()
    SILENCE = auto()
    SLOW = auto()
    ENDLESS = auto()
    TRUNCATED = auto()


@dataclass(slots=True)
class Request:
    """One request with the few headers that matter here."""

    method: bytes
    target: bytes
    authorization: bytes
    host: bytes
    body: bytes

    @property
    def path(self) -> str:
        """Give the path, percent-decoded; a bare `+` in it is a plus."""
        path = self.target.partition(b"?")[0].decode("latin-1")
        if "%" not in path:
            return path
        # Nearly always the plus of a number is all there is to decode.
        path = path.replace("%2B", "+")
        return unquote(path) if "%" in path else path

    @property
    def base_url(self) -> bytes:
        """Give the address that the client used."""
        return b"http://" + (self.host or b"localhost")

    @property
    def query(self) -> Mapping[str, str]:
        """Give the query's parameters; of a repeated one the values, joined by commas."""
        return query_of(self.target.partition(b"?")[2])


@dataclass(slots=True)
class Reply:
    """One answer; `account` is held in flight until it has left, `packages` are those of its limits.

    `concurrent` is what the account had in flight when the request was taken up, this one and foreign ones included.
    """

    status: int
    body: bytes
    content_type: bytes = JSON
    headers: bytes = b""
    delay: float = 0.0
    ending: Ending = Ending.WHOLE
    account: Account | None = None
    packages: tuple[str, ...] = ()
    concurrent: int = 0
    request_id: bytes = field(default_factory=lambda: b"RQ%b%012x" % (_RUN_ID, next(_numbers)))

    def head(self, *, length: int | None, keep_alive: bool) -> bytes:
        """Write status line and headers; without a length the body is chunked."""
        size = b"Transfer-Encoding: chunked" if length is None else b"Content-Length: %d" % length
        return b"%bContent-Type: %b\r\n%b\r\nTwilio-Request-Id: %b\r\nTwilio-Concurrent-Requests: %d\r\n%b%b%b\r\n" % (
            _STATUS_LINES[self.status],
            self.content_type,
            size,
            self.request_id,
            self.concurrent,
            _SERVED_BY,
            self.headers,
            b"" if keep_alive else b"Connection: close\r\n",
        )


def refusal(code: int, *, status: int | None = None, detail: str = "", retry_after: float = 0.0) -> Reply:
    """Answer with an error in Twilio's shape."""
    headers = b"Retry-After: %d\r\n" % max(1, round(retry_after)) if retry_after else b""
    body = error_body(code, status=status, detail=detail)
    return Reply(status=status or status_of(code), body=body, headers=headers)


_queries: dict[bytes, Mapping[str, str]] = {b"": {}}


def query_of(raw: bytes) -> Mapping[str, str]:
    """Read a query string; the same few come again and again, so they are remembered."""
    known = _queries.get(raw)
    if known is None:
        known = {}
        for name, value in parse_qsl(raw.decode("latin-1"), keep_blank_values=True):
            known[name] = f"{known[name]},{value}" if name in known else value
        if len(_queries) >= _MOST_QUERIES:
            _queries.clear()
        _queries[raw] = known
    return known
