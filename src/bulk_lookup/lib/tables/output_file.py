"""A file that appears whole or not at all."""

import errno
import gzip
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Final

from bulk_lookup.lib.tables.errors import TableError

_BUFFER: Final = 1024 * 1024


class OutputFile:
    """Writes to a temporary file beside `target`, which takes its name at `commit`; a stream is written straight.

    An existing file is replaced only with `overwrite`, also if it came to be in between. Devices and pipes are
    written straight. With `packed` the bytes are gzipped. Raises TableError where the place cannot be written.
    """

    def __init__(self, target: Path | BinaryIO, *, overwrite: bool = False, packed: bool = False) -> None:
        self._target: Path | None = None
        self._temporary: Path | None = None
        self._overwrite = overwrite
        self.name = str(target if isinstance(target, Path) else getattr(target, "name", "the output"))
        with self.errors_said():
            self._file = self._opened(target) if isinstance(target, Path) else target
        self.stream: BinaryIO = self._file
        if packed:
            self.stream = gzip.GzipFile(fileobj=self._file, mode="wb", compresslevel=6, filename="", mtime=0)  # type: ignore[assignment]

    def write(self, data: bytes) -> None:
        """Write bytes."""
        with self.errors_said():
            self.stream.write(data)

    def commit(self) -> None:
        """Give the file its name; of a stream, send on what is buffered."""
        with self.errors_said():
            if self.stream is not self._file:
                self.stream.close()
            self._file.flush()
            if self._temporary is None or self._target is None:
                return
            os.fsync(self._file.fileno())
            self._file.close()
            if not self._overwrite:
                self._link(self._temporary, self._target)
            else:
                self._temporary.replace(self._target)

    def abort(self) -> None:
        """Leave nothing behind."""
        if self._temporary is not None:
            for stream in (self.stream, self._file):
                with suppress(OSError, ValueError):  # closing writes what is buffered, for which there may be no room
                    stream.close()
            self._temporary.unlink(missing_ok=True)

    @contextmanager
    def errors_said(self) -> Iterator[None]:
        """Say an error of the system in a sentence, but leave a broken pipe: its reader has gone, on purpose."""
        try:
            yield
        except BrokenPipeError:
            raise
        except OSError as error:
            if hasattr(self, "stream"):
                self.abort()
            raise TableError(_sentence(error, self.name)) from None

    def _opened(self, target: Path) -> BinaryIO:
        if target.is_dir():
            raise TableError(f"{target} is a directory. Give the name of a file.")
        if target.exists() and not target.is_file():
            return target.open("wb")
        if target.exists() and not self._overwrite:
            raise self._exists()
        self._target = target.resolve()  # a link stays, what it points to is replaced
        temporary = self._target.with_name(f".{self._target.name[:60]}.{secrets.token_hex(4)}.part")
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)  # less the umask
        self._temporary = temporary
        return os.fdopen(handle, "wb", buffering=_BUFFER)

    def _link(self, temporary: Path, target: Path) -> None:
        try:
            os.link(temporary, target)  # unlike a rename, refuses to replace
        except FileExistsError:
            temporary.unlink()
            raise self._exists() from None
        except OSError:  # a file system without links
            if target.exists():
                raise self._exists() from None
            temporary.replace(target)
        else:
            temporary.unlink()

    def _exists(self) -> TableError:
        return TableError(f"{self.name} exists already. Give another name, or allow that it is replaced.")


def _sentence(error: OSError, name: str) -> str:
    match error.errno:
        case errno.ENOENT | errno.ENOTDIR:
            return f"{name} cannot be written: its folder does not exist. Make the folder first."
        case errno.EACCES | errno.EPERM | errno.EROFS:
            return f"{name} may not be written by this user. Choose another folder."
        case errno.ENOSPC | errno.EDQUOT:
            return f"{name} cannot be written: no space is left. Free some, or choose another folder."
    return f"{name} cannot be written: {error.strerror or error}."
