"""`bulk-lookup up`: pages and worker start together and end together, however that comes about."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start(database_url: str, tmp_path: Path) -> Iterator[Start]:
    """`bulk-lookup up` on the test's database, at a port of its own, with these settings."""
    started: list[subprocess.Popen[str]] = []

    def begin(**given: str) -> "subprocess.Popen[str]":
        environment = os.environ | {
            "DATABASE_URL": database_url,
            "BULK_LOOKUP_DATA_DIR": str(tmp_path),
            "PORT": str(free_port()),
            "BULK_LOOKUP_DRAIN": "2",
        }
        started.append(
            subprocess.Popen(
                [sys.executable, "-u", "-m", "bulk_lookup.cli", "up"],
                env=environment | given,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
        )
        return started[-1]

    yield begin
    for process in started:
        if process.poll() is None:
            process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def until(process: "subprocess.Popen[str]", words: str) -> str:
    """Read its lines up to one with these words."""
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if words in line:
            return line
    pytest.fail("".join(lines))


def is_alive(pid: int) -> bool:
    try:
        return "zombie" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False
    except OSError:
        os.kill(pid, 0)
        return True


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_pages_and_ends_well(start: Start, number: signal.Signals) -> None:
    process = start()
    address = re.search(r"http://\S+", until(process, "Bulk Lookup is at"))
    assert address is not None
    with urllib.request.urlopen(f"{address.group()}/welcome", timeout=20) as page:
        assert "Set-up code" in page.read().decode()

    process.send_signal(number)
    assert process.wait(30) == 0


def test_where_one_cannot_start_the_other_ends_too(start: Start) -> None:
    process = start(BULK_LOOKUP_BIND="999.1.1.1")
    until(process, "The pages cannot be served at 999.1.1.1")

    assert process.wait(30) == 2


def test_a_killed_one_leaves_nobody_behind(start: Start) -> None:
    process = start()
    text = until(process, "started (pid=") + until(process, "started (pid=")
    children = [int(pid) for pid in re.findall(r"pid=(\d+)", text)]
    until(process, "Bulk Lookup is at")

    process.kill()
    deadline = time.monotonic() + 30
    while any(map(is_alive, children)):
        assert time.monotonic() < deadline, children
        time.sleep(0.1)
