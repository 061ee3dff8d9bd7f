"""The simulator as a server: quick enough never to be what a benchmark measures, never left behind by its parent."""

import asyncio
import contextlib
import os
import signal
import stat
import sys
from collections.abc import Callable

import uvloop

from bulk_lookup.simulator.accounts import Accounts
from bulk_lookup.simulator.connection import Connection
from bulk_lookup.simulator.settings import SimulatorSettings

_BACKLOG = 4096


async def serve(
    settings: SimulatorSettings,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    ready: Callable[[int], None] = lambda port: None,
) -> None:
    """Serve until cancelled; `ready` is told the port, which is `port`, else the settings', else a free one."""
    accounts = Accounts(settings)
    opened: set[Connection] = set()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: Connection(accounts, opened), host, port or settings.port, backlog=_BACKLOG
    )
    try:
        ready(server.sockets[0].getsockname()[1])
        await asyncio.Event().wait()
    finally:
        server.close()
        for connection in list(opened):
            connection.abort()


def run(
    settings: SimulatorSettings,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    ready: Callable[[int], None] | None = None,
    parent_pipe: int | None = None,
) -> None:
    """Serve on uvloop until SIGINT or SIGTERM, or until the other end of the pipe `parent_pipe` (a descriptor) closes.

    Without `ready` one line with the address is printed. By the pipe a child ends with its parent, even after kill -9.
    Raises ValueError if that descriptor is none of a pipe or socket, OSError if the address cannot be had.
    """
    if parent_pipe is not None and not _can_close(parent_pipe):
        raise ValueError(f"descriptor {parent_pipe} is no pipe that a parent holds the other end of")
    uvloop.run(_until_stopped(settings, host=host, port=port, ready=ready or _announce(host), parent_pipe=parent_pipe))


async def _until_stopped(
    settings: SimulatorSettings, *, host: str, port: int, ready: Callable[[int], None], parent_pipe: int | None
) -> None:
    loop = asyncio.get_running_loop()
    serving = asyncio.ensure_future(serve(settings, host=host, port=port, ready=ready))
    for signal_number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(signal_number, serving.cancel)
    if parent_pipe is not None:
        loop.add_reader(parent_pipe, _read_pipe, parent_pipe, serving)
    with contextlib.suppress(asyncio.CancelledError):
        await serving


def _can_close(descriptor: int) -> bool:
    try:
        mode = os.fstat(descriptor).st_mode
    except OSError:
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)


def _read_pipe(descriptor: int, serving: asyncio.Future[None]) -> None:
    if not os.read(descriptor, 4096):
        asyncio.get_running_loop().remove_reader(descriptor)
        serving.cancel()


def _announce(host: str) -> Callable[[int], None]:
    def ready(port: int) -> None:
        sys.stdout.write(f"Simulator: http://{host}:{port}\n")
        sys.stdout.flush()

    return ready
