"""The system user that runs the server for root, and how it is made."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path

from bulk_lookup.lib.embedded_postgres.error import EmbeddedPostgresError
from bulk_lookup.lib.embedded_postgres.file_lock import FileLock

if sys.platform != "win32":
    import pwd

# Root's own, stable, and there for this purpose; the tools that edit the list of users lock it in another way.
# Three useradd at once for one name were seen to report two different users, so we do not leave it to them alone.
LIST_LOCK = Path("/etc/.pwd.lock")
# useradd gives up at once when some other tool is editing the list.
USERADD_TRIES = 20
USERADD_PAUSE_SECONDS = 0.25
# "Cannot update" the users, or the groups.
USERADD_BUSY = (1, 10)


def find_system_user(name: str) -> "pwd.struct_passwd | None":
    """The user of that name, if there is one."""
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


def make_system_user(name: str, say: Callable[[str], None], *, path: str | None = None) -> "pwd.struct_passwd":
    """Make a user without a home or a password, and say so; if another process was quicker, take what that one made.

    path: where to look for useradd, by default the usual places.
    """
    useradd = shutil.which("useradd", path=path or f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin")
    if useradd is None:
        raise EmbeddedPostgresError(
            f"PostgreSQL does not run as root and there is no useradd here to make a system user for it: "
            f"make a user named {name}, or run as an ordinary user, or set DATABASE_URL."
        )
    with ExitStack() as held:
        with suppress(OSError):  # who may not lock the list may not change it either, and useradd says so
            held.enter_context(FileLock(LIST_LOCK))
        if entry := find_system_user(name):
            return entry
        say(f"PostgreSQL does not run as root: making the system user {name} for it.")
        complaint = _add(useradd, name)
        if entry := find_system_user(name):
            return entry
    raise EmbeddedPostgresError(
        f"The system user {name} for the database could not be made ({complaint}): "
        f"make it by hand, or run as an ordinary user, or set DATABASE_URL."
    )


def _add(useradd: str, name: str) -> str:
    """Call useradd until it is not busy; the last line of what it says."""
    shell = next((shell for shell in ("/usr/sbin/nologin", "/sbin/nologin") if Path(shell).exists()), "/bin/false")
    command = [useradd, "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent", "--shell", shell]
    for _ in range(USERADD_TRIES):
        done = subprocess.run([*command, name], capture_output=True, text=True, errors="replace", check=False)
        if done.returncode not in USERADD_BUSY:
            break
        time.sleep(USERADD_PAUSE_SECONDS)
    return (done.stderr.strip().splitlines() or ["it gave no reason"])[-1]
