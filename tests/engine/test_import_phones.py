"""Phone cells are read the same here, in a process of its own, and when that process dies."""

import os
import signal
import subprocess
import sys
import time

import pytest

from bulk_lookup.engine.import_phones import PhoneReaders, read_cells

LARGE_FILE = 100_000_000
CELLS = [
    "415-555-2671",
    "n/a",
    "",
    "030 901820",
    "line\nbreak\t\\ 415-555-2672",
    "😀",
    "4155552671 / 4155552673",
    "x" * 100_000,
]
REGIONS = ["US", None, "DE", "DE", "US", None, "US", "US"]


def phone_processes() -> set[int]:
    told = subprocess.run(
        ["ps", "-A", "-ww", "-o", "pid=,ppid=,args="], capture_output=True, text=True, check=True
    ).stdout
    rows = [line.split(None, 2) for line in told.splitlines()]
    return {
        int(row[0])
        for row in rows
        if int(row[1]) == os.getpid() and row[2].endswith("bulk_lookup.engine.import_phones")
    }


def test_a_cell_is_told_as_copy_text() -> None:
    assert read_cells(["4155552671 / 4155552673", "4155552671.0", "n/a"], "US") == [
        "+14155552671\tUS\tfixed_line_or_mobile\t{}\t{+14155552673}\t",
        "+14155552671\tUS\tfixed_line_or_mobile\t{trailing_zero}\t{}\t",
        "\\N\t\t\t{}\t{}\tempty",
    ]


def test_each_cell_has_its_region_or_all_have_one() -> None:
    assert [line.split("\t")[0] for line in read_cells(["030 901820"] * 3, ["DE", None, "US"])] == [
        "+4930901820",
        "\\N",
        "\\N",
    ]
    assert read_cells(["030 901820"], "DE") == read_cells(["030 901820"], ["DE"])


@pytest.mark.parametrize("regions", ["US", None, REGIONS])
def test_a_process_reads_as_we_do_and_answers_in_order(regions: str | list[str | None] | None) -> None:
    with PhoneReaders(LARGE_FILE) as readers:
        answers = [
            readers.read(CELLS[:count], regions if isinstance(regions, str | None) else regions[:count])
            for count in range(len(CELLS) + 1)
        ]

        for count, answer in enumerate(answers):
            each = regions if isinstance(regions, str | None) else regions[:count]
            assert answer() == read_cells(CELLS[:count], each)


def test_a_small_file_needs_no_process() -> None:
    with PhoneReaders(1_000) as readers:
        assert phone_processes() == set()
        assert readers.read(CELLS, "US")() == read_cells(CELLS, "US")


def test_a_process_that_is_killed_is_not_missed() -> None:
    with PhoneReaders(LARGE_FILE) as readers:
        readers.read(CELLS, "US")()
        for pid in phone_processes():
            os.kill(pid, signal.SIGKILL)
        for _ in range(3):
            assert readers.read(CELLS, "US")() == read_cells(CELLS, "US")


def test_no_process_is_left_behind() -> None:
    with PhoneReaders(LARGE_FILE) as readers:
        for _ in range(200):  # for a moment a new process still goes by this one's name
            if phone_processes():
                break
        assert phone_processes()
        readers.read(["4155552671"] * 50_000, "US")  # not waited for

    assert phone_processes() == set()


def test_the_processes_end_with_whoever_started_them() -> None:
    code = (
        "import time; from bulk_lookup.engine.import_phones import PhoneReaders; "
        f"readers = PhoneReaders({LARGE_FILE}); readers.read(['4155552671'], 'US')(); "
        "print(' '.join(str(one._process.pid) for one in readers._processes), flush=True); time.sleep(60)"
    )
    starter = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert starter.stdout is not None
    started = [int(pid) for pid in starter.stdout.readline().split()]
    assert started

    starter.kill()
    starter.wait()
    starter.stdout.close()

    until = time.monotonic() + 10
    while any(map(_is_alive, started)):
        assert time.monotonic() < until
        time.sleep(0.02)


def _is_alive(pid: int) -> bool:
    told = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True).stdout
    return bool(told.strip()) and not told.startswith("Z")
