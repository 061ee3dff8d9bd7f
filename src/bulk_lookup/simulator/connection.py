"""One client's connection: requests in, answers out in the same order, whole or failing in the way a fault wants it."""

import asyncio
import logging
import socket
import struct
from collections import deque
from typing import cast

import httptools

from bulk_lookup.simulator.accounts import Accounts
from bulk_lookup.simulator.routes import answer
from bulk_lookup.simulator.wire import Ending, Reply, Request, refusal

_MOST_BODY = 4 << 20
_MOST_WAITING = 64
_SLOW_PIECES = 10
_ENDLESS_PIECE = b" " * 65_536
_ENDLESS_PAUSE_SECONDS = 0.02
# Linger on, for no time: closing sends RST instead of FIN.
_LINGER_NOT = struct.pack("ii", 1, 0)

_log = logging.getLogger(__name__)


class Connection(asyncio.Protocol):
    """Parses, asks the routes, and holds a request in flight until its answer has left or the client has hung up.

    Requests of one connection are taken up one after the other, so pipelined ones wait and do not count as in flight.
    """

    def __init__(self, accounts: Accounts, opened: set["Connection"]) -> None:
        self._accounts = accounts
        self._opened = opened
        self._loop = asyncio.get_running_loop()
        self._parser = httptools.HttpRequestParser(self)
        self._waiting: deque[tuple[Request, bool]] = deque()
        self._pending: Reply | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._keep_alive = True
        self._paused = False
        self.on_message_begin()

    # asyncio calls these.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are none of asyncio's classes.
        self._transport = cast(asyncio.Transport, transport)
        self._opened.add(self)

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            # The request itself was taken up; what would follow in another protocol is not read.
            return
        except httptools.HttpParserError:
            self._transport.write(refusal(20001, detail="this is not HTTP").head(length=0, keep_alive=False))
            self._transport.close()
            return
        if len(self._waiting) > _MOST_WAITING and not self._paused:
            self._paused = True
            self._transport.pause_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        self._opened.discard(self)
        self._waiting.clear()
        if self._timer is not None:
            self._timer.cancel()
        if self._pending is not None and self._pending.account is not None:
            self._pending.account.stats.abandoned += 1
            self._release(self._pending)

    # The parser calls these.

    def on_message_begin(self) -> None:
        self._target = b""
        self._authorization = b""
        self._host = b""
        self._body = b""

    def on_url(self, url: bytes) -> None:
        self._target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        # Two of a dozen headers matter: their lengths sort out most of the others.
        length = len(name)
        if length == 13 and name.lower() == b"authorization":
            self._authorization = value
        elif length == 4 and name.lower() == b"host":
            self._host = value

    def on_body(self, body: bytes) -> None:
        self._body += body
        if len(self._body) > _MOST_BODY:
            self.abort()

    def on_message_complete(self) -> None:
        parser = self._parser
        request = Request(
            method=parser.get_method(),
            target=self._target,
            authorization=self._authorization,
            host=self._host,
            body=self._body,
        )
        self._waiting.append((request, parser.should_keep_alive() and not parser.should_upgrade()))
        self._go_on()

    def abort(self) -> None:
        """Close without another byte."""
        self._transport.abort()

    def _go_on(self) -> None:
        while self._waiting and self._pending is None and not self._transport.is_closing():
            request, self._keep_alive = self._waiting.popleft()
            try:
                reply = answer(self._accounts, request)
            except Exception:
                # A fault of the simulator itself must be seen, not waited for.
                _log.exception("The simulator could not answer a request")
                reply = refusal(20500, detail="a fault of the simulator, see its log")
            self._pending = reply
            if reply.delay:
                self._timer = self._loop.call_later(reply.delay, self._deliver_late, reply)
            else:
                self._deliver(reply)
        if self._paused and not self._waiting:
            self._paused = False
            self._transport.resume_reading()

    def _deliver_late(self, reply: Reply) -> None:
        self._deliver(reply)
        self._go_on()

    def _deliver(self, reply: Reply) -> None:
        if reply.ending is Ending.WHOLE:
            head = reply.head(length=len(reply.body), keep_alive=self._keep_alive)
            self._finish(reply, head + reply.body)
        elif reply.ending is Ending.RESET:
            self._release(reply)
            self._transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
            self._transport.abort()
        elif reply.ending is Ending.SILENCE:
            self._timer = self._loop.call_later(self._hang_seconds(reply), self._transport.abort)
        elif reply.ending is Ending.TRUNCATED:
            head = reply.head(length=len(reply.body), keep_alive=self._keep_alive)
            self._keep_alive = False
            self._finish(reply, head + reply.body[: len(reply.body) // 2])
        elif reply.ending is Ending.SLOW:
            self._transport.write(reply.head(length=len(reply.body), keep_alive=self._keep_alive))
            self._drip(reply, 0)
        else:
            self._transport.write(reply.head(length=None, keep_alive=False))
            self._pour(reply, self._loop.time() + self._hang_seconds(reply))

    def _drip(self, reply: Reply, sent: int) -> None:
        size = len(reply.body) // _SLOW_PIECES + 1
        piece = reply.body[sent : sent + size]
        if sent + size >= len(reply.body):
            self._finish(reply, piece)
            self._go_on()
            return
        self._transport.write(piece)
        pause = 0.0 if reply.account is None else reply.account.settings.slow_body_seconds / _SLOW_PIECES
        self._timer = self._loop.call_later(pause, self._drip, reply, sent + size)

    def _pour(self, reply: Reply, until: float) -> None:
        if self._loop.time() >= until:
            self._transport.abort()
            return
        if self._transport.get_write_buffer_size() < len(_ENDLESS_PIECE) * 4:
            self._transport.write(b"%x\r\n%b\r\n" % (len(_ENDLESS_PIECE), _ENDLESS_PIECE))
        self._timer = self._loop.call_later(_ENDLESS_PAUSE_SECONDS, self._pour, reply, until)

    def _finish(self, reply: Reply, rest: bytes) -> None:
        # Counted out before the last byte: a client that has its answer never finds itself still in flight.
        if reply.account is not None:
            reply.account.stats.answered += 1
        self._release(reply)
        self._transport.write(rest)
        if not self._keep_alive:
            self._transport.close()

    def _release(self, reply: Reply) -> None:
        self._pending = None
        self._timer = None
        if reply.account is not None:
            reply.account.leave(reply.packages)

    def _hang_seconds(self, reply: Reply) -> float:
        return 0.0 if reply.account is None else reply.account.settings.hang_seconds
