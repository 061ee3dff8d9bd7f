"""Whether this process is to bring its imports to a stop: they end behind a batch, and a new job goes on from there."""

from threading import Event
from typing import Final

_told: Final = Event()  # the queue's worker runs imports in threads


def stop_imports() -> None:
    """Let the imports of this process end behind their present batch; there is no way back."""
    _told.set()


def told_to_stop() -> bool:
    """Whether they are to stop."""
    return _told.is_set()
