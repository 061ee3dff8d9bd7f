"""The server of the pages: where it listens, the front end it hands out, and how it ends."""

import asyncio
import errno
import hashlib
import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path

import typer
import uvicorn

from bulk_lookup.cli.exits import BAD_INPUT, Stop, console
from bulk_lookup.environment import Value
from bulk_lookup.lib.embedded_postgres.file_lock import FileLock

GRACE = 3  # seconds that requests under way get when the server is told to stop
PORTS_TRIED = 100
CONNECTIONS_WAITING = 2048


def listen(host: str, port: Value) -> socket.socket:
    """A socket that listens at the port, or at the next free one where nobody asked for this one.

    Raises Stop with a sentence where that is not possible.
    """
    last = port.value if port.origin != "default" else port.value + PORTS_TRIED - 1
    for number in range(port.value, last + 1):
        try:
            return _listener(host, number)
        except OSError as error:
            if error.errno != errno.EADDRINUSE or number == last:
                reason = error.strerror or str(error)
                raise Stop(
                    BAD_INPUT,
                    f"The pages cannot be served at {host}, port {number}: {reason}. See BULK_LOOKUP_BIND, PORT.",
                ) from error
    raise AssertionError("the last port returns or raises")


def collect_static_files(target: Path) -> None:
    """Copy the front end to where it is served from, under hashed names, where it differs from what is there.

    What older pages still ask for stays. Web processes that start at once take turns.
    """
    from django.contrib.staticfiles.finders import get_finders
    from django.core.management import call_command

    found = [Path(storage.path(name)) for finder in get_finders() for name, storage in finder.list([])]
    stats = [(str(path), path.stat()) for path in sorted(found)]
    print_of = hashlib.sha256(repr([(name, stat.st_size, stat.st_mtime_ns) for name, stat in stats]).encode())
    target.parent.mkdir(parents=True, exist_ok=True)
    stamp = target.with_name("static.collected")
    with FileLock(target.with_name("static.lock")):
        if stamp.exists() and target.exists() and stamp.read_text() == print_of.hexdigest():
            return
        call_command("collectstatic", interactive=False, verbosity=0)
        stamp.write_text(print_of.hexdigest())


def serve(listener: socket.socket, values: dict[str, Value], *, leash: bool) -> None:
    """Answer requests until told to stop, or until the starter has gone where it is on a leash."""
    config = uvicorn.Config(
        "bulk_lookup.asgi:application",
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        backlog=CONNECTIONS_WAITING,
        proxy_headers=False,  # TrustForwarded reads them, of trusted proxies only
        timeout_graceful_shutdown=GRACE,
    )
    server = _Server(config, leash=leash, ready=lambda: _say_address(listener, values))
    server.run(sockets=[listener])


class _Server(uvicorn.Server):
    """Says when it is ready, ends with its starter, and ends the streams of live pages before it waits for the rest."""

    def __init__(self, config: uvicorn.Config, *, leash: bool, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._leash = leash
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self._leash:
            asyncio.get_running_loop().add_reader(sys.stdin.fileno(), self._starter_spoke)
        self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        from bulk_lookup.engine.progress_feed import FEED

        await FEED.close()
        await super().shutdown(sockets)
        self._captured_signals.clear()  # to be told to stop is a good end, not a death by signal

    def _starter_spoke(self) -> None:
        if not os.read(sys.stdin.fileno(), 1024):
            asyncio.get_running_loop().remove_reader(sys.stdin.fileno())
            self.should_exit = True


def _listener(host: str, port: int) -> socket.socket:
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(CONNECTIONS_WAITING)
    except OSError:
        listener.close()
        raise
    return listener


def _say_address(listener: socket.socket, values: dict[str, Value]) -> None:
    from django.contrib.staticfiles import finders

    port = listener.getsockname()[1]
    if port != values["PORT"].value:
        _say(f"Port {values['PORT'].value} is taken; set PORT to choose another.")
    if finders.find("app.css") is None:
        _say("This installation has no front end, so the pages are plain; all that they do works.")
    public = values["BULK_LOOKUP_URL"].value
    bind = values["BULK_LOOKUP_BIND"].value
    if not public and bind not in ("127.0.0.1", "localhost", "::1"):
        _say("Only this machine is answered until BULK_LOOKUP_URL says the address that people open.")
    typer.echo(f"Bulk Lookup is at {public or f'http://localhost:{port}'}")


def _say(sentence: str) -> None:
    console.print(sentence, style="dim", markup=False)
