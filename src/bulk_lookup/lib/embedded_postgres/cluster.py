"""The cluster: PostgreSQL's data directory with its roles, its database and their passwords."""

import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote

from bulk_lookup.lib.embedded_postgres.account import Account
from bulk_lookup.lib.embedded_postgres.data_directory import PORT, DataDirectory, write_atomically
from bulk_lookup.lib.embedded_postgres.error import EmbeddedPostgresError
from bulk_lookup.lib.embedded_postgres.programs import Programs
from bulk_lookup.lib.embedded_postgres.server_log import last_complaint

SUPERUSER = "postgres"
OWNER = "bulk_lookup"
DATABASE = "bulk_lookup"
PASSWORD_BYTES = 24

# Sorting that no update of the system's libraries changes under an index, and LIKE 'prefix%' by any index.
_INITDB_OPTIONS = (
    f"--username={SUPERUSER}",
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--auth=reject",
    "--no-instructions",
)


class Cluster:
    """One cluster in a data directory; exists whole or not at all."""

    def __init__(self, data: DataDirectory) -> None:
        self._data = data

    def exists(self) -> bool:
        """Whether there is a cluster, with the passwords to it."""
        return self._data.cluster.exists() and all(self._password_file(role).exists() for role in (SUPERUSER, OWNER))

    def prepare(self, programs: Programs, account: Account, *, holding: int) -> None:
        """Make the cluster, or new passwords for one that lost them. Nobody may be running it.

        holding: a descriptor that the programs keep open for as long as they live.
        """
        if not self._data.cluster.exists():
            self._make(programs, account)
        elif not self.exists():
            # The file lists the pid of a server that is gone, and would be in the way.
            (self._data.cluster / "postmaster.pid").unlink(missing_ok=True)
            statements = [f"ALTER ROLE {role} PASSWORD '{self._new_password(role)}'" for role in (SUPERUSER, OWNER)]
            self._execute(programs, account, self._data.cluster, statements, holding=holding)

    def url(self, role: str) -> str | None:
        """The address for a role over the socket, password included; None before the first start."""
        try:
            password = self._password_file(role).read_text().strip()
            folder = self._data.socket_folder()
        except FileNotFoundError:
            return None
        return f"postgresql://{role}:{password}@/{DATABASE}?host={quote(os.fsencode(folder))}&port={PORT}"

    def has_socket(self) -> bool:
        """Whether there is a door to knock at."""
        try:
            return any(self._data.socket_folder().glob(f".s.PGSQL.{PORT}"))
        except FileNotFoundError:
            return False

    def _make(self, programs: Programs, account: Account) -> None:
        for leftover in self._data.folder.glob("data.making-*"):
            shutil.rmtree(leftover, ignore_errors=True)
        # Under another name until it is complete: a kill in the middle leaves nothing that looks like a cluster.
        making = Path(tempfile.mkdtemp(prefix="data.making-", dir=self._data.folder))
        try:
            account.give(making)
            done = account.run([programs.initdb, f"--pgdata={making}", *_INITDB_OPTIONS])
            if done.returncode:
                raise EmbeddedPostgresError(
                    f"The database in {self._data.root} could not be made: {_last_words(done)}."
                )
            self._execute(programs, account, making, self._first_statements())
            making.rename(self._data.cluster)
        except BaseException:
            shutil.rmtree(making, ignore_errors=True)
            raise
        _flush(self._data.folder)

    def _first_statements(self) -> list[str]:
        # The superuser bypasses row-level security, so the product never works as one (nor as one that may make one).
        return [
            f"ALTER ROLE {SUPERUSER} PASSWORD '{self._new_password(SUPERUSER)}'",
            f"CREATE ROLE {OWNER} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION "
            f"PASSWORD '{self._new_password(OWNER)}'",
            f"CREATE DATABASE {DATABASE} OWNER {OWNER}",
        ]

    def _execute(
        self,
        programs: Programs,
        account: Account,
        cluster: Path,
        statements: Iterable[str],
        *,
        holding: int | None = None,
    ) -> None:
        """Run statements without a server: one process, standard input, so no password on a disk or in a list."""
        command: list[str | Path] = [
            programs.postgres,
            "--single",
            "-D",
            cluster,
            "-c",
            "exit_on_error=true",
            "postgres",
        ]
        done = account.run(command, "".join(f"{statement};\n" for statement in statements), holding=holding)
        if done.returncode:
            raise EmbeddedPostgresError(
                f"The roles of the database in {self._data.root} could not be made: {_last_words(done)}."
            )

    def _new_password(self, role: str) -> str:
        password = secrets.token_hex(PASSWORD_BYTES)
        write_atomically(self._password_file(role), f"{password}\n", mode=0o600)
        return password

    def _password_file(self, role: str) -> Path:
        return self._data.folder / f"{role}.password"


def _last_words(done: subprocess.CompletedProcess[str]) -> str:
    if done.returncode < 0:
        return f"{done.args[0]} was ended by signal {-done.returncode}: {last_complaint(done.stdout)}"
    return last_complaint(done.stdout)


def _flush(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
