"""The embedded server as its users see it: join, use, heal, leave."""

import atexit
import os
import sys
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
from psycopg import sql

from bulk_lookup.lib.embedded_postgres.account import account_for
from bulk_lookup.lib.embedded_postgres.cluster import OWNER, SUPERUSER, Cluster
from bulk_lookup.lib.embedded_postgres.data_directory import VARIABLE, DataDirectory
from bulk_lookup.lib.embedded_postgres.error import EmbeddedPostgresError
from bulk_lookup.lib.embedded_postgres.file_lock import FileLock
from bulk_lookup.lib.embedded_postgres.server_process import ServerProcess
from bulk_lookup.lib.embedded_postgres.start import Start


def ignore(sentence: str) -> None:
    """Say nothing."""


class EmbeddedPostgres:
    """A PostgreSQL of our own over one data directory, shared by all processes that joined it.

    data_dir: made if missing; no existing folder's mode is changed.
    createdb: whether the owner role may create databases (a test runner needs that, the product does not).
    say: gets one sentence when something takes long or is done to the machine (a system user is made).

    Every process joins for itself: a forked child is no user of the server until it joins; it may join the same object.
    The last one to leave stops the server. If the last ones were killed, the server's keeper stops it.
    All methods may be called from any thread, block, and raise EmbeddedPostgresError.
    """

    def __init__(self, data_dir: Path, *, createdb: bool = False, say: Callable[[str], None] = ignore) -> None:
        # One spelling for all: it is in the titles of the server's processes and decides where the socket is.
        self._data = DataDirectory(Path(os.path.realpath(data_dir)))
        self._createdb = createdb
        self._say = say
        self._cluster = Cluster(self._data)
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
            if self._clients.is_held:
                Start(self._data, self._cluster, self._say).bring_up()
                return
            try:
                self._become_client()
                Start(self._data, self._cluster, self._say).bring_up()
                if self._createdb:
                    self._allow_createdb()
            except BaseException:
                self._clients.release()
                raise
            atexit.register(self._leave_at_exit)

    def heal(self) -> None:
        """Start the server again if it is dead; for a user who lost the connection. Nothing happens if it is alive."""
        self.join()

    def leave(self) -> None:
        """Stop using the server; the last one stops it and waits for its end. May be called again."""
        with self._threads, self._in_one_sentence():
            if not self._clients.is_held:
                return
            atexit.unregister(self._leave_at_exit)
            server = ServerProcess(self._data)
            try:
                # One after the other, or two who leave together would each take the other for a user.
                with FileLock(self._data.leave_lock):
                    if self._clients.try_take():
                        server.stop()
                    elif not self._clients.try_share():
                        # Not others who use it, but the keeper, who was quicker and is stopping it.
                        server.wait_until_gone()
            finally:
                self._clients.release()

    def _url(self, role: str) -> str:
        url = self._cluster.url(role)
        if url is None:
            raise EmbeddedPostgresError(f"There is no running database in {self._data.root}: join it first.")
        return url

    def _become_client(self) -> None:
        self._data.refuse_unspeakable()
        if not self._data.folder.is_dir():
            self._data.make(account_for(self._data.root, self._data.cluster, self._say))
        self._data.refuse_if_foreign()
        if not self._clients.try_share():
            # Whoever has it alone is stopping the server.
            self._say("Waiting for another process that is stopping the database.")
            self._clients.share()

    def _allow_createdb(self) -> None:
        with psycopg.connect(self.admin_url, autocommit=True) as connection:
            connection.execute(sql.SQL("ALTER ROLE {} CREATEDB").format(sql.Identifier(OWNER)))

    def _leave_at_exit(self) -> None:
        with suppress(EmbeddedPostgresError):
            self.leave()

    @contextmanager
    def _in_one_sentence(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            where = f" ({error.filename})" if error.filename else ""
            raise EmbeddedPostgresError(
                f"The data directory {self._data.root} cannot be used: {error.strerror or error}{where}; "
                f"another can be chosen with {VARIABLE}."
            ) from error


_all: weakref.WeakSet[EmbeddedPostgres] = weakref.WeakSet()


def _fresh_thread_locks() -> None:
    """In a forked child: a thread of the parent may hold one, and does not exist here."""
    for server in _all:
        server._threads = threading.RLock()


if sys.platform != "win32":
    os.register_at_fork(after_in_child=_fresh_thread_locks)
