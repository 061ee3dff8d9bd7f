"""Tables go out in every format, appear whole or not at all, and hold exactly the cells that went in."""

import csv
import datetime
import errno
import gzip
import io
import json
import os
import sys
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest

from bulk_lookup.lib.tables import xlsx_writer
from bulk_lookup.lib.tables.csv_writer import CsvWriter
from bulk_lookup.lib.tables.errors import TableError
from bulk_lookup.lib.tables.source import open_table
from bulk_lookup.lib.tables.writers import OUTPUT_KINDS, OutputKind, open_writer

HEADER = ["name", "phone", "note"]
ROWS = [
    ["Zoë", "+14155550100", "=1+1"],
    ["00042", "", 'say "hi", twice'],
    ["line\nbreak", "carriage\rreturn", " padded "],
    ["tab\there", "a;b|c", "_x0041_ <&> \x01"],
]


def write(path: Path, kind: OutputKind, rows: Sequence[Sequence[Any]], **options: Any) -> Path:
    with open_writer(path, kind=kind, header=options.pop("header", HEADER), **options) as writer:
        writer.write(rows)
    return path


@pytest.mark.parametrize("kind", ["csv", "tsv", "xlsx", "jsonl"])
def test_what_is_written_is_read_back(tmp_path: Path, kind: OutputKind) -> None:
    with open_table(write(tmp_path / "out", kind, ROWS)) as table:
        assert table.format.kind == kind
        assert table.header == tuple(HEADER)
        assert [row.cells for row in table.rows()] == ROWS


@pytest.mark.parametrize("kind", ["csv", "tsv", "xlsx"])
def test_without_header(tmp_path: Path, kind: OutputKind) -> None:
    rows = [["+14155550100", "x"], ["+14155550101", "y"]]
    with open_table(write(tmp_path / "out", kind, rows, header=None)) as table:
        assert table.header is None
        assert [row.cells for row in table.rows()] == rows


def test_csv_keeps_delimiter_line_ending_and_mark(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "csv", [["a;b", "1", None]], delimiter=";", line_ending="\r\n", bom=True)
    assert path.read_bytes() == b'\xef\xbb\xbfname;phone;note\r\n"a;b";1;\r\n'


@pytest.mark.parametrize("line_ending", ["\n", "\r\n", "\r"])
def test_csv_quotes_every_kind_of_line_break(tmp_path: Path, line_ending: str) -> None:
    rows = [["a\rb", "c\nd", "e\r\nf"], ["", "", ""]]
    path = write(tmp_path / "a.csv", "csv", rows, line_ending=line_ending)
    assert list(csv.reader(io.StringIO(path.read_bytes().decode(), newline=""))) == [HEADER, *rows]


def test_csv_takes_rows_that_are_formatted_already(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    with open_writer(path, kind="csv", header=["a", "b"]) as writer:
        assert isinstance(writer, CsvWriter)
        writer.write_raw(b"1,2\n")
        writer.write([["3", 4], [Decimal("0.0080"), None]])
        writer.write_raw(b"5,6\n")
    assert path.read_text() == "a,b\n1,2\n3,4\n0.0080,\n5,6\n"


@pytest.mark.parametrize("kind", ["csv", "tsv", "jsonl"])
def test_gzip_on_the_way_out(tmp_path: Path, kind: OutputKind) -> None:
    path = write(tmp_path / "a.gz", kind, ROWS, gzip=True)
    assert gzip.decompress(path.read_bytes())
    with open_table(path) as table:
        assert [row.cells for row in table.rows()] == ROWS


def test_json_lines_have_types_and_a_name_for_each_column(tmp_path: Path) -> None:
    header = ["a", "a", "", "a_2", "n"]
    rows: list[Any] = [["1", None, "x", "y", 2**70], ["é", Decimal("0.008"), "", "\ud800", 7]]
    lines = write(tmp_path / "a", "jsonl", rows, header=header).read_text().splitlines()
    assert json.loads(lines[0]) == {"a": "1", "a_3": None, "column_3": "x", "a_2": "y", "n": 2**70}
    assert json.loads(lines[1])["a_3"] == "0.008"


def test_xlsx_says_before_it_begins_that_the_rows_do_not_fit(tmp_path: Path) -> None:
    for rows in (1_048_576, 10_000_000):
        with pytest.raises(TableError, match="1,048,576 rows with the header"):
            open_writer(tmp_path / "a.xlsx", kind="xlsx", header=HEADER, rows=rows)
    open_writer(tmp_path / "a.xlsx", kind="xlsx", header=None, rows=1_048_576).abort()
    with pytest.raises(TableError, match="16,384 columns"):
        open_writer(tmp_path / "a.xlsx", kind="xlsx", header=["x"] * 16_385)
    assert list(tmp_path.iterdir()) == []


def test_xlsx_refuses_a_row_too_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx_writer, "MAX_ROWS", 3)
    with pytest.raises(TableError, match="holds 3 rows"):
        write(tmp_path / "a.xlsx", "xlsx", ROWS)
    assert list(tmp_path.iterdir()) == []


