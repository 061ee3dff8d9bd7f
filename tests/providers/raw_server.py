"""A TCP server on this machine that does to a request exactly what a test wants, and counts what reached it."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import pytest

from bulk_lookup.core.billing import Billing
from bulk_lookup.core.failure import Failure, FailureReason
from bulk_lookup.providers.base import ProviderError, TimeOuts
from bulk_lookup.providers.twilio.client import TwilioProvider
from bulk_lookup.providers.twilio.credentials import TwilioCredentials

ACCOUNT_SID = "AC" + "0" * 31 + "1"
TOKEN = "a-secret-token"
NUMBER = "+14155550123"
PACKAGES = ("line_type_intelligence",)
QUICK = TimeOuts(connect=0.2, answer=0.4, slow_answer=0.8)

GOOD_BODY = (
    b'{"country_code":"US","phone_number":"+14155550123","valid":true,"validation_errors":null,'
    b'"line_type_intelligence":{"type":"mobile","carrier_name":"Example","mobile_country_code":"001",'
    b'"mobile_network_code":"07","error_code":null}}'
)


@dataclass
class Conversation:
    """One connection: read a request's head, write what should come back."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    server: "RawServer"

    async def request(self) -> bytes:
        head = await self.reader.readuntil(b"\r\n\r\n")
        self.server.requests.append(head)
        return head

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def answer(self, body: bytes = GOOD_BODY, *, status: str = "200 OK", headers: bytes = b"") -> None:
        head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n".encode()
        await self.send(head + headers + b"\r\n" + body)

    def reset(self) -> None:
        """Close with RST, as a crashed peer or a firewall does."""
        raw = self.writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


Talk = Callable[[Conversation], Awaitable[None]]


@dataclass
class RawServer:
    """Where it listens, and the heads of all requests that arrived."""

    port: int = 0
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@asynccontextmanager
async def raw_server(talk: Talk) -> AsyncIterator[RawServer]:
    """Serve every connection with `talk`; a connection ends when it returns."""
    server = RawServer()
    tasks: set[asyncio.Task[None]] = set()

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        server.connections += 1
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                await talk(Conversation(reader, writer, server))
        finally:
            tasks.discard(task)
            writer.close()

    listening = await asyncio.start_server(converse, "127.0.0.1", 0)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def provider_at(url: str, *, time_outs: TimeOuts | None = None, **environment: str) -> TwilioProvider:
    """Our client, signed in at that address."""
    variables = {
        "TWILIO_ACCOUNT_SID": ACCOUNT_SID,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "BULK_LOOKUP_TWILIO_URL": url,
        **environment,
    }
    return TwilioProvider(TwilioCredentials.from_environment(variables), time_outs=time_outs)


async def failure_of(provider: TwilioProvider) -> Failure:
    """How one request fails; neither the number nor the token may stand in what is said about it."""
    async with provider:
        with pytest.raises(ProviderError) as raised:
            await provider.ask(NUMBER, PACKAGES)
    failure = raised.value.failure
    assert NUMBER[1:] not in f"{raised.value} {raised.value.__cause__} {failure}"
    assert TOKEN not in f"{raised.value} {failure}"
    return failure


def was_not_sent(failure: Failure) -> bool:
    """Whether it waits without limit and costs nothing."""
    return (failure.reason, failure.billing, failure.fully_sent) == (
        FailureReason.NETWORK,
        Billing.NOT_PROCESSED,
        False,
    )


def answering(body: bytes = GOOD_BODY, *, status: str = "200 OK", headers: bytes = b"") -> Talk:
    """Answer every request the same way."""

    async def talk(conversation: Conversation) -> None:
        while True:
            await conversation.request()
            await conversation.answer(body, status=status, headers=headers)

    return talk
