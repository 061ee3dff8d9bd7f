"""Bytes become the characters they stand for, and bytes that stand for none spoil one cell only."""

import codecs
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulk_lookup.lib.tables.encoding import clean, detect_encoding, has_marks
from bulk_lookup.lib.tables.errors import TableError
from bulk_lookup.lib.tables.source import open_table
from bulk_lookup.lib.tables.table_format import TableFormat

TEXT = "Name;Téléphone;Prix €\r\nZoë;+14155550100;“1”\r\nŽofie;+14155550101;…\r\n"


def read(path: Path, content: bytes, **options: Any) -> tuple[TableFormat, list[list[str]], list[str | None]]:
    path.write_bytes(content)
    with open_table(path, **options) as table:
        rows = list(table.rows())
        assert all("\x00" not in cell and not has_marks(cell) for row in rows for cell in row.cells)
        return table.format, [list(table.header or ()), *(row.cells for row in rows)], [row.problem for row in rows]


@pytest.mark.parametrize(
    ("encoding", "mark", "found"),
    [
        ("utf-8", b"", "utf-8"),
        ("utf-8", codecs.BOM_UTF8, "utf-8"),
        ("utf-16-le", codecs.BOM_UTF16_LE, "utf-16-le"),
        ("utf-16-be", codecs.BOM_UTF16_BE, "utf-16-be"),
        ("utf-16-le", b"", "utf-16-le"),
        ("utf-16-be", b"", "utf-16-be"),
        ("utf-32-le", codecs.BOM_UTF32_LE, "utf-32-le"),
        ("cp1252", b"", "cp1252"),
    ],
)
def test_every_encoding_of_spreadsheets_is_found_by_content(
    tmp_path: Path, encoding: str, mark: bytes, found: str
) -> None:
    form, rows, problems = read(tmp_path / "list.csv", mark + TEXT.encode(encoding))
    assert (form.encoding, form.bom, form.delimiter) == (found, bool(mark), ";")
    assert rows == [line.split(";") for line in TEXT.split("\r\n")[:-1]]
    assert problems == [None, None]


@pytest.mark.parametrize("letters", ["Телефон", "電話番号", "هاتف", "テスト😀"])
def test_other_scripts_in_utf16_without_a_mark(tmp_path: Path, letters: str) -> None:
    text = f"{letters},phone\n" + f"{letters},+14155550100\n" * 20
    assert read(tmp_path / "a", text.encode("utf-16-le"))[1][5] == [letters, "+14155550100"]


def test_a_given_encoding_decides(tmp_path: Path) -> None:
    text = "имя,phone\nЖук,+14155550100\n"
    assert read(tmp_path / "a", text.encode("cp1251"), encoding="windows-1251")[1][1][0] == "Жук"
    assert read(tmp_path / "a", text.encode("utf-16"), encoding="utf-16")[1][1][0] == "Жук"
    assert read(tmp_path / "a", codecs.BOM_UTF8 + text.encode(), encoding="utf-8-sig")[1][0][0] == "имя"
    assert read(tmp_path / "a", codecs.BOM_UTF8 + text.encode(), encoding="utf8")[1][0][0] == "имя"


@pytest.mark.parametrize("name", ["no-such", "hex", "zip", ""])
def test_an_unknown_encoding_is_said(tmp_path: Path, name: str) -> None:
    with pytest.raises(TableError, match="no encoding"):
        read(tmp_path / "a", b"a,b\n1,2\n", encoding=name)


def test_a_stray_windows_byte_late_in_a_long_utf8_file_is_read_and_its_row_named(tmp_path: Path) -> None:
    lines = [b"name,phone"] + [b"Zo\xc3\xab,%d" % number for number in range(100_000, 200_000)]
    lines[60_000] = b"Zo\xeb,1"
    _, rows, problems = read(tmp_path / "a", b"\n".join(lines) + b"\n")
    assert rows[60_000] == ["Zoë", "1"]
    assert {place: word for place, word in enumerate(problems, 1) if word} == {60_000: "undecodable"}
    assert len(rows) == 100_001


def test_ascii_for_a_megabyte_and_then_windows_1252(tmp_path: Path) -> None:
    content = b"name,phone\n" + b"Bob,+14155550100\n" * 100_000 + b"Zo\xeb,+14155550101\n"
    _, rows, problems = read(tmp_path / "a", content)
    assert (rows[-1], problems[-1]) == (["Zoë", "+14155550101"], "undecodable")
    assert not any(problems[:-1])


def test_nuls_within_a_cell_stay_visible_and_their_row_is_named(tmp_path: Path) -> None:
    _, rows, problems = read(tmp_path / "a", b"name,phone\nBo\x00b,+1415\x005550100\nEve,+14155550101\n" * 3)
    assert rows[1] == ["Bo\ufffdb", "+1415\ufffd5550100"]
    assert problems[:2] == ["nul", None]


def test_a_nul_is_named_before_anything_else_that_is_wrong_with_a_row(tmp_path: Path) -> None:
    _, rows, problems = read(
        tmp_path / "a", b"name,phone\nBob\x00\nEve,+14155550101\n\xff,4\x00\n" + b"\xc3\xa9,5\n" * 20
    )
    assert rows[1:4] == [["Bob", ""], ["Eve", "+14155550101"], ["ÿ", "4"]]
    assert problems[:3] == ["nul", None, "nul"]


def test_cells_padded_with_nuls(tmp_path: Path) -> None:
    _, rows, problems = read(tmp_path / "a", b"name,phone\n" + b"Bob\x00\x00\x00\x00,123\x00\x00\x00\n" * 50)
    assert rows[1:] == [["Bob", "123"]] * 50
    assert set(problems) == {"nul"}


def test_a_nul_in_the_header_is_no_exception(tmp_path: Path) -> None:
    assert read(tmp_path / "a", b"na\x00me,phone\x00\nBob,+14155550100\n")[1][0] == ["na\ufffdme", "phone"]


def test_a_cut_character_at_the_end_of_utf16(tmp_path: Path) -> None:
    content = codecs.BOM_UTF16_LE + "a,b\n1,2\n3,4".encode("utf-16-le")[:-1]
    _, rows, problems = read(tmp_path / "a", content)
    assert rows[-1] == ["3", "\ufffd"]
    assert problems == [None, "undecodable"]


@given(st.binary(max_size=400))
def test_any_bytes_are_decoded_without_error_and_cleaned(content: bytes) -> None:
    encoding, bom_length = detect_encoding(content, whole=True)
    text, _ = clean(content[bom_length:].decode(encoding, "bulk_lookup_mark"))
    assert "\x00" not in text
    text.encode()  # no lone surrogate is left


@given(st.text(max_size=60))
def test_cleaning_leaves_good_text_alone(text: str) -> None:
    if "\x00" not in text:
        assert clean(text) == (text, None)
