"""The running server: its processes, their start and their end."""

import hashlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from bulk_lookup.lib.embedded_postgres import settings
from bulk_lookup.lib.embedded_postgres.account import Account, bare_environment
from bulk_lookup.lib.embedded_postgres.data_directory import PORT, DataDirectory, write_atomically
from bulk_lookup.lib.embedded_postgres.error import EmbeddedPostgresError
from bulk_lookup.lib.embedded_postgres.file_lock import FileLock
from bulk_lookup.lib.embedded_postgres.programs import Programs

KEEPER = Path(__file__).with_name("keeper.py")
STOP_LIMIT_SECONDS = 60.0
POLL_SECONDS = 0.02


class ServerProcess:
    """The processes of one cluster's server.

    Whether any of them lives is asked of the kernel: each holds a lock that the first one was given. Pid files are
    believed by nobody: their number may be half written, or belong to somebody else by now.
    """

    def __init__(self, data: DataDirectory) -> None:
        self._data = data
        # In the title of each process, so that it can be told from other servers' on this machine.
        self.name = f"bulk-lookup-{hashlib.sha256(os.fsencode(data.cluster)).hexdigest()[:12]}"

    def is_gone(self) -> bool:
        """Whether no process of the server is alive."""
        lock = FileLock(self._data.server_lock)
        try:
            # Shared: two who ask at the same time must not see each other.
            return lock.try_share()
        finally:
            lock.release()

    def start(self, programs: Programs, account: Account, lock: FileLock) -> None:
        """Start the server through its keeper, without waiting; `lock`, taken on the server's lock file, goes to it."""
        held = lock.descriptor
        socket_folder = self._data.choose_socket_folder(account)
        # Of a server that is gone, as the lock proves. PostgreSQL would respect a number in them that has a new owner,
        # or none but an entry that nobody collects, as in a container without an init process.
        for stale in (self._data.cluster / "postmaster.pid", *socket_folder.glob(f".s.PGSQL.{PORT}*")):
            stale.unlink(missing_ok=True)
        self._write_settings(socket_folder)
        user, group = (str(account.uid), str(account.gid)) if account.is_other else ("-", "-")
        keeper = [sys.executable, "-I", "-S", str(KEEPER), str(self._data.clients_lock), str(held), user, group]
        server = [str(programs.postgres), "-D", str(self._data.cluster), "-c", f"config_file={self._config_file}"]
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW
        with os.fdopen(os.open(self._data.log, flags, 0o600), "ab") as log:
            done = subprocess.run(
                keeper + server,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                env=bare_environment(),
                pass_fds=(held,),
                start_new_session=True,
                check=False,
            )
        lock.release()
        if done.returncode:
            raise EmbeddedPostgresError(f"The database's keeper could not be started (see {self._data.log}).")

    def stop(self) -> bool:
        """Stop the server in good order and wait for its end; whether it came within a minute."""
        postmaster = self.postmaster()
        if postmaster is None:
            return self.is_gone()
        _signal([postmaster], signal.SIGINT)
        return self.wait_until_gone()

    def wait_until_gone(self) -> bool:
        """Wait at most a minute for the server's end; whether it came."""
        deadline = time.monotonic() + STOP_LIMIT_SECONDS
        while not self.is_gone():
            if time.monotonic() > deadline:
                return False
            time.sleep(POLL_SECONDS)
        return True

    def has_postmaster(self) -> bool:
        """Whether the server's first process is alive, be it on its way up or down."""
        return bool(self._processes(self._command_mark))

    def postmaster(self) -> int | None:
        """The pid of the server's first process if that is alive and is what the pid file says."""
        try:
            claimed = int((self._data.cluster / "postmaster.pid").read_text().split("\n", 1)[0])
        except (OSError, ValueError):
            return None
        return claimed if claimed in self._processes(self._command_mark) else None

    def signal_orphans(self, number: signal.Signals) -> None:
        """Signal what is left of a server whose first process was killed: a long query does not notice by itself."""
        _signal(self._processes(self._title_mark), number)

    @property
    def _config_file(self) -> Path:
        return self._data.folder / "postgresql.conf"

    def _write_settings(self, socket_folder: Path) -> None:
        hba_file = self._data.folder / "pg_hba.conf"
        text = settings.render(socket_folder=socket_folder, hba_file=hba_file, cluster_name=self.name)
        # Out of the cluster, so that a superuser of the database cannot open the door; readable to who runs it.
        for path, content in ((self._config_file, text), (hba_file, settings.HOST_BASED_AUTHENTICATION)):
            write_atomically(path, content, mode=0o644)

    @property
    def _command_mark(self) -> str:
        """In the first process's title, which stays the command that started it."""
        return f"/bin/postgres -D {self._data.cluster} -c config_file="

    @property
    def _title_mark(self) -> str:
        """In the titles of all others, which the server sets."""
        return f"postgres: {self.name}:"

    def _processes(self, mark: str) -> list[int]:
        """The server's processes by their titles: readable without the rights that any better sign would need."""
        owner = self._data.cluster.stat().st_uid
        # The keeper carries the server's command among its arguments.
        return [pid for pid, title in _titles(owner) if mark in title and KEEPER.name not in title]


def _titles(owner: int) -> list[tuple[int, str]]:
    """Pid and title of all processes of one user."""
    if not Path("/proc/self/cmdline").exists():
        command = ["ps", "-axww", "-o", "pid=,uid=,command="]
        listed = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False).stdout
        rows = [line.split(None, 2) for line in listed.splitlines()]
        return [(int(row[0]), row[2]) for row in rows if len(row) == 3 and row[1] == str(owner)]
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if folder.stat().st_uid == owner:
                title = os.fsdecode((folder / "cmdline").read_bytes()).replace("\0", " ").strip()
                found.append((int(folder.name), title))
        except OSError:
            continue  # it ended meanwhile
    return found


def _signal(pids: list[int], number: signal.Signals) -> None:
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            continue
