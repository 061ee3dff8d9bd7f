"""Bringing the server up: one process does it, the others wait, and only a successful connection is believed."""

import signal
import time
from collections.abc import Callable

import psycopg
from psycopg import pq

from bulk_lookup.lib.embedded_postgres.account import account_for
from bulk_lookup.lib.embedded_postgres.cluster import OWNER, Cluster
from bulk_lookup.lib.embedded_postgres.data_directory import DataDirectory
from bulk_lookup.lib.embedded_postgres.error import EmbeddedPostgresError
from bulk_lookup.lib.embedded_postgres.file_lock import FileLock
from bulk_lookup.lib.embedded_postgres.programs import programs_for
from bulk_lookup.lib.embedded_postgres.server_log import ServerLog, last_complaint
from bulk_lookup.lib.embedded_postgres.server_process import POLL_SECONDS, ServerProcess

CONNECT_TIMEOUT_SECONDS = 10
# A server that is killed at the wrong moment is started again; one that cannot start fails each time.
STARTS_AT_MOST = 3
# No line in the log and no answer for so long: given up. Recovery writes one every two seconds.
STALL_LIMIT_SECONDS = 120.0
SAY_EVERY_SECONDS = 10.0
# Processes without their first one end when their query does; before that they are asked, then they are made to.
ORPHANS_ASKED_AFTER_SECONDS = 1.0
ORPHANS_KILLED_AFTER_SECONDS = 3.0
# A server whose socket is gone (a cleaner of /tmp) can only be started again.
SOCKET_MISSED_AFTER_SECONDS = 5.0


class Start:
    """One process's attempt to have the server running."""

    def __init__(self, data: DataDirectory, cluster: Cluster, say: Callable[[str], None]) -> None:
        self._data = data
        self._cluster = cluster
        self._say = say
        self._server = ServerProcess(data)
        self._refusal = "no answer"

    def bring_up(self) -> None:
        """Return when the server lets us in; start it if it is dead."""
        if self._is_alive():
            return
        turn = FileLock(self._data.start_lock)
        try:
            if not turn.try_take():
                self._say("Waiting for another process that is starting the database.")
                turn.take()
            self._start_until_alive()
        finally:
            turn.release()

    def _is_alive(self) -> bool:
        """Whether the server lets the owner in: nothing less is believed."""
        url = self._cluster.url(OWNER)
        if url is None:
            return False
        try:
            psycopg.connect(url, connect_timeout=CONNECT_TIMEOUT_SECONDS).close()
            return True
        except psycopg.OperationalError as error:
            self._refusal = str(error)
        if "password authentication failed" in self._refusal or "does not exist" in self._refusal:
            raise EmbeddedPostgresError(f"The database refuses its own owner: {last_complaint(self._refusal)}.")
        # All connections taken: alive, and that is another matter.
        return "too many clients" in self._refusal or "connection slots" in self._refusal

    def _start_until_alive(self) -> None:
        """Start the server, or wait for one that is on its way up or down, for as long as that makes progress."""
        log = ServerLog(self._data.log)
        starts, size = 0, log.size()
        begun = progressed = said = time.monotonic()
        while not self._is_alive():
            with_server = FileLock(self._data.server_lock)
            try:
                if not with_server.try_take():
                    self._urge(time.monotonic() - begun)
                elif starts == STARTS_AT_MOST:
                    raise EmbeddedPostgresError(f"The database did not start: {log.complaint()}.")
                else:
                    starts += 1
                    log = ServerLog(self._data.log)
                    self._start(with_server)
                    begun = progressed = time.monotonic()
            finally:
                with_server.release()
            time.sleep(POLL_SECONDS)
            now = time.monotonic()
            if log.size() != size:
                size, progressed = log.size(), now
            if now - progressed > STALL_LIMIT_SECONDS:
                raise EmbeddedPostgresError(
                    f"The database has not become ready for {STALL_LIMIT_SECONDS:.0f} s: "
                    f"{last_complaint(self._refusal)} (its log: {log.last_line()})."
                )
            if now - said > SAY_EVERY_SECONDS:
                said = now
                self._say(f"The database has been starting for {now - begun:.0f} s: {log.last_line()}")

    def _start(self, lock: FileLock) -> None:
        account = account_for(self._data.root, self._data.cluster, self._say)
        programs = programs_for(self._data, account)
        if not self._data.cluster.exists():
            self._say(f"Making a database in {self._data.root}.")
        self._cluster.prepare(programs, account, holding=lock.descriptor)
        self._server.start(programs, account, lock)

    def _urge(self, waited: float) -> None:
        """Move what lives and does not answer."""
        url = self._cluster.url(OWNER)
        if url is not None and pq.PGconn.ping(url.encode()) != pq.Ping.NO_RESPONSE:
            return  # it is starting or stopping, which may take as long as it needs
        if not self._server.has_postmaster():
            if waited > ORPHANS_KILLED_AFTER_SECONDS:
                self._server.signal_orphans(signal.SIGKILL)
            elif waited > ORPHANS_ASKED_AFTER_SECONDS:
                self._server.signal_orphans(signal.SIGQUIT)
        elif waited > SOCKET_MISSED_AFTER_SECONDS and not self._cluster.has_socket():
            self._server.stop()
