"""A file appears whole or not at all, and none is lost under it."""

import os
import stat
from pathlib import Path

import pytest

from bulk_lookup.lib.tables.errors import TableError
from bulk_lookup.lib.tables.output_file import OutputFile


def test_the_file_has_its_name_only_when_it_is_whole(tmp_path: Path) -> None:
    output = OutputFile(tmp_path / "list.csv")
    output.write(b"abc")
    assert [path.name.startswith(".list.csv.") for path in tmp_path.iterdir()] == [True]
    output.commit()
    assert [path.name for path in tmp_path.iterdir()] == ["list.csv"]
    assert (tmp_path / "list.csv").read_bytes() == b"abc"


def test_its_mode_follows_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        OutputFile(tmp_path / "list.csv").commit()
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "list.csv").stat().st_mode) == 0o640


def test_an_existing_file_is_replaced_only_when_allowed(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("old")
    with pytest.raises(TableError, match="exists already"):
        OutputFile(path)
    output = OutputFile(path, overwrite=True)
    output.write(b"new")
    assert path.read_text() == "old"
    output.commit()
    assert path.read_text() == "new"


def test_a_file_that_came_to_be_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    output = OutputFile(tmp_path / "list.csv")
    (tmp_path / "list.csv").write_text("somebody else's")
    with pytest.raises(TableError, match="exists already"):
        output.commit()
    assert [path.read_text() for path in tmp_path.iterdir()] == ["somebody else's"]


def test_giving_up_leaves_the_old_file(tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("old")
    output = OutputFile(tmp_path / "list.csv", overwrite=True)
    output.write(b"new")
    output.abort()
    assert [path.read_text() for path in tmp_path.iterdir()] == ["old"]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real.csv").write_text("old")
    (tmp_path / "link.csv").symlink_to("real.csv")
    output = OutputFile(tmp_path / "link.csv", overwrite=True)
    output.write(b"new")
    output.commit()
    assert (tmp_path / "link.csv").is_symlink()
    assert (tmp_path / "real.csv").read_text() == "new"


def test_places_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for name, says in [
        (".", "is a directory"),
        ("no/list.csv", "folder does not exist"),
        ("file/x", "folder does not"),
    ]:
        with pytest.raises(TableError, match=says):
            OutputFile(tmp_path / name)
    with pytest.raises(TableError, match="cannot be written"):
        OutputFile(tmp_path / ("x" * 300))


def test_a_folder_of_somebody_else(tmp_path: Path) -> None:
    before = os.geteuid()
    tmp_path.chmod(0o555)
    if before == 0:  # whom no mode keeps out
        os.seteuid(65534)
    try:
        with pytest.raises(TableError, match="may not be written"):
            OutputFile(tmp_path / "list.csv")
    finally:
        os.seteuid(before)
        tmp_path.chmod(0o755)


def test_a_reader_that_went_away_is_told_apart(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    stream = os.fdopen(writing, "wb", buffering=0)
    with pytest.raises(BrokenPipeError):
        OutputFile(stream).write(b"abc")
    stream.close()