def test_xlsx_cuts_what_a_cell_cannot_hold_and_notes_it(tmp_path: Path) -> None:
    with open_writer(tmp_path / "a.xlsx", kind="xlsx", header=["a", "b"]) as writer:
        writer.write([["x" * 40_000, "y" * 32_767], ["😀" * 20_000, "1"]])
    assert writer.notes == ["2 cells were cut to 32,767 characters, which is all XLSX holds."]
    with open_table(tmp_path / "a.xlsx", header=True) as table:
        lengths = [[len(cell) for cell in row.cells] for row in table.rows()]
    assert lengths == [[32_767, 32_767], [16_383, 1]]


def test_xlsx_has_columns_beyond_z_and_a_lawful_sheet_name(tmp_path: Path) -> None:
    header = [f"c{number}" for number in range(800)]
    path = write(tmp_path / "a.xlsx", "xlsx", [header], header=header, sheet="a/b:c[d]*?<&>" + "x" * 40)
    with open_table(path) as table:
        assert table.header == tuple(header)
        assert table.format.sheet == "a_b_c_d___<&>" + "x" * 18


def test_xlsx_goes_to_a_pipe(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    with os.fdopen(writing, "wb") as stream, open_writer(stream, kind="xlsx", header=HEADER) as writer:
        writer.write(ROWS)
    with os.fdopen(reading, "rb") as made:
        (tmp_path / "a.xlsx").write_bytes(made.read())
    with open_table(tmp_path / "a.xlsx") as table:
        assert [row.cells for row in table.rows()] == ROWS


def test_parquet_columns_are_text_unless_said_otherwise(tmp_path: Path) -> None:
    header = ["id", "name", "name", "ok", "cost", "at", "ms"]
    types: dict[str, Any] = {"ok": "boolean", "cost": "decimal", "at": "timestamp", "ms": "integer"}
    rows: list[Any] = [
        ["00042", "a", None, "yes", "0.008", "2026-11-23T10:00:00+01:00", "250"],
        ["", 7, "b", "", None, "2026-11-23 10:00:00", 3],
        ["x", "y", "z", "false", Decimal(2), "", ""],
    ]
    made = pyarrow.parquet.read_table(write(tmp_path / "a.parquet", "parquet", rows, header=header, types=types))
    assert made.column_names == ["id", "name", "name_2", "ok", "cost", "at", "ms"]
    assert made["id"].to_pylist() == ["00042", "", "x"]
    assert made["name"].to_pylist() == ["a", "7", "y"]
    assert made["name_2"].to_pylist() == [None, "b", "z"]
    assert made["ok"].to_pylist() == [True, None, False]
    assert made["cost"].to_pylist() == [Decimal("0.008000"), None, Decimal("2.000000")]
    ten = datetime.datetime(2026, 11, 23, 10, tzinfo=datetime.UTC)
    assert made["at"].to_pylist() == [ten - datetime.timedelta(hours=1), ten, None]
    assert made["ms"].to_pylist() == [250, 3, None]


def test_parquet_over_several_row_groups_and_without_rows(tmp_path: Path) -> None:
    rows = [[str(number)] for number in range(120_000)]
    made = pyarrow.parquet.ParquetFile(write(tmp_path / "a", "parquet", rows, header=["n"]))
    assert (made.metadata.num_rows, made.num_row_groups) == (120_000, 3)
    assert pyarrow.parquet.read_table(write(tmp_path / "b", "parquet", [], header=["n"])).num_rows == 0


def test_parquet_says_which_value_has_not_its_columns_type(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="Column cost holds 'much', which is no decimal"):
        write(tmp_path / "a", "parquet", [["much"]], header=["cost"], types={"cost": "decimal"})
    assert list(tmp_path.iterdir()) == []


def test_parquet_without_its_package_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(TableError, match=r"pip install 'bulk-lookup\[parquet\]'"):
        open_writer(tmp_path / "a.parquet", kind="parquet", header=["n"])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", ["jsonl", "parquet"])
def test_formats_that_need_a_header(tmp_path: Path, kind: OutputKind) -> None:
    with pytest.raises(ValueError, match="needs a header"):
        open_writer(tmp_path / "a", kind=kind, header=None)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", OUTPUT_KINDS)
def test_nothing_is_left_when_writing_is_given_up(tmp_path: Path, kind: OutputKind) -> None:
    with pytest.raises(RuntimeError), open_writer(tmp_path / "a", kind=kind, header=HEADER) as writer:
        writer.write(ROWS)
        assert not (tmp_path / "a").exists()
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []


class FullDisk(io.RawIOBase):
    """Takes a megabyte."""

    name = "out.file"
    room = 1_000_000

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        if len(data) > self.room:
            raise OSError(errno.ENOSPC, "No space left on device")
        self.room -= len(data)
        return len(data)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("kind", OUTPUT_KINDS)
def test_a_full_disk_is_said(kind: OutputKind) -> None:
    stream: Any = FullDisk()
    with (
        pytest.raises(TableError, match=r"out\.file cannot be written: no space is left"),
        open_writer(stream, kind=kind, header=["a"]) as writer,
    ):
        for _ in range(60):
            writer.write([[os.urandom(50).hex()] for _ in range(1000)])


def test_truth_values_stand_in_a_sheet_as_a_spreadsheet_shows_them(tmp_path: Path) -> None:
    with open_table(write(tmp_path / "a.xlsx", "xlsx", [["Bob", True, False]])) as table:
        assert table.sample() == [["Bob", "TRUE", "FALSE"]]
