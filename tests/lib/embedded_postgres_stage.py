"""A stage for the embedded server's tests: a data directory, and real processes that join it, fork, and are killed."""

import atexit
import contextlib
import functools
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psycopg
from psycopg.conninfo import conninfo_to_dict

from bulk_lookup.lib.embedded_postgres import EmbeddedPostgres
from bulk_lookup.lib.embedded_postgres.data_directory import DataDirectory
from bulk_lookup.lib.embedded_postgres.server_process import ServerProcess

# Generous: other programs may have this machine's processors.
PATIENCE_SECONDS = 60.0
NOBODY = 65534

CLIENT = """
import json, os, resource, signal, subprocess, sys, time
from pathlib import Path
import psycopg
from bulk_lookup.lib.embedded_postgres import EmbeddedPostgres, EmbeddedPostgresError

said = []
server = EmbeddedPostgres(Path(sys.argv[1]), say=said.append)

def query(statement):
    with psycopg.connect(server.url, autocommit=True) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchone()[0] if cursor.description else None

def fork(joining=False):
    ready, set_ready = os.pipe()
    child = os.fork()
    if child:
        assert os.read(ready, 1)
        return child
    if joining:
        server.join()
    os.close(1)
    os.write(set_ready, b"!")
    time.sleep(600)

def start_program():
    return subprocess.Popen(["sleep", "600"], stdout=subprocess.DEVNULL).pid

def limit_file_size(size):
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

words = {
    "fork_and_join": lambda: fork(joining=True),
    "join": server.join, "heal": server.heal, "leave": server.leave, "query": query, "fork": fork,
    "start_program": start_program, "limit_file_size": limit_file_size,
    "url": lambda: server.url, "said": lambda: said,
}
for line in sys.stdin:
    word, *arguments = json.loads(line)
    try:
        answer = {"answer": words[word](*arguments)}
    except EmbeddedPostgresError as error:
        answer = {"refused": str(error)}
    print(json.dumps(answer), flush=True)
"""


class Refused(Exception):
    """The client's EmbeddedPostgresError."""


class Client:
    """A process of its own with one EmbeddedPostgres, which does what it is told."""

    def __init__(self, data_dir: Path, *, python: str = sys.executable, user: int | None = None) -> None:
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
        self.process = subprocess.Popen(
            [python, "-c", CLIENT, str(data_dir)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            text=True,
            start_new_session=True,
            cwd="/",
            user=user,
            group=user,
            extra_groups=None if user is None else [],
        )

    def tell(self, word: str, *arguments: object) -> None:
        """Give an order and do not wait."""
        assert self.process.stdin
        self.process.stdin.write(json.dumps([word, *arguments]) + "\n")
        self.process.stdin.flush()

    def answer(self) -> Any:
        """The answer to the oldest open order."""
        assert self.process.stdout
        line = self.process.stdout.readline()
        assert line, "the client died"
        answer = json.loads(line)
        if "refused" in answer:
            raise Refused(answer["refused"])
        return answer["answer"]

    def ask(self, word: str, *arguments: object) -> Any:
        """Give an order and wait for the answer."""
        self.tell(word, *arguments)
        return self.answer()

    def end(self) -> None:
        """End normally, as a program does that has nothing more to do."""
        assert self.process.stdin
        self.process.stdin.close()
        assert self.process.wait(PATIENCE_SECONDS) == 0

    def kill(self, number: int = signal.SIGKILL) -> None:
        """End by a signal."""
        self.process.send_signal(number)
        self.process.wait(PATIENCE_SECONDS)

    def kill_family(self) -> None:
        """End it and the programs it started, all at once."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(PATIENCE_SECONDS)


class Stage:
    """A data directory, which the system's other users may reach, and the processes on it.

    kept: the data directory that these tests have in common, with a cluster; otherwise an empty place.
    """

    def __init__(self, *, kept: bool = False) -> None:
        self.folder = open_folder()
        self.data_dir = _common() if kept else self.folder / "data-dir"
        self.data = DataDirectory(self.data_dir)
        self._clients: list[Client] = []
        self._data_dirs = {self.data_dir}

    def build(self, data_dir: Path | None = None) -> None:
        """Put a copy of the common data directory there, nobody using it."""
        subprocess.run(["cp", "-a", str(_common()), str(data_dir or self.data_dir)], check=True)

    def client(self, data_dir: Path | None = None, *, python: str = sys.executable, user: int | None = None) -> Client:
        """A new process."""
        client = Client(data_dir or self.data_dir, python=python, user=user)
        self._data_dirs.add(data_dir or self.data_dir)
        self._clients.append(client)
        return client

    def is_gone(self, data_dir: Path | None = None) -> bool:
        """Whether no process of the server is alive."""
        return ServerProcess(DataDirectory(data_dir or self.data_dir)).is_gone()

    def postmaster(self) -> int:
        """The pid of the running server."""
        pid = ServerProcess(self.data).postmaster()
        assert pid is not None
        return pid

    def pids(self, title: str) -> list[int]:
        """The pids of this server's processes, its keeper too, with these words in their titles."""
        lines = subprocess.run(["ps", "-axww", "-o", "pid=,command="], capture_output=True, text=True).stdout
        name = ServerProcess(self.data).name
        mine = [line for line in lines.splitlines() if name in line or str(self.data.cluster) in line]
        return [int(line.split()[0]) for line in mine if title in line]

    def kill_server(self) -> None:
        """Kill the server's first process; the others end when they notice."""
        os.kill(self.postmaster(), signal.SIGKILL)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for client in self._clients:
            client.kill_family()
            assert client.process.stdin and client.process.stdout
            client.process.stdout.close()
            with contextlib.suppress(BrokenPipeError):
                client.process.stdin.close()
        for data in map(DataDirectory, self._data_dirs):
            if data.root.is_dir() and data.folder.exists():
                wait_until(ServerProcess(data).is_gone)
        shutil.rmtree(self.folder)


def wait_until(holds: Callable[[], object]) -> None:
    """Wait for what must come."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.01)


def connects(url: str) -> bool:
    """Whether a server answers there."""
    try:
        psycopg.connect(url).close()
    except psycopg.OperationalError:
        return False
    return True


def socket_folder_of(url: str) -> Path:
    """The folder of the socket in an address."""
    return Path(str(conninfo_to_dict(url)["host"]))


def open_folder() -> Path:
    """A folder as /var/lib is one: below it other users have their own. (Pytest's are closed when root runs it.)"""
    folder = Path(tempfile.mkdtemp(prefix="bl-", dir="/tmp"))
    folder.chmod(0o711)
    return folder


def modes(path: Path) -> dict[str, tuple[int, int, int]]:
    """Mode and owners of a folder and of all above it."""
    found = {str(folder): folder.stat() for folder in [path, *path.parents]}
    return {name: (status.st_mode, status.st_uid, status.st_gid) for name, status in found.items()}


@functools.cache
def _common() -> Path:
    """A data directory made once and used by all tests that leave it in order."""
    folder = open_folder()
    atexit.register(shutil.rmtree, folder)
    server = EmbeddedPostgres(folder / "data-dir")
    server.join()
    server.leave()
    return folder / "data-dir"
