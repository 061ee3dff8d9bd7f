"""A sheet's cells come in as the spreadsheet shows them; one too large for memory is refused before it is loaded."""

import datetime
import gzip
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from bulk_lookup.lib.tables import xlsx_package
from bulk_lookup.lib.tables.errors import TableError
from bulk_lookup.lib.tables.source import open_table

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"


def workbook(path: Path, fill: Callable[[Any, Any], None], *more_sheets: str) -> Path:
    book = xlsxwriter.Workbook(path)
    fill(book, book.add_worksheet("List"))
    for name in more_sheets:
        book.add_worksheet(name)
    book.close()
    return path


def by_hand(path: Path, rows: str, *, prolog: str = "", strings: str = "", encoding: str = "utf-8") -> Path:
    """Write a workbook whose sheet has these rows, as XML."""
    sheet = f'{prolog}<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'
    relation = '<Relationship Id="rId1" Type="{}/{}" Target="{}"/>'
    relations = f'<Relationships xmlns="{PACKAGE}/relationships">{{}}</Relationships>'
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("[Content_Types].xml", f'<Types xmlns="{PACKAGE}/content-types"/>')
        made.writestr("_rels/.rels", relations.format(relation.format(OFFICE, "officeDocument", "xl/workbook.xml")))
        made.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>'
            '<sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>',
        )
        target = relation.format(OFFICE, "worksheet", "worksheets/sheet1.xml")
        made.writestr("xl/_rels/workbook.xml.rels", relations.format(target))
        made.writestr("xl/worksheets/sheet1.xml", sheet.encode(encoding))
        if strings:
            made.writestr("xl/sharedStrings.xml", f'<sst xmlns="{MAIN}">{strings}</sst>')
    return path


def cells(path: Path, **options: Any) -> list[list[str]]:
    with open_table(path, **options) as table:
        return [row.cells for row in table.rows()]


@pytest.mark.parametrize(
    ("value", "number_format", "shown"),
    [
        ("00042", None, "00042"),
        ("+14155550100", None, "+14155550100"),
        (" padded ", None, " padded "),
        ("two\nlines", None, "two\nlines"),
        ("a_x0041_b & <c>", None, "a_x0041_b & <c>"),
        (7, None, "7"),
        (7.0, None, "7"),
        (-3, None, "-3"),
        (14155550100, None, "14155550100"),
        (441234567890123, None, "441234567890123"),
        (1e22, None, "10000000000000000000000"),
        (0.1 + 0.2, None, "0.3"),
        (1234.5, "#,##0.00", "1234.5"),
        (0.00000012, None, "0.00000012"),
        (True, None, "TRUE"),
        (False, None, "FALSE"),
        (datetime.date(2024, 1, 5), "dd.mm.yyyy", "2024-01-05"),
        (datetime.datetime(2024, 1, 5, 13, 45), "yyyy-mm-dd hh:mm", "2024-01-05 13:45:00"),
        (datetime.datetime(2024, 1, 5), "yyyy-mm-dd hh:mm", "2024-01-05"),
        (datetime.time(13, 45, 7), "hh:mm:ss", "13:45:07"),
        (1.5, "[h]:mm", "36:00:00"),
        (42, "00000", "00042"),
        (612345678, '0#" "##" "##" "##" "##', "06 12 34 56 78"),
        (4155550100, r"[<=9999999]###\-####;\(###\)\ ###\-####", "(415) 555-0100"),
        (5550100, r"[<=9999999]###\-####;\(###\)\ ###\-####", "555-0100"),
        (14155550100, "+0", "+14155550100"),
    ],
)
def test_cells_keep_their_look(tmp_path: Path, value: Any, number_format: str | None, shown: str) -> None:
    def fill(book: Any, sheet: Any) -> None:
        style = book.add_format({"num_format": number_format}) if number_format else None
        sheet.write_row(0, 0, ["name", "value"])
        sheet.write_string(1, 0, "Bob")
        sheet.write(1, 1, value, style)

    assert cells(workbook(tmp_path / "a.xlsx", fill)) == [["Bob", shown]]


def test_an_empty_cell_with_a_format_does_not_take_its_neighbours_value(tmp_path: Path) -> None:
    def fill(book: Any, sheet: Any) -> None:
        digits = book.add_format({"num_format": "00000"})
        sheet.write_row(0, 0, ["name", "empty", "code"])
        sheet.write_string(1, 0, "Bob")
        sheet.write_blank(1, 1, None, digits)
        sheet.write_number(1, 2, 42, digits)

    assert cells(workbook(tmp_path / "a.xlsx", fill)) == [["Bob", "", "00042"]]


