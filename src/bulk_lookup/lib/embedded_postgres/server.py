"""The embedded server as its users see it: join, use, leave."""

import atexit
import os
import signal
import sys
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import pq, sql

from bulk_lookup.lib.embedded_postgres.account import account_for
from bulk_lookup.lib.embedded_postgres.cluster import OWNER, SUPERUSER, Cluster, last_complaint
from bulk_lookup.lib.embedded_postgres.data_directory import DataDirectory
from bulk_lookup.lib.embedded_postgres.error import EmbeddedPostgresError
from bulk_lookup.lib.embedded_postgres.file_lock import FileLock
from bulk_lookup.lib.embedded_postgres.programs import programs_for
from bulk_lookup.lib.embedded_postgres.server_process import POLL_SECONDS, ServerProcess

CONNECT_TIMEOUT_SECONDS = 10
# A server that is killed at the wrong moment is started again; one that cannot start fails each time.
STARTS_AT_MOST = 3
# No line in the log and no answer for so long: given up. Recovery writes one every two seconds.
STALL_LIMIT_SECONDS = 120.0
SAY_EVERY_SECONDS = 10.0
# Processes without their first one end by themselves when their query does; then they are asked, then they are made to.
ORPHANS_ASKED_AFTER_SECONDS = 2.0
ORPHANS_KILLED_AFTER_SECONDS = 5.0
# A server whose socket is gone (a cleaner of /tmp) can only be started again.
SOCKET_MISSED_AFTER_SECONDS = 10.0


def ignore(sentence: str) -> None:
    """Say nothing."""


