"""The system account under which the server runs: PostgreSQL refuses to run as root."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bulk_lookup.lib.embedded_postgres.error import EmbeddedPostgresError

if sys.platform != "win32":
    import pwd

SYSTEM_USER = "bulk-lookup"
# useradd locks the system's list of users and gives up at once when another process holds that lock.
USERADD_TRIES = 20
USERADD_PAUSE_SECONDS = 0.25
# "Cannot update": of the users, of the groups; and "in use already", for the moment in which it becomes visible.
USERADD_BUSY = (1, 10, 9)
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
    entry = _find(SYSTEM_USER)
    if entry is None:
        _refuse_out_of_reach(data_dir, Account(NOBODY, NOBODY))
        entry = make_system_user(SYSTEM_USER, say)
    account = Account(entry.pw_uid, entry.pw_gid)
    _refuse_out_of_reach(data_dir, account)
    return account


def make_system_user(name: str, say: Callable[[str], None], *, path: str | None = None) -> "pwd.struct_passwd":
    """Make a user without a home or a password, and say so.

    path: where to look for useradd, by default the usual places.
    """
    useradd = shutil.which("useradd", path=path or f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin")
    if useradd is None:
        raise EmbeddedPostgresError(
            f"PostgreSQL does not run as root and there is no useradd here to make a system user for it: "
            f"make a user named {name}, or run as an ordinary user, or set DATABASE_URL."
        )
    say(f"PostgreSQL does not run as root: making the system user {name} for it.")
    shell = next((shell for shell in ("/usr/sbin/nologin", "/sbin/nologin") if Path(shell).exists()), "/bin/false")
    command = [useradd, "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent", "--shell", shell]
    for _ in range(USERADD_TRIES):
        done = subprocess.run([*command, name], capture_output=True, text=True, errors="replace", check=False)
        # Asked rather than believed: another process may have made the user at the same instant.
        if entry := _find(name):
            return entry
        if done.returncode not in USERADD_BUSY:
            break
        time.sleep(USERADD_PAUSE_SECONDS)
    last_line = (done.stderr.strip().splitlines() or ["it gave no reason"])[-1]
    raise EmbeddedPostgresError(
        f"The system user {name} for the database could not be made ({last_line}): "
        f"make it by hand, or run as an ordinary user, or set DATABASE_URL."
    )


def _refuse_out_of_reach(data_dir: Path, account: Account) -> None:
    folders = [folder for folder in [*reversed(data_dir.parents), data_dir] if folder.is_dir()]
    closed = account.run(["/bin/sh", "-c", _FIRST_CLOSED_FOLDER, "sh", *folders]).stdout
    if closed:
        raise EmbeddedPostgresError(
            f"The data directory {data_dir} is out of reach for the system user {SYSTEM_USER}, which runs the database "
            f"for root: {closed} is closed to others: choose one under /var/lib with BULK_LOOKUP_DATA_DIR, "
            f"or do not run as root."
        )


def _find(name: str) -> "pwd.struct_passwd | None":
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None
