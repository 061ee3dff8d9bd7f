"""A load generator on the simulator: wrk where it is installed, else a raw one in Python, which is slower."""

import asyncio
import base64
import re
import shutil
import subprocess
import tempfile
import time
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import uvloop

from bench.orders import PACKAGE, numbers
from bulk_lookup.simulator.accounts import SIMULATED_ACCOUNT_SID, SIMULATED_AUTH_TOKEN

IN_FLIGHT = 100

_AUTHORIZATION = "Basic " + base64.b64encode(f"{SIMULATED_ACCOUNT_SID}:{SIMULATED_AUTH_TOKEN}".encode()).decode()

# The same work as a real run's: another number each time.
_SCRIPT = """
local line = 0
request = function()
    line = line + 1
    return wrk.format("GET", string.format("/v2/PhoneNumbers/%%2B1415%07d?Fields=line_type_intelligence", 2000000 + line))
end
"""


def load(url: str, *, seconds: float) -> tuple[str, float]:
    """Ask a simulator as fast as can be, IN_FLIGHT at a time; returns the generator's name and its requests per second."""
    if shutil.which("wrk"):
        return "wrk", _wrk(url, seconds)
    return "a raw load generator in Python (wrk is not installed)", uvloop.run(_raw(url, seconds))


def _wrk(url: str, seconds: float) -> float:
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder, "numbers.lua")
        script.write_text(_SCRIPT)
        command = ["wrk", "-t1", f"-c{IN_FLIGHT}", f"-d{max(1, round(seconds))}s", "-s", str(script)]
        done = subprocess.run(
            [*command, "-H", f"Authorization: {_AUTHORIZATION}", url], capture_output=True, text=True, check=True
        )
    found = re.search(r"Requests/sec:\s*([\d.]+)", done.stdout)
    if found is None or "Non-2xx" in done.stdout:
        raise RuntimeError(f"wrk says: {done.stdout}")
    return float(found[1])


async def _raw(url: str, seconds: float) -> float:
    address = urlsplit(url)
    loop = asyncio.get_running_loop()
    rest = f"?Fields={PACKAGE} HTTP/1.1\r\nHost: {address.netloc}\r\nAuthorization: {_AUTHORIZATION}\r\n\r\n"
    requests = [f"GET /v2/PhoneNumbers/%2B{number[1:]}{rest}".encode() for number in numbers(20_000)]
    began = time.monotonic()
    connections = [_Connection(requests, place, began + seconds) for place in range(IN_FLIGHT)]
    for one in connections:
        await loop.create_connection(partial(_itself, one), address.hostname or "", address.port or 80)
    await asyncio.gather(*(one.over for one in connections))
    return sum(one.answered for one in connections) / (time.monotonic() - began)


def _itself(connection: "_Connection") -> "_Connection":
    return connection


class _Connection(asyncio.Protocol):
    """One request after the other; an answer of the simulator's fits into what is read at once, or ends with what does."""

    def __init__(self, requests: list[bytes], place: int, until: float) -> None:
        self._requests = requests
        self._next = place
        self._until = until
        self._missing = 0
        self.answered = 0
        self.over: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._ask()

    def data_received(self, data: bytes) -> None:
        if not self._missing:
            head, _, body = data.partition(b"\r\n\r\n")
            length = re.search(rb"(?i)content-length: (\d+)", head)
            self._missing = int(length[1]) if length else 0
            data = body
        self._missing -= len(data)
        if self._missing <= 0:
            self._missing = 0
            self.answered += 1
            self._ask()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.over.done():
            self.over.set_result(None)

    def _ask(self) -> None:
        if time.monotonic() > self._until:
            self._transport.close()
            return
        self._transport.write(self._requests[self._next % len(self._requests)])
        self._next += IN_FLIGHT
