"""The benchmarks measure what they say and leave nothing behind. How fast anything is, no test asserts."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent

# What the table must hold, by the beginning of the work's name.
WORKS = [
    "persisted lookups/s",
    "allowance used",
    "unknown limit found",
    "import rows/s",
    "export rows/s",
    "pending tab",
    "failed tab",
    "completed, newest lookup first",
    "search by number prefix",
    "list page by row number",
    "fan-out of an answer",
    "answers of a number that may be reused",
    "counts of a list by status",
    "cost of growth",
    "two workers on one account",
]


@pytest.fixture(scope="module")
def quick() -> subprocess.CompletedProcess[str]:
    """A taste of every line, in a process as a user starts it, with settings of the user's that it must not heed."""
    return subprocess.run(
        [sys.executable, "-m", "bench", "--quick"],
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": "postgresql://nobody@nowhere.invalid/nothing", "TWILIO_ACCOUNT_SID": "AC1"},
        capture_output=True,
        text=True,
        timeout=300,
    )


@pytest.fixture(scope="module")
def table(quick: subprocess.CompletedProcess[str]) -> dict[str, list[str]]:
    """The printed table: its rows by their first cell."""
    rows = [line.strip("| ").split(" | ") for line in quick.stdout.splitlines() if line.startswith("| ")]
    return {row[0]: row for row in rows}


def test_every_line_is_measured(quick: subprocess.CompletedProcess[str]) -> None:
    assert quick.returncode == 0, quick.stdout + quick.stderr


@pytest.mark.parametrize("work", WORKS)
def test_a_line_has_a_figure_a_goal_and_a_verdict(table: dict[str, list[str]], work: str) -> None:
    (row,) = [row for name, row in table.items() if name.startswith(work)]
    _, ours, peers, limits, goal, met = row
    assert re.search(r"\d", ours)
    assert goal != "–"
    assert set(met.split("<br>")) <= {"yes", "**no**"}
    for beside in (peers, limits):
        assert beside == "–" or re.search(r": [\d,.]+ ?\S* .*ours is \d+\.\d\d ×", beside)


def test_lookups_stand_beside_the_sdk_a_queue_and_a_load_generator(table: dict[str, list[str]]) -> None:
    (row,) = [row for name, row in table.items() if name.startswith("persisted lookups/s")]
    assert "official SDK" in row[2]
    assert "one queue job per number" in row[2]
    assert "on the same simulator" in row[3]


def test_nothing_is_left_behind(quick: subprocess.CompletedProcess[str]) -> None:
    assert_gone(stage_of(quick.stderr))


@pytest.mark.parametrize("moment", ["in /tmp", "round 1"])
def test_ctrl_c_ends_all_that_was_started(moment: str) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "bench", "--quick", "--only", "unknown-limit"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stderr is not None
    said = ""
    while moment not in said:
        line = process.stderr.readline()
        assert line, said
        said += line
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert "Traceback" not in err
    assert_gone(stage_of(said))


def test_a_soak_says_what_it_saw() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bench.soak", "--only", "memory", "--rows", "500"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert re.search(r"ok +500 lookups, 0 failed", done.stdout), done.stdout + done.stderr
    for process in ("parent", "quick process", "files process", "lookups process"):
        assert re.search(rf"{process}: [\d.]+ MB after 50 lookups", done.stdout), done.stdout


def stage_of(said: str) -> Path:
    found = re.search(r"in (/tmp/bulk-lookup-bench-\S+)", said)
    assert found, said
    return Path(found[1])


def assert_gone(stage: Path) -> None:
    assert not stage.exists()
    places = Path("/proc").glob("[0-9]*/cwd") if Path("/proc/self/cwd").exists() else []
    assert not [place for place in places if str(stage) in place_of(place)]


def place_of(link: Path) -> str:
    try:
        return str(link.readlink())
    except OSError:  # it has ended, or is somebody else's
        return ""
