"""What is no table, or too much of one, is said in a sentence that names the file and what to do; never a traceback."""

import bz2
import gzip
import io
import lzma
import os
import struct
import zipfile
import zlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bulk_lookup.lib.tables import byte_stream
from bulk_lookup.lib.tables.errors import TableError
from bulk_lookup.lib.tables.source import open_table


def archive(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, content in parts.items():
            made.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return out.getvalue()


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
PNG = b"\x89PNG\r\n\x1a\n" + os.urandom(200)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf", "is empty"),
        (b"\xff\xfe", "is empty"),
        (b"\r\n \t \n\n", "is empty"),
        (b"\x00" * 50, "is empty"),
        (b",,,\n,,,\n", "has no rows"),
        (PNG, "PNG"),
        (b"%PDF-1.7\n" + bytes(range(256)), "PDF"),
        (b"\xff\xd8\xff\xe0" + os.urandom(50), "JPEG"),
        (OLE + b"Workbook", "Save it as XLSX"),
        (OLE + b"\x00" * 2_000_000 + "EncryptedPackage".encode("utf-16-le"), "password"),
        (OLE + b"\x00" * (1024 * 1024 - 520) + "EncryptedPackage".encode("utf-16-le"), "password"),  # across blocks
        (archive(mimetype=b"application/vnd.oasis.opendocument.spreadsheet"), "OpenDocument"),
        (archive(Index__Document_dot_iwa=b"x"), "Numbers"),
        (archive(xl__workbook_dot_bin=b"x"), "binary workbook"),
        (archive(word__document_dot_xml=b"x"), "Word"),
        (archive(list_dot_csv=b"a,b\n1,2\n"), "ZIP archive, not a table. .*list.csv"),
        (archive(), "empty ZIP"),
        (b"PK\x03\x04" + os.urandom(100), "damaged"),
        (archive(xl__workbook_dot_xml=b"<broken"), "damaged"),
        (archive(xl__workbook_dot_xml=b"x")[:-10], "damaged"),
        (bz2.compress(b"a,b\n1,2\n"), "bzip2"),
        (lzma.compress(b"a,b\n1,2\n"), "xz"),
        (gzip.compress(b""), "is empty"),
        (gzip.compress(PNG), "PNG"),
        (gzip.compress(b"a,b\n1,2\n" * 500)[:-20], "ends too early"),
        (b"\x1f\x8b" + os.urandom(100), "damaged gzip"),
        (gzip.compress(b"a,b\n1,2\n") + b"rubbish", "damaged gzip"),
        (b"<!DOCTYPE html><table><tr><td>1</td></tr></table>", "web page"),
        (b'<?xml version="1.0"?><Workbook/>', "XML"),
        (b"PAR1" + bytes(50), "Parquet"),
        (b"SQLite format 3\x00" + bytes(500), "SQLite"),
        (b'[{"phone": "+14155550100"}]', "JSON Lines"),
        (b'[\n  {"phone": "+14155550100"},\n  {"phone": "+14155550101"}\n]\n', "JSON Lines"),
        (b'{\n  "phone": "+14155550100"\n}\n', "JSON Lines"),
        (bytes(range(1, 32)) * 100, "binary"),
        (b"\x00\x01\x02\x03abc" * 100, "binary"),
    ],
)
def test_what_is_no_table_is_said(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "strange.csv"
    path.write_bytes(content)
    with pytest.raises(TableError, match=says) as raised, open_table(path) as table:
        list(table.batches())
    sentence = str(raised.value)
    assert "strange.csv" in sentence
    assert sentence.endswith(".") or "jq" in sentence
    assert "\n" not in sentence


def test_places_that_hold_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name, says in [
        ("missing.csv", "does not exist"),
        (".", "is a directory"),
        ("pipe", "pipe or a device"),
        ("no\0file", "cannot be opened"),
        ("x" * 300, "too long"),
        ("missing.csv/list.csv", "does not exist"),
    ]:
        with pytest.raises(TableError, match=says):
            open_table(tmp_path / name)
    (tmp_path / "file").write_text("a")
    with pytest.raises(TableError, match="cannot be opened"):
        open_table(tmp_path / "file" / "list.csv")


def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    path = tmp_path / "secret.csv"
    path.write_text("a,b\n1,2\n")
    path.chmod(0)
    before = os.geteuid()
    if before == 0:  # whom no mode keeps out
        os.seteuid(65534)
    try:
        with pytest.raises(TableError, match="may not be read"):
            open_table(path)
    finally:
        os.seteuid(before)


def test_a_gzip_bomb_is_refused_while_it_is_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(byte_stream, "GZIP_TRUSTED_BYTES", 3 * 1024 * 1024)
    path = tmp_path / "bomb.csv.gz"
    path.write_bytes(gzip.compress(b"a,b\n" + b"1,2\n" * 2_000_000))
    with pytest.raises(TableError, match="unpacks to more than 300 times its size"), open_table(path) as table:
        list(table.batches())


def test_an_honest_gzip_file_larger_than_is_trusted_unseen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(byte_stream, "GZIP_TRUSTED_BYTES", 1024)
    path = tmp_path / "list.csv.gz"
    path.write_bytes(gzip.compress("".join(f"{n},{n * 7919 % 10007}\n" for n in range(100_000)).encode()))
    with open_table(path) as table:
        assert sum(map(len, table.batches())) == 100_000


def test_rows_before_a_gzip_files_early_end_are_read(tmp_path: Path) -> None:
    path = tmp_path / "cut.csv.gz"
    content = "a,b\n" + "".join(f"{number},{zlib.crc32(b'%d' % number)}\n" for number in range(300_000))
    path.write_bytes(gzip.compress(content.encode())[:-1000])
    read = 0
    with pytest.raises(TableError, match=r"ends too early.*The last row .* is \d{6}\."), open_table(path) as table:
        for batch in table.batches():
            read += len(batch)
    assert read > 250_000


def test_a_zip_that_lies_about_its_size(tmp_path: Path) -> None:
    path = tmp_path / "lie.xlsx"
    content = archive(xl__workbook_dot_xml=b"<workbook/>" + b" " * 5000)
    real, lie = struct.pack("<I", 5011), struct.pack("<I", 11)
    path.write_bytes(content.replace(real, lie))
    with pytest.raises(TableError, match="damaged"):
        open_table(path)


def test_questions_that_do_not_fit_the_file(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("a,b\n1,2\n")
    with pytest.raises(TableError, match="has no sheets"):
        open_table(path, sheet="Tabelle1")
    for delimiter in ("", "ab", '"', "\n", "\x00"):
        with pytest.raises(TableError, match="cannot separate"):
            open_table(path, delimiter=delimiter)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.one_of(
        st.binary(max_size=300),
        st.lists(
            st.sampled_from([b'"', b",", b";", b"\n", b"\r", b"\x00", b"a", b"1", b"\xe9", b'{"a":1}', b"\xff\xfe"]),
            max_size=60,
        ).map(b"".join),
    )
)  # fmt: skip
def test_any_bytes_are_a_table_or_a_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "any"
    path.write_bytes(content)
    try:
        with open_table(path) as table:
            rows = list(table.rows())
            width = table.width
    except TableError:
        return
    assert all(len(row.cells) == width for row in rows)
    numbers = [row.number for row in rows]
    assert numbers == sorted(set(numbers))
    for row in rows:
        "".join(row.cells).encode()
        assert not any("\x00" in cell for cell in row.cells)
