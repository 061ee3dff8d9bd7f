"""Starts the server, waits until nobody uses it any more, stops it. A program of its own, not to be imported.

Whoever leaves in good order stops the server himself; this is for the day when all who used it were killed with -9.
It asks no list of users: it waits for the exclusive lock on a file of which every user holds a share, and the kernel
grants it when the last one is gone, however he went. Started with `python -I -S`, so only the standard library, and
little of it: about 8 MB of memory and no work until then.

Arguments: the clients' lock file, the descriptor of the server's own lock, the server's user and group (or "-" for
both), then the server's command. Standard error is the server's log.
"""

import fcntl
import os
import signal
import sys
import time
from types import FrameType

LOG_LIMIT_BYTES = 4_000_000
LOG_KEPT_BYTES = 500_000
LOG_CHECK_SECONDS = 30
REMIND_SECONDS = 1
LOG = 2


def keep(clients_lock: str, server_lock: int, user: str, group: str, command: list[str]) -> None:
    """Run the server until it ends by itself or nobody uses it; this process ends with it."""
    if os.fork():
        os._exit(0)  # the client collects this one; the keeper belongs to nobody
    # The one who started us may have held signals back.
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    clients = os.open(clients_lock, os.O_RDWR | os.O_CLOEXEC)
    if user != "-":
        os.setgroups([])
        os.setgid(int(group))
        os.setuid(int(user))
    _trim_log()
    signal.signal(signal.SIGCHLD, _end_with_server)
    server = _start(command)
    # Whoever ends the whole group means the clients: the server goes when they have gone.
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    # From here on the lock lives in the server's processes alone.
    os.close(server_lock)
    # The alarm keeps the log short, and wakes us should the server's end fall between two instructions.
    signal.signal(signal.SIGALRM, _on_alarm)
    signal.setitimer(signal.ITIMER_REAL, LOG_CHECK_SECONDS, LOG_CHECK_SECONDS)
    fcntl.flock(clients, fcntl.LOCK_EX)
    # Nobody is there, and nobody can come before this process ends and with it the lock.
    while True:
        os.kill(server, signal.SIGINT)
        time.sleep(REMIND_SECONDS)


def _start(command: list[str]) -> int:
    # Before the fork: what is ignored in a child's first moments is lost, and we may have to stop it at once.
    for reset in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(reset, signal.SIG_DFL)
    server = os.fork()
    if server == 0:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        try:
            # Away from the terminal's signals, with the lock's descriptor still open.
            os.setsid()
            os.execv(command[0], command)
        except OSError as error:
            os.write(LOG, f"FATAL:  {command[0]}: {error.strerror}\n".encode())
            os._exit(1)
    return server


def _end_with_server(number: int, frame: FrameType | None) -> None:
    try:
        ended = os.waitpid(-1, os.WNOHANG)[0] != 0
    except ChildProcessError:
        return  # not started yet
    if ended:
        os._exit(0)


def _on_alarm(number: int, frame: FrameType | None) -> None:
    _end_with_server(number, frame)
    _trim_log()


def _trim_log() -> None:
    """Keep the log's end. It is open for appending, so the server goes on at the new end.

    A line that the server writes between the two steps is lost, once in several megabytes.
    """
    try:
        size = os.fstat(LOG).st_size
        if size > LOG_LIMIT_BYTES:
            kept = os.pread(LOG, LOG_KEPT_BYTES, size - LOG_KEPT_BYTES)
            os.ftruncate(LOG, 0)
            os.write(LOG, kept)
    except OSError:
        return  # a full disk must not end the keeper


if __name__ == "__main__":
    keep(sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4], sys.argv[5:])