def test_formulas_errors_and_merged_cells(tmp_path: Path) -> None:
    def fill(book: Any, sheet: Any) -> None:
        sheet.write_row(0, 0, ["formula", "text", "error", "merged", "over"])
        sheet.write_formula(1, 0, "=1+1", None, 2)
        sheet.write_formula(1, 1, '="a"&"b"', None, "ab")
        sheet.write_formula(1, 2, "=NA()", None, "#N/A")
        sheet.merge_range("D2:E3", "both")
        sheet.write_formula(2, 2, "=1/0", None, "#DIV/0!")

    assert cells(workbook(tmp_path / "a.xlsx", fill)) == [["2", "ab", "#N/A", "both", ""], ["", "", "#DIV/0!", "", ""]]


def test_titles_are_skipped_and_rows_have_the_spreadsheets_numbers(tmp_path: Path) -> None:
    def fill(book: Any, sheet: Any) -> None:
        sheet.write(1, 0, "Customers of 2024")
        sheet.write_row(3, 0, ["name", "phone", "city"])
        sheet.write_row(4, 0, ["Bob", "+14155550100", "Rome"])
        sheet.write_row(6, 0, ["Eve", "+14155550101", "Oslo"])
        sheet.write_blank(30, 2, None, book.add_format({"bold": True}))

    with open_table(workbook(tmp_path / "a.xlsx", fill)) as table:
        assert (table.format.skipped, table.header) == (3, ("name", "phone", "city"))
        assert [(row.number, row.cells[0]) for row in table.rows()] == [(5, "Bob"), (6, ""), (7, "Eve")]
        assert [row.number for row in table.rows(after=5)] == [6, 7]
        assert [[*batch.numbers] for batch in table.batches(2)] == [[5, 6], [7]]
        assert table.bytes_read == table.bytes_total


def test_columns_keep_their_places(tmp_path: Path) -> None:
    def fill(book: Any, sheet: Any) -> None:
        sheet.write_row(0, 1, ["name", "phone"])
        sheet.write_row(1, 1, ["Bob", "+14155550100"])
        sheet.write_formula(2, 2, "=NA()", None, "#N/A")

    assert cells(workbook(tmp_path / "a.xlsx", fill)) == [["", "Bob", "+14155550100"], ["", "", "#N/A"]]


