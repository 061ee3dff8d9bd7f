"""Processes of ours that start together and end together, each line that they write with the name of its writer."""

import multiprocessing
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from honcho import manager as honcho_manager
from honcho.printer import Printer
from honcho.process import Process

KILL_AFTER = 10  # seconds beyond a worker's own drain
HAND_OVER = 5  # seconds for the last lines of a process that has ended


def run_together(commands: Sequence[str], *, drain: float) -> int:
    """Run these commands of ours until told to stop, or until one of them ends; returns the process manager's code.

    `drain`: seconds that a worker may need to end.
    """
    multiprocessing.set_start_method("fork", force=True)  # what is started holds a pipe of this process
    honcho_manager.KILL_WAIT = drain + KILL_AFTER  # its own 5 s would cut off requests that are paid for
    with _leash() as (held, given):
        together = _Together(held, given)
        for name in commands:
            together.add_process(name, [sys.executable, "-u", "-m", "bulk_lookup.cli", name, "--leash"])
        together.loop()
    return int(together.returncode or 0)


@contextmanager
def _leash() -> Iterator[tuple[int, int]]:
    """A pipe of which this process alone keeps the writing end: even a killed one lets go of it."""
    reading, writing = os.pipe()
    try:
        yield writing, reading
    finally:
        os.close(writing)
        os.close(reading)


class _Together(honcho_manager.Manager):  # type: ignore[misc]
    """Processes on one leash, whose lines are printed with their names."""

    def __init__(self, held: int, given: int) -> None:
        super().__init__(Printer(sys.stdout))
        self._process_ctor = lambda command, **options: _OnLeash(command, held=held, given=given, **options)


class _OnLeash(Process):  # type: ignore[misc]
    """One process, its standard input the leash; it runs in a session of its own, so that Ctrl-C reaches `up` alone."""

    def __init__(self, command: list[str], *, held: int, given: int, **options: Any) -> None:
        super().__init__(command, **options)
        self._held = held
        self._given = given
        self._child_ctor = self._start

    def run(self, events: Any = None, ignore_signals: bool = False) -> None:
        os.close(self._held)  # inherited by the fork in which this runs
        super().run(events, ignore_signals)
        _hand_over(events)

    def _start(self, command: list[str], **options: Any) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            command,
            stdin=self._given,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            **options,
        )


def _hand_over(events: Any) -> None:
    """Let the last lines and the word of the end reach the manager; where nobody reads any more, do not wait for it."""
    events.close()
    handing = threading.Thread(target=events.join_thread, daemon=True)
    handing.start()
    handing.join(HAND_OVER)
    events.cancel_join_thread()
