"""Where the embedded server keeps what it has, and who may enter."""

import json
import os
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from bulk_lookup.lib.embedded_postgres.account import Account
from bulk_lookup.lib.embedded_postgres.error import EmbeddedPostgresError

VARIABLE = "BULK_LOOKUP_DATA_DIR"
ROOTS_DATA_DIR = Path("/var/lib/bulk-lookup")
# The smaller of the systems' limits on a socket's path (macOS 104 bytes, Linux 108, each with its end mark).
LONGEST_SOCKET_PATH = 103
PORT = 5432


def default_data_dir() -> Path:
    """The data directory: BULK_LOOKUP_DATA_DIR, else as root /var/lib/bulk-lookup, else the user's data folder."""
    if given := os.environ.get(VARIABLE):
        return Path(given).expanduser().absolute()
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        return ROOTS_DATA_DIR
    return platformdirs.user_data_path("bulk-lookup", appauthor=False)


@dataclass(frozen=True, slots=True)
class DataDirectory:
    """The files of one embedded server, all in `root`/postgres.

    As root everything but the cluster and the socket's folder belongs to root; the server's account may pass through
    the folders and changes nothing in them, so that root never follows a link laid by a server that was taken over.
    """

    root: Path

    @property
    def folder(self) -> Path:
        """All that the server has."""
        return self.root / "postgres"

    @property
    def cluster(self) -> Path:
        """PostgreSQL's own data directory."""
        return self.folder / "data"

    @property
    def clients_lock(self) -> Path:
        """Shared by every process that uses the server; held alone by the one that stops it."""
        return self.folder / "clients.lock"

    @property
    def start_lock(self) -> Path:
        """Held by the one process that starts or heals the server."""
        return self.folder / "start.lock"

    @property
    def leave_lock(self) -> Path:
        """Held while a process finds out whether it is the last one."""
        return self.folder / "leave.lock"

    @property
    def server_lock(self) -> Path:
        """Held by the server's own processes: what the kernel knows about their life, unlike a file with a pid."""
        return self.folder / "server.lock"

    @property
    def log(self) -> Path:
        """What the server says."""
        return self.folder / "server.log"

    @property
    def programs(self) -> Path:
        """Copies of the server's programs, as root."""
        return self.folder / "programs"

    def refuse_unspeakable(self) -> None:
        """Refuse a path that PostgreSQL's own programs, which call each other through a shell, would misread."""
        if set(str(self.root)) & set('"$`\\\n'):
            raise EmbeddedPostgresError(
                f"The data directory {str(self.root)!r} has a character in its path that PostgreSQL cannot cope with "
                f'(one of " $ ` \\ or a line break): choose another with {VARIABLE}.'
            )

    def make(self, account: Account) -> None:
        """Make the folders that are missing; one that exists stays as it is."""
        _make_with_parents(self.folder, account)

    def refuse_if_foreign(self) -> None:
        """Refuse what another user made: as root too, who would work in a folder that the other one can rearrange."""
        owner = self.folder.stat().st_uid
        if owner != os.geteuid():
            raise EmbeddedPostgresError(
                f"The database in {self.root} belongs to the user with id {owner}: run as that user, "
                f"or choose another data directory with {VARIABLE}."
            )

    def socket_folder(self) -> Path:
        """The folder of the server's socket; FileNotFoundError when that is elsewhere and not chosen yet."""
        own = self.folder / "socket"
        if _fits(own):
            return own
        chosen = json.loads(self._elsewhere.read_text())
        if chosen["for"] != str(self.folder):
            # A copy of a data directory: over there is the original's server.
            raise FileNotFoundError(self._elsewhere)
        return Path(chosen["folder"])

    def choose_socket_folder(self, account: Account) -> Path:
        """Make a private folder with a path short enough for a socket, where possible the one of the last start."""
        try:
            folder = self.socket_folder()
            # Clients hold its address: as long as nobody took its place, it is made again.
            if not os.path.lexists(folder):
                _move_into_place(_new_folder(folder.parent, account, for_server=True), folder)
            if _is_private(folder, account):
                return folder
            if folder.parent == self.folder:
                raise EmbeddedPostgresError(
                    f"The folder {folder} must belong to the one who runs the database and be closed to all others: "
                    f"remove it, and it is made anew."
                )
        except FileNotFoundError:
            pass
        folder = self._new_folder_elsewhere(account)
        write_atomically(self._elsewhere, json.dumps({"folder": str(folder), "for": str(self.folder)}), mode=0o600)
        return folder

    @property
    def _elsewhere(self) -> Path:
        return self.folder / "socket-folder.json"

    def _new_folder_elsewhere(self, account: Account) -> Path:
        for parent in (Path("/tmp"), Path(tempfile.gettempdir())):
            if parent.is_dir() and os.access(parent, os.W_OK):
                folder = _new_folder(parent, account, for_server=True, prefix="bulk-lookup-")
                if _fits(folder):
                    return folder
                folder.rmdir()
        raise OSError("its path cannot hold a socket, and /tmp, where that would go, cannot be written")


def write_atomically(path: Path, text: str, *, mode: int) -> None:
    """Write a file that is whole or absent, also when this process is killed half way."""
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    with os.fdopen(descriptor, "w", encoding="utf-8", errors="surrogateescape") as file:
        os.fchmod(descriptor, mode)
        file.write(text)
        file.flush()
        os.fsync(descriptor)
    Path(name).replace(path)


def _make_with_parents(path: Path, account: Account) -> None:
    if path.is_dir():
        return
    if path.parent != path:
        _make_with_parents(path.parent, account)
    _move_into_place(_new_folder(path.parent, account), path)


def _new_folder(
    parent: Path, account: Account, *, for_server: bool = False, prefix: str = ".bulk-lookup-making-"
) -> Path:
    """A folder of mode 0700, or as root one that the server's account may own or pass through."""
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
    if for_server:
        account.give(folder)
    elif account.is_other:
        os.chown(folder, -1, account.gid)
        folder.chmod(0o710)
    return folder


def _move_into_place(folder: Path, path: Path) -> None:
    """Give a folder its name when owner and mode are right: a kill in between leaves no closed folder behind."""
    try:
        folder.rename(path)
    except OSError:
        folder.rmdir()
        if not path.is_dir():
            raise


def _fits(folder: Path) -> bool:
    """Whether a socket can be here: its path is short enough, and not taken for a list of hosts."""
    return len(os.fsencode(folder / f".s.PGSQL.{PORT}")) <= LONGEST_SOCKET_PATH and "," not in str(folder)


def _is_private(folder: Path, account: Account) -> bool:
    found = folder.lstat()
    return stat.S_ISDIR(found.st_mode) and found.st_uid == account.uid and stat.S_IMODE(found.st_mode) == 0o700
