"""The command as its user has it: killed, interrupted, and its database killed under it."""

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from header_stripper import HeaderStripper
from simulator_control import Simulator

ROWS = 3000


@pytest.fixture
def folder() -> Iterator[Path]:
    """A data folder with a server of its own, reachable for the system user that runs it for root."""
    place = Path(tempfile.mkdtemp(prefix="bulk-lookup-command-", dir="/tmp"))
    place.chmod(0o711)
    yield place
    shutil.rmtree(place, ignore_errors=True)


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    path = tmp_path / "list.csv"
    path.write_text("name,phone\n" + "".join(f"P{n},+1415{4_000_000 + n}\n" for n in range(ROWS)))
    return path


class Command:
    """`bulk-lookup …` in a data folder of its own, against a simulator that the test can look into."""

    def __init__(self, folder: Path, provider: Simulator) -> None:
        self._environment = {
            name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "DJANGO_SETTINGS_MODULE")
        } | {
            "BULK_LOOKUP_DATA_DIR": str(folder / "data"),
            "BULK_LOOKUP_WAIT_UNKNOWN": "1",
            "BULK_LOOKUP_READ_TIMEOUT": "2",
            **provider.environment(),
        }
        self.started: list[subprocess.Popen[str]] = []

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "bulk_lookup.cli", *arguments],
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.started.append(process)
        return process

    def run(self, *arguments: str, seconds: float = 120) -> tuple[int, str, str]:
        process = self.start(*arguments)
        out, err = process.communicate(timeout=seconds)
        return process.returncode, out, err

    def summary(self, *arguments: str) -> dict[str, Any]:
        code, out, err = self.run(*arguments)
        assert code == 0, err
        return dict(json.loads(out))


@pytest.fixture
def command(folder: Path, simulator: Callable[..., Simulator]) -> Iterator[Callable[..., tuple[Command, Simulator]]]:
    made: list[Command] = []

    def make(**settings: str) -> tuple[Command, Simulator]:
        provider = simulator(**settings)
        made.append(Command(folder, provider))
        return made[-1], provider

    yield make
    for one in made:
        for process in one.started:
            if process.poll() is None:
                process.kill()
                process.wait()
            for pipe in (process.stdout, process.stderr):
                if pipe is not None:
                    pipe.close()
    _end_workers(folder)


def test_a_killed_command_leaves_a_worker_that_finishes_the_run_and_ends(
    command: Callable[..., tuple[Command, Simulator]], listed: Path, folder: Path
) -> None:
    one, provider = command(latency="50ms", max_in_flight="40", bill_invalid="on")
    process = one.start("lookup", str(listed), "--yes", "--region", "US")
    wait_for(lambda: len(provider.ledger()["numbers"]) > 200)
    process.kill()
    process.wait()

    wait_for(lambda: len(provider.ledger()["numbers"]) == ROWS)
    wait_for(lambda: not _processes(folder))
    assert not listed.with_name("list.looked-up.csv").exists()

    run_id = json.loads(one.run("runs", "--json")[1])[0]["id"]
    summary = one.summary("runs", "resume", str(run_id), "--json")
    assert (summary["state"], summary["bought"], summary["pending"]) == ("finished", ROWS, 0)
    assert {entry["billed"].get("line_type_intelligence") for entry in provider.ledger()["numbers"].values()} == {1}
    assert len(rows_of(listed.with_name("list.looked-up.csv"))) == ROWS


def test_ctrl_c_pauses_and_says_how_to_go_on(
    command: Callable[..., tuple[Command, Simulator]], listed: Path, folder: Path
) -> None:
    one, provider = command(latency="50ms", max_in_flight="40", bill_invalid="on")
    process = one.start("lookup", str(listed), "--yes", "--region", "US")
    wait_for(lambda: len(provider.ledger()["numbers"]) > 200)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)

    assert process.returncode == 130
    assert "runs resume 1" in err
    rows = rows_of(listed.with_name("list.looked-up.csv"))
    assert len(rows) == ROWS
    done = [row for row in rows if row["lookup_status"] == "completed"]
    assert 0 < len(done) < ROWS
    assert len(done) == len(provider.ledger()["numbers"])
    assert not _processes(folder)

    summary = one.summary("runs", "resume", "1", "--json")
    assert summary["bought"] == ROWS
    assert {entry["billed"].get("line_type_intelligence") for entry in provider.ledger()["numbers"].values()} == {1}


def test_a_database_killed_three_times_loses_nothing(
    command: Callable[..., tuple[Command, Simulator]], listed: Path, folder: Path
) -> None:
    one, provider = command(latency="50ms", max_in_flight="60", bill_invalid="on")
    process = one.start("lookup", str(listed), "--yes", "--region", "US", "--json")
    for threshold in (200, 900, 1800):
        wait_for(lambda: len(provider.ledger()["numbers"]) > threshold)  # noqa: B023 (called at once)
        os.kill(_postmaster(folder), signal.SIGKILL)
        time.sleep(1)
    out, err = process.communicate(timeout=180)

    assert process.returncode == 0, err
    summary = json.loads(out)
    assert (summary["state"], summary["bought"] + summary["failed"]) == ("finished", ROWS)
    ledger = provider.ledger()
    assert len(ledger["numbers"]) == ROWS
    twice = sum(entry["billed"]["line_type_intelligence"] > 1 for entry in ledger["numbers"].values())
    assert twice <= summary["unknown"]
    assert len(rows_of(listed.with_name("list.looked-up.csv"))) == ROWS


def test_a_simulated_run_and_a_real_one_in_one_folder_never_mix(
    command: Callable[..., tuple[Command, Simulator]], listed: Path, folder: Path
) -> None:
    one, provider = command()
    simulated = one.summary("lookup", str(listed), "--simulate", "--region", "US", "--json")
    assert (simulated["simulated"], simulated["bought"]) == (True, ROWS)

    with HeaderStripper(provider.url) as real:  # the simulator without the header by which it is known
        one._environment["BULK_LOOKUP_TWILIO_URL"] = real.url
        answered = one.summary("lookup", str(listed), "--yes", "--force", "--region", "US", "--json")
        assert (answered["simulated"], answered["bought"], answered["reused"]) == (False, ROWS, 0)
        again = one.summary("lookup", str(listed), "--yes", "--force", "--region", "US", "--json")
        assert (again["simulated"], again["bought"], again["reused"]) == (False, 0, ROWS)
    assert len(provider.ledger()["numbers"]) == ROWS


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def wait_for(true: Callable[[], bool], seconds: float = 90) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.1)


def _postmaster(folder: Path) -> int:
    """The process id of the folder's server, when it has one that lives."""
    found = 0

    def alive() -> bool:
        nonlocal found
        try:
            found = int((folder / "data/postgres/data/postmaster.pid").read_text().split()[0])
            os.kill(found, 0)
        except (OSError, ValueError, IndexError):
            return False
        return True

    wait_for(alive)
    return found


def _processes(folder: Path) -> list[int]:
    """Worker processes that use this data folder."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0")
            environment = (entry / "environ").read_bytes()
        except OSError:
            continue
        if b"worker" in words and f"BULK_LOOKUP_DATA_DIR={folder}/".encode() in environment:
            found.append(int(entry.name))
    return found


def _end_workers(folder: Path) -> None:
    for pid in _processes(folder):
        os.kill(pid, signal.SIGTERM)
    until = time.monotonic() + 15
    while _processes(folder) and time.monotonic() < until:
        time.sleep(0.1)
    for pid in _processes(folder):
        os.kill(pid, signal.SIGKILL)
