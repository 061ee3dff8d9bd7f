"""Whether somebody sits at the terminal and can be asked; streams may be closed, which Python shows as None."""

import sys


def is_attended() -> bool:
    """Whether a question would be seen, and answered."""
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stderr))
