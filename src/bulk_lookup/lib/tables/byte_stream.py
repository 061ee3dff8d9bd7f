"""The bytes of a file, unpacked when it is gzip, with a count for progress and a guard against bombs."""

import errno
import gzip
import stat
import zlib
from pathlib import Path
from typing import BinaryIO, Final

from bulk_lookup.lib.tables.errors import TableError
from bulk_lookup.lib.tables.spool import shown_name

GZIP_MAGIC: Final = b"\x1f\x8b"
GZIP_TRUSTED_BYTES: Final = 100 * 1024 * 1024
"""Unpacked bytes up to which no ratio is looked at."""
GZIP_RATIO_LIMIT: Final = 300
"""Unpacked : packed, beyond which a gzip file is called a bomb. Lists reach 5 to 40; the format's most is 1032."""


class ByteStream:
    """A file opened for reading from its start; gzip, told by its first bytes and not by its name, is unpacked.

    Raises TableError where the file is missing, a directory, a pipe, or may not be read.
    """

    def __init__(self, path: Path) -> None:
        self.name = shown_name(path)
        self._raw = _open(path)
        self.bytes_total = path.stat().st_size
        self.gzip = self._raw.read(2) == GZIP_MAGIC
        self._raw.seek(0)
        self._plain: BinaryIO = gzip.GzipFile(fileobj=self._raw) if self.gzip else self._raw  # type: ignore[assignment]
        self._unpacked = 0
        self._position = 0  # where it was when it was closed

    @property
    def bytes_read(self) -> int:
        """Bytes of the file itself that were read so far: packed ones where it is gzip."""
        return self._raw.tell() if not self._raw.closed else self._position

    def read(self, size: int) -> bytes:
        """Return up to `size` bytes, less only at the end; b"" at the end."""
        try:
            block = self._plain.read(size)
        except EOFError:
            raise TableError(
                f"{self.name} is a gzip file that ends too early: it was not copied whole. Copy it again."
            ) from None
        except (gzip.BadGzipFile, zlib.error):
            raise TableError(f"{self.name} is a damaged gzip file. Copy it again, or unpack it yourself.") from None
        except OSError as error:
            raise TableError(f"{self.name} cannot be read: {error.strerror or error}.") from None
        if self.gzip:
            self._unpacked += len(block)
            if self._unpacked > GZIP_TRUSTED_BYTES and self._unpacked > GZIP_RATIO_LIMIT * max(self._raw.tell(), 1):
                raise TableError(
                    f"{self.name} unpacks to more than {GZIP_RATIO_LIMIT} times its size, which no honest list does. "
                    "If it is one, unpack it and give the unpacked file."
                )
        return block

    def close(self) -> None:
        """Close the file."""
        self._position = self.bytes_read
        self._plain.close()
        self._raw.close()


def _open(path: Path) -> BinaryIO:
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise TableError(f"{path} is a directory. Give the file inside it.")
        if not stat.S_ISREG(mode):
            raise TableError(f"{path} is a pipe or a device, not a file. Pipe it to standard input instead.")
        return path.open("rb")
    except FileNotFoundError:
        raise TableError(f"{path} does not exist. Check the name and the folder.") from None
    except PermissionError:
        raise TableError(f"{path} may not be read by this user. Change its permissions, or copy it.") from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        if isinstance(error, OSError) and error.errno == errno.ENAMETOOLONG:
            raise TableError("The file's name is too long to be one. Check the command line.") from None
        raise TableError(f"{path} cannot be opened: {getattr(error, 'strerror', None) or error}.") from None
