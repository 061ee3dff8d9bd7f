"""The stage of the benchmarks: a folder, a database server and processes of their own, all gone when it is over."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any

from bench.borrowed import ROOT, Simulator

if TYPE_CHECKING:
    from bulk_lookup.models import Organization

# What the user has set is the user's: none of it reaches a benchmark.
_OURS = ("DATABASE_URL", "DB_POOL", "BULK_LOOKUP_", "TWILIO_")
STOP_SECONDS = 30.0


class Stage:
    """Used with `with`: the server is up and Django set up inside, and nothing is left behind outside.

    folder: an existing folder for all of it (the soak's full disk); else one in /tmp, removed afterwards.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._given = folder
        self._started: list[subprocess.Popen[Any]] = []
        self._simulators: list[Simulator] = []
        self._log: IO[bytes] | None = None
        self.interrupted = False  # by Ctrl-C or SIGTERM: whatever is raised then is only what came of it
        self.kept: object = None  # what a line has made that the next one may use, until the tables are emptied

    def __enter__(self) -> "Stage":
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._interrupt)
        for name in [name for name in os.environ if name.startswith(_OURS)]:
            del os.environ[name]
        # A short path (the socket's has a limit), which the system user that runs the server for root may pass through.
        self.folder = self._given or Path(tempfile.mkdtemp(prefix="bulk-lookup-bench-", dir="/tmp"))
        self.folder.chmod(0o711)
        os.environ["BULK_LOOKUP_DATA_DIR"] = str(self.folder)
        os.chdir(self.folder)  # away from any .env
        self._log = (self.folder / "workers.log").open("ab")
        try:
            from bulk_lookup.boot import boot

            boot()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        from bulk_lookup import database

        with _undisturbed():
            for process in list(self._started):
                self.kill(process)
            for simulator in list(self._simulators):
                self._stop_simulator(simulator)
            with suppress(Exception):
                from django.db import connection

                connection.close()
            database.leave_embedded()
            if self._log is not None:
                self._log.close()
            os.chdir(ROOT)
            if self._given is None:
                shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def log(self) -> str:
        """What the workers have complained about."""
        return (self.folder / "workers.log").read_text(errors="replace")

    def python(self, module: str, *arguments: str, **settings: str) -> dict[str, Any]:
        """Run a module of ours as a process, to its end; returns the JSON object that it prints last."""
        process = self._start([sys.executable, "-m", module, *arguments], settings, stdout=subprocess.PIPE)
        output, _ = process.communicate()
        self._started.remove(process)
        if process.returncode:
            raise RuntimeError(f"{module} ended with {process.returncode}: {self.log[-2000:]}")
        return dict(json.loads(output.splitlines()[-1]))

    @contextmanager
    def simulator(self, **settings: str) -> Iterator[Simulator]:
        """A simulator with these settings, for as long as the block."""
        one = Simulator.start(**settings)
        self._simulators.append(one)
        try:
            yield one
        finally:
            self._stop_simulator(one)

    @contextmanager
    def worker(self, **settings: str) -> Iterator[subprocess.Popen[Any]]:
        """A worker's lookups process, ready to work; it ends with the block, and with this process, however that ends."""
        process = self.start_worker("--queue", "lookups", "--child", **settings)
        try:
            wait_for(lambda: self._is_ready(process), seconds=60, what="a worker")
            yield process
        finally:
            self.stop(process)

    def start_worker(self, *options: str, **settings: str) -> subprocess.Popen[Any]:
        """`bulk-lookup worker` in a process group of its own."""
        command = [sys.executable, "-m", "bulk_lookup.cli", "worker", *options]
        return self._start(command, {"BULK_LOOKUP_DRAIN": "2"} | settings, stdin=subprocess.PIPE)

    def stop(self, process: subprocess.Popen[Any]) -> None:
        """Let a process end by itself, and see to it that it does."""
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                process.wait(STOP_SECONDS)
        self.kill(process)

    def kill(self, process: subprocess.Popen[Any]) -> None:
        """kill -9 of a process with all its children."""
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()
        if process in self._started:
            self._started.remove(process)

    def empty(self) -> "Organization":
        """Empty every table, as a fresh installation's are; returns a new organization."""
        from django.apps import apps
        from django.db import connection

        from bulk_lookup.models import Organization

        tables = [model._meta.db_table for model in apps.get_app_config("bulk_lookup").get_models()]
        queue = ["procrastinate_jobs", "procrastinate_workers", "procrastinate_periodic_defers"]
        with connection.cursor() as cursor:
            cursor.execute(f"truncate {', '.join([*tables, *queue])} cascade")
        self.administer("checkpoint")
        self.kept = None
        return Organization.objects.create(name="Benchmark", country_code="US")

    def administer(self, *statements: str) -> None:
        """Run statements as the server's administrator."""
        import psycopg

        with psycopg.connect(self._server().admin_url, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    @contextmanager
    def database(self, name: str) -> Iterator[str]:
        """Another database on the same server, for a peer; yields its address."""
        self.administer(f"drop database if exists {name} with (force)", f"create database {name} owner bulk_lookup")
        try:
            yield self._server().url.replace("/bulk_lookup?", f"/{name}?")
        finally:
            self.administer(f"drop database if exists {name} with (force)")

    def _interrupt(self, number: int, frame: object) -> None:
        self.interrupted = True
        raise KeyboardInterrupt

    def _start(
        self,
        command: list[str],
        settings: dict[str, str],
        *,
        stdin: int = subprocess.DEVNULL,
        stdout: int | None = None,
    ) -> subprocess.Popen[Any]:
        process = subprocess.Popen(
            command,
            cwd=self.folder,
            env=os.environ | {"PYTHONPATH": _path()} | settings,
            stdin=stdin,
            stdout=self._log if stdout is None else stdout,
            stderr=self._log,
            start_new_session=True,
        )
        self._started.append(process)
        return process

    def _is_ready(self, process: subprocess.Popen[Any]) -> bool:
        from bulk_lookup.models import Worker

        if process.poll() is not None:
            raise RuntimeError(f"a worker ended with {process.returncode}: {self.log[-2000:]}")
        return Worker.objects.filter(pid=process.pid, kind="lookups").exists()

    def _stop_simulator(self, simulator: Simulator) -> None:
        if simulator in self._simulators:
            self._simulators.remove(simulator)
            simulator.stop()

    def _server(self) -> Any:
        from bulk_lookup import database

        server = database.embedded()
        assert server is not None
        return server


def wait_for(true: Callable[[], bool], *, seconds: float, what: str) -> None:
    """Look every twentieth of a second; raises TimeoutError after so many seconds."""
    until = time.monotonic() + seconds
    while not true():
        if time.monotonic() > until:
            raise TimeoutError(f"{what} did not come within {seconds:.0f} s")
        time.sleep(0.05)


def reset_stats(simulator: Simulator) -> None:
    """Let a simulator count anew."""
    request = urllib.request.Request(f"{simulator.url}/_simulator/stats", method="DELETE")
    urllib.request.urlopen(request, timeout=30).close()


def _path() -> str:
    """Where the processes find this package; what was given stays behind it."""
    return os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])


@contextmanager
def _undisturbed() -> Iterator[None]:
    """A second Ctrl-C must not leave half of it behind."""
    before = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
