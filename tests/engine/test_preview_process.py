"""Files that have to be unpacked are looked at in a process of their own, with the same outcome."""

import gzip
import random
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from bulk_lookup.engine import sample_process
from bulk_lookup.engine.sample_process import sample_apart
from bulk_lookup.engine.take_sample import take_sample
from bulk_lookup.lib.tables.errors import TableError
from bulk_lookup.lib.tables.writers import open_writer

ROWS = 1_500


@pytest.fixture
def processes(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The processes that were started, while really all packed files are worth one."""
    started: list[Any] = []

    class Noted(subprocess.Popen[bytes]):
        def __init__(self, *given: Any, **named: Any) -> None:
            started.append(self)
            super().__init__(*given, **named)

    monkeypatch.setattr(sample_process, "WORTH_A_PROCESS_BYTES", 1)
    monkeypatch.setattr(subprocess, "Popen", Noted)
    return started


def workbook(tmp_path: Path) -> Path:
    path = tmp_path / "list.xlsx"
    with open_writer(path, kind="xlsx", header=["name", "phone"], sheet="Spring") as writer:
        writer.write([f"Ann {n}", f"(415) 555-{n:04d}"] for n in range(ROWS))
    return path


def test_a_workbook_is_looked_at_apart_and_comes_out_the_same(tmp_path: Path, processes: list[Any]) -> None:
    path = workbook(tmp_path)

    assert sample_apart(path, sheet="Spring", country="US") == take_sample(path, sheet="Spring", country="US")
    assert len(processes) == 1


def test_so_is_what_is_packed_with_gzip(tmp_path: Path, processes: list[Any]) -> None:
    path = tmp_path / "list.csv.gz"
    path.write_bytes(gzip.compress(b"phone\n(415) 555-2671\n"))

    assert sample_apart(path) == take_sample(path)
    assert len(processes) == 1


def test_plain_text_and_small_files_need_none(tmp_path: Path, processes: list[Any], monkeypatch: Any) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(b"phone\n(415) 555-2671\n")
    sample_apart(path)
    monkeypatch.setattr(sample_process, "WORTH_A_PROCESS_BYTES", 500_000)
    sample_apart(workbook(tmp_path))

    assert processes == []


def test_what_is_wrong_with_the_file_is_said_as_before(tmp_path: Path, processes: list[Any]) -> None:
    path = tmp_path / "list.xlsx"
    path.write_bytes(b"PK\x03\x04" + random.Random(1).randbytes(2_000))

    with pytest.raises(TableError) as here:
        take_sample(path)
    with pytest.raises(TableError) as apart:
        sample_apart(path)
    assert str(apart.value) == str(here.value)


def test_a_process_that_is_killed_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sample_process, "WORTH_A_PROCESS_BYTES", 1)
    monkeypatch.setattr(sample_process, "_CHILD", f"import os; os.kill(os.getpid(), {int(signal.SIGKILL)})")

    with pytest.raises(TableError, match=r"list\.xlsx is too much to be looked at here"):
        sample_apart(workbook(tmp_path))


def test_a_process_that_never_ends_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sample_process, "WORTH_A_PROCESS_BYTES", 1)
    monkeypatch.setattr(sample_process, "_LONGEST_SECONDS", 0.05)

    with pytest.raises(TableError, match=r"list\.xlsx takes too long"):
        sample_apart(workbook(tmp_path))


def test_a_file_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="does not exist"):
        sample_apart(tmp_path / "gone.xlsx")
