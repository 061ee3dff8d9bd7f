"""What the server said: read for the one line that a person needs."""

from pathlib import Path

TAIL_BYTES = 4000
# "… starting up", "… shutting down": what a client was told, not what is wrong.
ANSWER_TO_US = "FATAL:  the database system is"


class ServerLog:
    """The server's log file, from where it stands now: what earlier starts said is not repeated."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._start = self.size()

    def size(self) -> int:
        """Its length in bytes: whoever says something new is not stuck."""
        try:
            return self._path.stat().st_size
        except FileNotFoundError:
            return 0

    def complaint(self) -> str:
        """Why the server failed, and where the rest is."""
        return f"{last_complaint(self._read(self._start))} (more in {self._path})"

    def last_line(self) -> str:
        """The newest line."""
        lines = self._read(self.size() - TAIL_BYTES).strip().splitlines()
        return lines[-1].rstrip(".") if lines else "it has said nothing yet"

    def _read(self, start: int) -> str:
        try:
            with self._path.open("rb") as log:
                # The keeper may have shortened it meanwhile.
                log.seek(start if 0 <= start <= self.size() else 0)
                return log.read().decode(errors="replace")
        except FileNotFoundError:
            return ""


def last_complaint(log: str) -> str:
    """The line of a program's output that says why it failed, without its time stamp."""
    lines = [line.strip() for line in log.splitlines() if line.strip() and ANSWER_TO_US not in line]
    for mark in ("PANIC:", "FATAL:", "error:", "ERROR:"):
        for line in reversed(lines):
            if mark in line:
                return line[line.index(mark) + len(mark) :].strip().rstrip(".")
    return lines[-1] if lines else "it said nothing"
