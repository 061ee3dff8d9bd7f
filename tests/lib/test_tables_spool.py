"""What comes through a pipe is kept whole or not at all."""

import errno
import io
import stat
from pathlib import Path

import pytest

from bulk_lookup.lib.tables.errors import TableError
from bulk_lookup.lib.tables.source import open_table
from bulk_lookup.lib.tables.spool import is_spooled, shown_name, spool


def test_a_stream_is_kept_readable_by_its_owner_only(tmp_path: Path) -> None:
    content = b"a,b\n" * 1_000_000
    path = spool(io.BytesIO(content), tmp_path)
    assert path.parent == tmp_path
    assert path.read_bytes() == content
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_two_streams_are_two_files(tmp_path: Path) -> None:
    assert spool(io.BytesIO(b"1"), tmp_path) != spool(io.BytesIO(b"1"), tmp_path)


def test_a_stream_longer_than_the_limit_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="longer than 10 bytes"):
        spool(io.BytesIO(b"x" * 11), tmp_path, limit=10)
    assert list(tmp_path.iterdir()) == []
    assert spool(io.BytesIO(b"x" * 10), tmp_path, limit=10).stat().st_size == 10


@pytest.mark.parametrize(("number", "error"), [(errno.ENOSPC, TableError), (errno.EIO, OSError)])
def test_a_failing_stream_leaves_nothing(tmp_path: Path, number: int, error: type[Exception]) -> None:
    class Failing(io.RawIOBase):
        def read(self, size: int = -1) -> bytes:
            raise OSError(number, "trouble")

    with pytest.raises(error):
        spool(Failing(), tmp_path)  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"\n,\n", b"\x89PNG", b'{"a": 1}\n' + b"\x1f" * 90])
def test_what_is_wrong_with_it_is_said_of_standard_input(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(TableError) as raised, open_table(spool(io.BytesIO(content), tmp_path)) as table:
        raise TableError(f"standard input is fine: {table.header}")
    assert str(raised.value).startswith("standard input ")
    assert "standard-input" not in str(raised.value)


def test_a_persons_own_file_is_called_by_its_name() -> None:
    for name in ("standard-input.csv", "standard-input-2026.csv", "list.csv"):
        assert not is_spooled(Path(name))
        assert shown_name(Path("folder") / name) == name
