"""The processes a command starts beside itself: a worker, and for a simulated run the simulator.

Each holds the end of a pipe and so learns when its starter has gone, even by kill -9: the worker then finishes what there is to
do and ends; the simulator ends when the command and its worker have both gone.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

from bulk_lookup.cli.exits import UNEXPECTED, Stop, console

SILENCE = 2.0  # seconds of waiting after which it is said what for
LARGEST_LOG = 10_000_000  # bytes, before the worker's log is put aside


@dataclass(slots=True)
class Processes:
    """Started on demand, stopped with `stop`."""

    _worker: subprocess.Popen[bytes] | None = None
    _simulator: subprocess.Popen[bytes] | None = None
    _leashes: list[int] = field(default_factory=list)

    def start_simulator(self, options: Sequence[str] = ()) -> str:
        """Start a simulator; returns its base URL."""
        reading, writing = os.pipe()
        os.set_inheritable(writing, True)  # the worker shares it
        self._simulator = subprocess.Popen(
            [sys.executable, "-m", "bulk_lookup.simulator", "--parent-pipe", str(reading), *options],
            stdout=subprocess.PIPE,
            pass_fds=[reading],
            start_new_session=True,
        )
        os.close(reading)
        self._leashes.append(writing)
        assert self._simulator.stdout is not None
        line = self._simulator.stdout.readline().decode()
        if "http" not in line:
            raise Stop(UNEXPECTED, "The simulator did not start.")
        return line.split()[-1]

    def start_worker(self) -> None:
        """Start a worker in a session of its own, so that Ctrl-C reaches this command alone."""
        if self._worker is not None:
            return
        self._worker = subprocess.Popen(
            [sys.executable, "-m", "bulk_lookup.cli", "worker", "--leash"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=_log(),
            pass_fds=self._leashes,
            start_new_session=True,
        )

    def keep_worker(self) -> None:
        """Start the worker again if it has died."""
        if self._worker is not None and self._worker.poll() is not None:
            self._worker = None
            self.start_worker()

    def stop(self) -> None:
        """Stop both; the worker drains first. Ctrl-C leaves the worker to itself: it stores what comes back, and ends."""
        worker, simulator = self._worker, self._simulator
        try:
            if worker is not None and worker.poll() is None:
                worker.send_signal(signal.SIGTERM)
                self._wait_for(worker)
        except KeyboardInterrupt:
            simulator = None  # it ends after the worker, which may still wait for its answers
            console.print("The worker goes on by itself until what is in flight is stored, and ends then.")
            raise
        finally:
            for leash in self._leashes:
                os.close(leash)
            self._leashes.clear()
            if simulator is not None:
                simulator.terminate()
                simulator.wait()

    def _wait_for(self, worker: "subprocess.Popen[bytes]") -> None:
        try:
            worker.wait(SILENCE)
        except subprocess.TimeoutExpired:
            console.print("Waiting until the requests in flight have answered and are stored; Ctrl-C does not wait.")
            worker.wait()


def _log() -> BinaryIO:
    """Where the worker writes: the terminal belongs to the command, and outlives neither it nor its pipe."""
    from bulk_lookup.boot import data_dir

    path = data_dir() / "worker.log"
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size > LARGEST_LOG:
        path.replace(path.with_suffix(".log.old"))
    return path.open("ab")
