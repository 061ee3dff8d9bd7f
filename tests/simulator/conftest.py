"""One simulator process for all tests of this folder; each test has an account, settings and a ledger of its own."""

import itertools
import subprocess
import sys
from collections.abc import Iterator

import pytest
from simulated_account import SimulatedAccount

_numbers = itertools.count(0x1000)


@pytest.fixture(scope="session")
def simulator_port() -> Iterator[int]:
    command = [sys.executable, "-m", "bulk_lookup.simulator", "--parent-pipe"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdin is not None
    yield int(process.stdout.readline().rpartition(":")[2])
    process.stdin.close()
    assert process.wait(10) == 0
    process.stdout.close()


@pytest.fixture
def account(simulator_port: int) -> SimulatedAccount:
    sid = f"AC{next(_numbers):032x}"
    return SimulatedAccount(port=simulator_port, sid=sid, user=sid)


@pytest.fixture
def other_account(simulator_port: int) -> SimulatedAccount:
    sid = f"AC{next(_numbers):032x}"
    return SimulatedAccount(port=simulator_port, sid=sid, user=sid)