def test_the_sheet_is_chosen_by_name_or_number_else_the_first_visible_with_cells(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(tmp_path / "a.xlsx")
    book.add_worksheet("Empty")
    for name, hidden in (("Hidden", True), ("Kunden", False), ("2", False)):
        sheet = book.add_worksheet(name)
        sheet.write_row(0, 0, ["name", "phone"])
        sheet.write_row(1, 0, [name, "+14155550100"])
        if hidden:
            sheet.hide()
    book.close()
    path = tmp_path / "a.xlsx"
    with open_table(path) as table:
        assert (table.format.sheet, table.format.sheets) == ("Kunden", ("Empty", "Hidden", "Kunden", "2"))
    for asked, found in (("Hidden", "Hidden"), ("kunden", "Kunden"), ("3", "Kunden"), ("2", "2")):
        assert cells(path, sheet=asked)[0][0] == found
    with pytest.raises(TableError, match=r"no sheet 'Preise'\. Its sheets are: Empty, Hidden, Kunden, 2"):
        open_table(path, sheet="Preise")
    with pytest.raises(TableError, match="no cells in sheet Empty"):
        open_table(path, sheet="Empty")


def test_a_workbook_without_cells(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="is empty"):
        open_table(workbook(tmp_path / "a.xlsx", lambda book, sheet: None))


def test_a_sheet_of_styles_without_values_has_no_far_columns(tmp_path: Path) -> None:
    rows = '<row r="1"><c r="A1"><v>12345</v></c><c r="XFD1" s="0"/></row><row r="90"><c r="A90" s="0"/></row>'
    assert cells(by_hand(tmp_path / "a.xlsx", rows)) == [["12345"]]


def test_a_gzipped_workbook_under_any_name(tmp_path: Path) -> None:
    plain = workbook(tmp_path / "a.xlsx", lambda book, sheet: sheet.write_column(0, 0, ["phone", "+14155550100"]))
    packed = tmp_path / "list.csv"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    with open_table(packed) as table:
        assert (table.format.kind, table.format.gzip) == ("xlsx", True)
        assert [row.cells for row in table.rows()] == [["+14155550100"]]


@pytest.mark.parametrize(
    "rows",
    [
        '<row r="1"><c><v>70001</v></c><c t="str"><v>x</v></c></row>',  # without references
        '<row r="1"><c r=\'A1\'><v>70001</v></c><c r = "B1" t="inlineStr"><is><t>x</t></is></c></row>',
        '<row r="1"><c r="A1"><v>7.0001E4</v></c><c r="B1" t="inlineStr"><is><r><t>x</t></r></is></c></row>',
        '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row>',
    ],
)
def test_other_ways_to_write_the_same_cells(tmp_path: Path, rows: str) -> None:
    strings = "<si><t>70001</t></si><si><r><t>x</t></r></si>"
    assert cells(by_hand(tmp_path / "a.xlsx", rows, strings=strings)) == [["70001", "x"]]


def test_a_prefix_for_the_namespace(tmp_path: Path) -> None:
    path = by_hand(tmp_path / "a.xlsx", "")
    sheet = f'<x:worksheet xmlns:x="{MAIN}"><x:sheetData><x:row r="1"><x:c r="A1" t="e"><x:v>#REF!</x:v></x:c></x:row>'
    sheet += '<x:row r="2"><x:c r="A2"><x:v>7</x:v></x:c></x:row></x:sheetData></x:worksheet>'
    changed = tmp_path / "b.xlsx"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(changed, "w") as new:
        for name in old.namelist():
            new.writestr(name, sheet if "sheet1" in name else old.read(name))
    assert cells(changed, header=False) == [["#REF!"], ["7"]]


def test_escapes_for_characters_that_text_may_not_hold(tmp_path: Path) -> None:
    rows = '<row r="1"><c r="A1" t="inlineStr"><is><t>a_x0000_b_xD800_c_x0041_</t></is></c></row>'
    with open_table(by_hand(tmp_path / "a.xlsx", rows), header=False) as table:
        (row,) = table.rows()
    assert (row.cells, row.problem) == (["a\ufffdb_xD800_cA"], "nul")


@pytest.mark.parametrize(
    "far",
    ['<c r="XFD500000"><v>1</v></c>', '<c r="xfd500000"><v>1</v></c>', "<c r='XFD500000'><v>1</v></c>",
     '<c r ="XFD500000"><v>1</v></c>', '<c\nr=\n"XFD500000"><v>1</v></c>', '<c r="A99999999"><v>1</v></c>',
     '<c r="AXFD2"><v>1</v></c>', '<c r="A' + "9" * 5000 + '"><v>1</v></c>'],
)  # fmt: skip
def test_cells_far_apart_are_refused_before_they_fill_the_memory(tmp_path: Path, far: str) -> None:
    rows = f'<row r="1"><c r="A1"><v>1</v></c></row><row>{far}</row>'
    with pytest.raises(TableError, match=r"far out: .* the limit is 25,000,000 cells"):
        open_table(by_hand(tmp_path / "far.xlsx", rows))


def test_a_sheet_over_the_limit_is_refused_before_it_is_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xlsx_package, "XLSX_LIMIT_BYTES", 2 * 1024 * 1024)
    rows = '<row><c t="inlineStr"><is><t>' + "x" * 3_000_000 + "</t></is></c></row>"
    with pytest.raises(TableError, match="unpacks to 2 MiB; the limit for XLSX is 2 MiB"):
        open_table(by_hand(tmp_path / "bomb.xlsx", rows))
    strings = "<si><t>" + "y" * 3_000_000 + "</t></si>"
    with pytest.raises(TableError, match="the limit for XLSX"):
        open_table(by_hand(tmp_path / "bomb.xlsx", "", strings=strings))


@pytest.mark.parametrize(
    ("rows", "encoding", "says"),
    [
        ("<row", "utf-8", "damaged"),
        ('<row r="1"><c r="A1" t="s"><v>5</v></c></row>', "utf-8", "damaged"),  # a text that is not there
        ('<row r="1"><c r="$A$1"><v>5</v></c></row>', "utf-8", "damaged"),
        ('<row r="1"><c r="A1"><v>5</v></c></row>', "utf-16", "unusual way"),
    ],
)
def test_damaged_sheets_are_said(tmp_path: Path, rows: str, encoding: str, says: str) -> None:
    prolog = '<?xml version="1.0" encoding="UTF-16"?>' if encoding == "utf-16" else ""
    with pytest.raises(TableError, match=says):
        open_table(by_hand(tmp_path / "a.xlsx", rows, prolog=prolog, encoding=encoding))


def test_a_document_that_multiplies_itself(tmp_path: Path) -> None:
    path = by_hand(tmp_path / "a.xlsx", "")
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    evil = f'<!DOCTYPE w [<!ENTITY l0 "lol">{laughs}]><workbook xmlns="{MAIN}"><sheets>&l9;</sheets></workbook>'
    changed = tmp_path / "b.xlsx"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(changed, "w") as new:
        for name in old.namelist():
            new.writestr(name, evil if name == "xl/workbook.xml" else old.read(name))
    with pytest.raises(TableError):
        open_table(changed)
