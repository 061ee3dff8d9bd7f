"""A worker: a parent with three kinds of child process, so that no file ever slows the asking and no run a password reset."""

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass

import structlog
from django.conf import settings
from django.db import connection

from bulk_lookup import database
from bulk_lookup.models import Organization, Run
from bulk_lookup.models.scope import organization_scope
from bulk_lookup.queue import Queue

log = structlog.get_logger()

RESTART_AFTER = 1.0  # seconds, so that a child that dies at once does not eat the machine
IDLE_EVERY = 1.0  # seconds between two looks whether there is anything left to do
KILL_AFTER = 5.0  # seconds beyond the drain


@dataclass(slots=True)
class _Child:
    queue: Queue
    process: subprocess.Popen[bytes]
    started: float


class WorkerParent:
    """Runs until told to stop. On a leash (`leash=True`) it ends when there is nothing left to do after its starter is gone.

    The leash is standard input: whoever starts the worker keeps the other end, and even a killed starter lets go of it.
    """

    def __init__(self, queues: tuple[Queue, ...] = tuple(Queue), *, leash: bool = False) -> None:
        self._queues = queues
        self._leash = leash
        self._children: dict[Queue, _Child] = {}
        self._told = False
        self._alone = False
        self._idle_since: float | None = None

    def run(self) -> None:
        """Start the children, keep them alive, and stop them when told."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._tell)
        for queue in self._queues:
            self._start(queue)
        while not self._told and not (self._alone and self._nothing_left()):
            self._wait(0.2)
            for child in list(self._children.values()):
                if child.process.poll() is not None and not self._told:
                    self._restart(child)
        self._stop()

    def _tell(self, *_: object) -> None:
        self._told = True

    def _wait(self, seconds: float) -> None:
        """Sleep, and notice meanwhile that the leash was let go."""
        if not self._leash or self._alone:
            time.sleep(seconds)
            return
        try:
            ready, _, _ = select.select([sys.stdin.fileno()], [], [], seconds)
        except InterruptedError:
            return
        if ready and not os.read(sys.stdin.fileno(), 1024):
            log.info("The starter is gone; the work goes on", action="leash_let_go")
            self._alone = True

    def _start(self, queue: Queue) -> None:
        process = subprocess.Popen(
            [sys.executable, "-m", "bulk_lookup.cli", "worker", "--queue", queue.value, "--child"],
            stdin=subprocess.PIPE,
            env=_environment(),
        )
        self._children[queue] = _Child(queue, process, time.monotonic())

    def _restart(self, child: _Child) -> None:
        log.warning(
            "A child ended unasked", action="child_ended", queue=child.queue.value, code=child.process.returncode
        )
        if child.process.stdin:
            child.process.stdin.close()
        time.sleep(max(0.0, RESTART_AFTER - (time.monotonic() - child.started)))
        database.heal()
        self._start(child.queue)

    def _nothing_left(self) -> bool:
        now = time.monotonic()
        if self._idle_since is not None and now - self._idle_since < IDLE_EVERY:
            return False
        try:
            left = _work_left()
        except Exception:
            log.exception("It cannot be told whether work is left", action="work_left_unknown")
            connection.close()
            return False
        if left:
            self._idle_since = None
            time.sleep(IDLE_EVERY)
            return False
        if self._idle_since is None:  # looked at twice: a job may be between two rows
            self._idle_since = now
            return False
        return True

    def _stop(self) -> None:
        for child in self._children.values():
            if child.process.poll() is None:
                child.process.send_signal(signal.SIGTERM)
        until = time.monotonic() + settings.VALUES["BULK_LOOKUP_DRAIN"].value + KILL_AFTER
        for child in self._children.values():
            try:
                child.process.wait(max(0.1, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                log.error("A child did not drain in time", action="child_killed", queue=child.queue.value)
                child.process.kill()
                child.process.wait()


def _work_left() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("select exists (select from procrastinate_jobs where status in ('todo', 'doing'))")
        row = cursor.fetchone()
        if row and row[0]:
            return True
    for organization_id in Organization.objects.values_list("id", flat=True):
        with organization_scope(organization_id):
            if Run.objects.filter(state__in=[Run.State.PLANNING, Run.State.RUNNING]).exists():
                return True
    return False


def _environment() -> Mapping[str, str]:
    """The children read the same settings; they join an embedded server by themselves."""
    return dict(os.environ)
