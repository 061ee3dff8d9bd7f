"""Keeping what comes through a pipe, so that it can be read from the start again."""

import errno
import os
import re
import tempfile
from pathlib import Path
from typing import BinaryIO, Final

from bulk_lookup.lib.tables.errors import TableError

_BLOCK: Final = 1024 * 1024
_PREFIX: Final = "standard-input-"
_SPOOLED: Final = re.compile(rf"{_PREFIX}[a-z0-9_]{{8}}")


def spool(stream: BinaryIO, directory: Path, *, limit: int | None = None) -> Path:
    """Copy a stream to a new file in `directory`, readable by this user only, and return its path.

    Raises TableError, and leaves no file, when the stream is longer than `limit` bytes or there is no room for it.
    The file is the caller's to delete.
    """
    handle, name = tempfile.mkstemp(prefix=_PREFIX, dir=directory)
    path = Path(name)
    copied = 0
    try:
        with os.fdopen(handle, "wb") as target:
            while block := stream.read(_BLOCK):
                copied += len(block)
                if limit is not None and copied > limit:
                    raise TableError(
                        f"Standard input is longer than {limit:,} bytes. Save it as a file and give the file's name."
                    )
                target.write(block)
    except BaseException as error:
        path.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise TableError(
                f"No space is left in {directory} for standard input, after {copied:,} bytes. Free some space."
            ) from None
        raise
    return path


def is_spooled(path: Path) -> bool:
    """Tell by its name whether a file was made by `spool`."""
    return _SPOOLED.fullmatch(path.name) is not None


def shown_name(path: Path) -> str:
    """Return a file's name for people: the one they gave it, or what it was before it was kept."""
    return "standard input" if is_spooled(path) else path.name or str(path)
