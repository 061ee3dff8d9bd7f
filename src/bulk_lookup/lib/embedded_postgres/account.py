"""The system account under which the server runs: PostgreSQL refuses to run as root."""

import os
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bulk_lookup.lib.embedded_postgres.error import EmbeddedPostgresError
from bulk_lookup.lib.embedded_postgres.system_user import find_system_user, make_system_user

SYSTEM_USER = "bulk-lookup"
# Whoever has no rights of its own: stands in for a system user that is not made yet.
NOBODY = 65534

# The tests of the shell are the kernel's own answer, access lists included; the mode bits alone are not.
_FIRST_CLOSED_FOLDER = 'for folder in "$@"; do test -x "$folder" || { printf %s "$folder"; exit; }; done'


@dataclass(frozen=True, slots=True)
class Account:
    """Who runs the server: this process's own user, or as root a plain system user."""

    uid: int
    gid: int

    @property
    def is_other(self) -> bool:
        """Whether the server runs as somebody else than this process."""
        return self.uid != os.geteuid()

    def run(
        self, command: Sequence[str | Path], text: str = "", *, holding: int | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a program as this account, `text` on its standard input, both outputs together in `stdout`.

        holding: a descriptor, of a lock for example, that the program keeps open for as long as it lives.
        """
        return subprocess.run(
            [str(part) for part in command],
            input=text,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            cwd="/",
            env=bare_environment(),
            start_new_session=True,
            pass_fds=() if holding is None else (holding,),
            check=False,
            user=self.uid if self.is_other else None,
            group=self.gid if self.is_other else None,
            extra_groups=[] if self.is_other else None,
        )

    def give(self, path: Path) -> None:
        """Make this account the owner of a file or folder of ours."""
        if self.is_other:
            os.chown(path, self.uid, self.gid)


def bare_environment() -> dict[str, str]:
    """The environment of the server's programs: none of the caller's secrets and no PG… variable reach them."""
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    return {"PATH": os.defpath, **kept, "LC_ALL": "C"}


def account_for(data_dir: Path, cluster: Path, say: Callable[[str], None]) -> Account:
    """The account that runs the server over `cluster`, made on the way where root needs one.

    A cluster that exists is run by its owner, whatever the list of users says today: in a new container the volume is
    old and the users are new.
    """
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid())
    if cluster.exists():
        owner = cluster.stat()
        account = Account(owner.st_uid, owner.st_gid)
        _refuse_out_of_reach(data_dir, account)
        return account
    entry = find_system_user(SYSTEM_USER)
    if entry is None:
        _refuse_out_of_reach(data_dir, Account(NOBODY, NOBODY))
        entry = make_system_user(SYSTEM_USER, say)
    account = Account(entry.pw_uid, entry.pw_gid)
    _refuse_out_of_reach(data_dir, account)
    return account


def _refuse_out_of_reach(data_dir: Path, account: Account) -> None:
    folders = [folder for folder in [*reversed(data_dir.parents), data_dir] if folder.is_dir()]
    closed = account.run(["/bin/sh", "-c", _FIRST_CLOSED_FOLDER, "sh", *folders]).stdout
    if closed:
        raise EmbeddedPostgresError(
            f"The data directory {data_dir} is out of reach for the system user {SYSTEM_USER}, which runs the database "
            f"for root: {closed} is closed to others: choose one under /var/lib with BULK_LOOKUP_DATA_DIR, "
            f"or do not run as root."
        )
