"""The three standard streams: whether somebody sits there and can be asked, and what was closed from the beginning."""

import os
import sys

_closed: set[int] = set()


def open_closed_streams() -> None:
    """Put /dev/null where a stream was closed (`<&-`, `>&-`): the next file opened would get its place, and its output.

    Call it before anything is opened; `is_closed` still knows.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            _closed.add(number)
            place = os.open(os.devnull, os.O_RDWR)  # the lowest number that is free: the stream's own
            setattr(sys, name, os.fdopen(place, "w" if number else "r", closefd=False))


def is_closed(number: int) -> bool:
    """Whether standard input (0), output (1) or error (2) was closed when the command began."""
    return number in _closed


def is_attended() -> bool:
    """Whether a question would be seen, and answered."""
    return sys.stdin.isatty() and sys.stderr.isatty()
