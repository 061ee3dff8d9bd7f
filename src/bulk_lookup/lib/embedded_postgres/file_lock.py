"""A lock on a file which the kernel frees when its holder ends, however it ends."""

import os
import sys
import weakref
from pathlib import Path
from types import TracebackType
from typing import Self

if sys.platform != "win32":
    import fcntl


class FileLock:
    """One flock on one file; `with lock:` holds it exclusively.

    The lock belongs to this process alone: the descriptor is closed in every program that is started (O_CLOEXEC) and in
    every forked child, since a flock is shared through fork and a child would hold it after its parent's death.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None
        _locks.add(self)

    @property
    def is_held(self) -> bool:
        """Whether this process has the file open, which is while it holds the lock or waits for it."""
        return self._descriptor is not None

    @property
    def descriptor(self) -> int:
        """The open file, to be given to a program that shall hold the lock too."""
        return self._open()

    def share(self) -> None:
        """Take the lock together with others; waits while somebody has it alone."""
        fcntl.flock(self._open(), fcntl.LOCK_SH)

    def take(self) -> None:
        """Take the lock alone; waits while anybody else has it."""
        fcntl.flock(self._open(), fcntl.LOCK_EX)

    def try_share(self) -> bool:
        """Take the lock together with others if that is possible at once. A lock held before is lost if it is not."""
        return self._try(fcntl.LOCK_SH)

    def try_take(self) -> bool:
        """Take the lock alone if that is possible at once. A lock held before is lost if it is not."""
        return self._try(fcntl.LOCK_EX)

    def release(self) -> None:
        """Let go. Closed and never unlocked: a program that was given the descriptor keeps the lock."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def __enter__(self) -> Self:
        self.take()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.release()

    def _open(self) -> int:
        if self._descriptor is None:
            flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
            self._descriptor = os.open(self._path, flags, 0o600)
        return self._descriptor

    def _try(self, operation: int) -> bool:
        try:
            fcntl.flock(self._open(), operation | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


_locks: weakref.WeakSet[FileLock] = weakref.WeakSet()


def _let_go_in_child() -> None:
    for lock in list(_locks):
        lock.release()


if sys.platform != "win32":
    os.register_at_fork(after_in_child=_let_go_in_child)