class EmbeddedPostgres:
    """A PostgreSQL of our own over one data directory, shared by all processes that joined it.

    data_dir: made if missing; no existing folder's mode is changed.
    createdb: whether the owner role may create databases (a test runner needs that, the product does not).
    say: gets one sentence when something takes long or is done to the machine (a system user is made).

    Every process joins for itself: a forked child is no user of the server until it joins; it may join the same object.
    The last one to leave stops the server. If the last ones were killed, the server's keeper stops it.
    All methods raise EmbeddedPostgresError.
    """

    def __init__(self, data_dir: Path, *, createdb: bool = False, say: Callable[[str], None] = ignore) -> None:
        self._data = DataDirectory(data_dir.absolute())
        self._createdb = createdb
        self._say = say
        self._cluster = Cluster(self._data)
        self._server = ServerProcess(self._data)
        self._clients = FileLock(self._data.clients_lock)
        self._threads = threading.RLock()
        _all.add(self)

    @property
    def url(self) -> str:
        """The owner role's address, `postgresql://bulk_lookup:…@/bulk_lookup?host=…&port=…`, over the unix socket."""
        return self._url(OWNER)

    @property
    def admin_url(self) -> str:
        """The superuser's address, for tests and backups only: row-level security does not bind it."""
        return self._url(SUPERUSER)

    def join(self) -> None:
        """Become a user of the server, and start it if nobody did. Once joined, the same as `heal`."""
        with self._threads, self._in_one_sentence():
            if sys.platform == "win32":
                raise EmbeddedPostgresError(
                    "The embedded database does not run on Windows: use WSL 2 or Docker, or set DATABASE_URL."
                )
            joined_before = self._clients.is_held
            if not joined_before:
                if not self._data.folder.is_dir():
                    self._data.make(account_for(self._data.root, self._data.cluster, self._say))
                if not self._clients.try_share():
                    # Whoever has it alone is stopping the server.
                    self._say("Waiting for another process that is stopping the database.")
                    self._clients.share()
            try:
                self._bring_up()
            except BaseException:
                if not joined_before:
                    self._clients.release()
                raise
            if not joined_before:
                atexit.register(self.leave)

    def heal(self) -> None:
        """Start the server again if it is dead; for a user who lost the connection. Nothing happens if it is alive."""
        self.join()

    def leave(self) -> None:
        """Stop using the server; the last one stops it and waits for its end. May be called again."""
        with self._threads, self._in_one_sentence():
            if not self._clients.is_held:
                return
            atexit.unregister(self.leave)
            # One after the other, or two who leave together would each take the other for a user.
            with FileLock(self._data.leave_lock):
                try:
                    if self._clients.try_take():
                        self._server.stop()
                    elif not self._clients.try_share():
                        # Not others who use it, but the keeper, who was quicker and is stopping it.
                        self._server.wait_until_gone()
                finally:
                    self._clients.release()

    def _bring_up(self) -> None:
        if self._cluster.exists() and self._is_alive():
            return
        start = FileLock(self._data.start_lock)
        if not start.try_take():
            self._say("Waiting for another process that is starting the database.")
        with start:
            self._start_until_alive()

    def _start_until_alive(self) -> None:
        """Start the server, or wait for one that is on its way up or down, for as long as that makes progress."""
        starts = 0
        begun = progressed = said = time.monotonic()
        log_size = log_start = self._log_size()
        while not (self._cluster.exists() and self._is_alive()):
            lock = FileLock(self._data.server_lock)
            if lock.try_take():
                if starts == STARTS_AT_MOST:
                    raise EmbeddedPostgresError(f"The database did not start: {self._complaint(log_start)}")
                starts += 1
                log_start = self._log_size()
                try:
                    self._start(lock)
                finally:
                    lock.release()
                begun = progressed = time.monotonic()
            else:
                lock.release()
                self._urge(time.monotonic() - begun)
            time.sleep(POLL_SECONDS)
            now = time.monotonic()
            if self._log_size() != log_size:
                log_size, progressed = self._log_size(), now
            if now - said > SAY_EVERY_SECONDS:
                said = now
                self._say(f"The database has been starting for {now - begun:.0f} s: {self._last_line()}")
            if now - progressed > STALL_LIMIT_SECONDS:
                raise EmbeddedPostgresError(
                    f"The database has not become ready for {STALL_LIMIT_SECONDS:.0f} s: {self._last_line()}"
                )

    def _start(self, lock: FileLock) -> None:
        account = account_for(self._data.root, self._data.cluster, self._say)
        programs = programs_for(self._data, account)
        if not self._data.cluster.exists():
            self._say(f"Making a database in {self._data.root}.")
        self._cluster.prepare(programs, account, holding=lock.descriptor)
        self._server.start(programs, account, lock)

    def _urge(self, waited: float) -> None:
        """Move what neither answers nor ends."""
        if self._ping() != pq.Ping.NO_RESPONSE:
            return
        if self._server.postmaster() is None:
            if waited > ORPHANS_KILLED_AFTER_SECONDS:
                self._server.end_orphans(signal.SIGKILL)
            elif waited > ORPHANS_ASKED_AFTER_SECONDS:
                self._server.end_orphans(signal.SIGQUIT)
        elif waited > SOCKET_MISSED_AFTER_SECONDS and not self._has_socket():
            self._server.stop()

    def _is_alive(self) -> bool:
        """Whether the server lets us in: nothing less is believed."""
        try:
            with psycopg.connect(self.url, connect_timeout=CONNECT_TIMEOUT_SECONDS, autocommit=True) as connection:
                if self._createdb:
                    self._allow_createdb(connection)
            return True
        except psycopg.OperationalError as error:
            if self._ping() != pq.Ping.OK:
                return False
            # All connections taken: alive, and that is another matter.
            if "too many clients" in str(error) or "connection slots" in str(error):
                return True
            raise EmbeddedPostgresError(f"The database refuses its own owner: {last_complaint(str(error))}") from error

    def _allow_createdb(self, connection: psycopg.Connection) -> None:
        row = connection.execute("SELECT rolcreatedb FROM pg_roles WHERE rolname = current_user").fetchone()
        if row == (False,):
            with psycopg.connect(self.admin_url, connect_timeout=CONNECT_TIMEOUT_SECONDS, autocommit=True) as admin:
                admin.execute(sql.SQL("ALTER ROLE {} CREATEDB").format(sql.Identifier(OWNER)))

    def _ping(self) -> int:
        try:
            return pq.PGconn.ping(f"{self.url}&connect_timeout={CONNECT_TIMEOUT_SECONDS}".encode())
        except FileNotFoundError:
            return pq.Ping.NO_RESPONSE

    def _url(self, role: str) -> str:
        try:
            return self._cluster.url(role)
        except OSError as error:
            raise EmbeddedPostgresError(
                f"There is no database in {self._data.root} that could be used: {error.strerror}"
            ) from error

    def _has_socket(self) -> bool:
        folder = self._data.socket_folder()
        return folder is not None and any(folder.glob(".s.PGSQL.*[0-9]"))

    def _log_size(self) -> int:
        try:
            return self._data.log.stat().st_size
        except FileNotFoundError:
            return 0

    def _complaint(self, start: int) -> str:
        with self._data.log.open("rb") as log:
            log.seek(start)
            return f"{last_complaint(log.read().decode(errors='replace'))} (more in {self._data.log})"

    def _last_line(self) -> str:
        try:
            with self._data.log.open("rb") as log:
                log.seek(max(0, self._log_size() - 2000))
                return (log.read().decode(errors="replace").strip().splitlines() or [""])[-1]
        except FileNotFoundError:
            return "it has no log yet"

    @contextmanager
    def _in_one_sentence(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise EmbeddedPostgresError(
                f"The data directory {self._data.root} cannot be used: {error.strerror or error}"
                f"{f' ({error.filename})' if error.filename else ''}."
            ) from error


_all: weakref.WeakSet[EmbeddedPostgres] = weakref.WeakSet()


def _fresh_thread_locks() -> None:
    for server in _all:
        server._threads = threading.RLock()


if sys.platform != "win32":
    os.register_at_fork(after_in_child=_fresh_thread_locks)
