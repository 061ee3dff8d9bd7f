"""A workbook of a few KB that would fill any memory or keep the reader busy for hours is refused in a sentence, soon."""

import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import xlsxwriter
from test_tables_xlsx import MAIN, by_hand

from bulk_lookup.lib.tables import xlsx_package, xlsx_texts
from bulk_lookup.lib.tables.errors import TableError
from bulk_lookup.lib.tables.source import open_table
from bulk_lookup.lib.tables.xlsx_markup import ELEMENT_LIMIT, plain_markup, whole_cells

MEGABYTE = 1024 * 1024
ROW = '<row r="1"><c r="A1"><v>70001</v></c></row>'
LONG = "x" * (ELEMENT_LIMIT + MEGABYTE)


@pytest.mark.parametrize(
    "rows",
    [
        f"{ROW}<!--{LONG}-->",
        f"{ROW}<?hint {LONG}?>",
        f'{ROW}<row r="2" more="{LONG}"/>',
        f'{ROW}<row r="2"><c r="A2" t="inlineStr"><is><t>{LONG}</t></is></c></row>',
        f'{ROW}<row r="2"><c r="A2" t="inlineStr"><is><t>{"c>/>" * (len(LONG) // 4)}</t></is></c></row>',
        f'{ROW}<row r="2"><c r="A2" t="inlineStr"><is><t><![CDATA[{"</c>" * (len(LONG) // 4)}]]></t></is></c></row>',
        f'{ROW}<row r="2"><c r="A2" t="inlineStr"><is>{"<r><t>x</t></r>" * (len(LONG) // 15)}</is></c></row>',
    ],
    ids=["comment", "instruction", "attribute", "text", "text like tags", "cdata", "runs"],
)
def test_a_part_larger_than_any_cell_is_refused(tmp_path: Path, rows: str) -> None:
    with pytest.raises(TableError, match=r"bomb\.xlsx holds a cell, text or comment of more than 4 MiB"):
        open_table(by_hand(tmp_path / "bomb.xlsx", rows))


@pytest.mark.parametrize(
    "strings", [f"<si><t>{LONG}</t></si>", "<si>" + "<r><t>x</t></r>" * (len(LONG) // 15) + "</si>"]
)
def test_a_shared_text_larger_than_any_cell_is_refused(tmp_path: Path, strings: str) -> None:
    with pytest.raises(TableError, match="more than 4 MiB"):
        open_table(by_hand(tmp_path / "bomb.xlsx", ROW, strings=strings))


def test_a_sheet_without_end_is_not_read_to_it() -> None:
    read = 0

    def endless() -> Iterator[bytes]:
        nonlocal read
        while True:
            read += 1
            assert read < 10
            yield b"x" * MEGABYTE

    with pytest.raises(TableError):
        list(whole_cells(plain_markup(endless(), "a.xlsx"), "a.xlsx"))


def test_one_text_in_very_many_cells_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx_package, "XLSX_LIMIT_BYTES", 20 * MEGABYTE)
    monkeypatch.setattr(xlsx_texts, "XLSX_LIMIT_BYTES", 20 * MEGABYTE)
    strings = f"<si><t>{'x' * 30_000}</t></si><si/><si><t>phone</t></si>"

    def sheet(text: int) -> Path:
        cell = f'<c t="s"><v>{text}</v></c>'
        return by_hand(tmp_path / f"copies{text}.xlsx", f"<row>{cell}</row>" * 2000, strings=strings)

    with pytest.raises(TableError, match=r"copies0\.xlsx shows more text in its cells; the limit for XLSX is"):
        open_table(sheet(0))
    with open_table(sheet(2), header=False) as table:  # as many of a short one are honest
        assert sum(map(len, table.batches())) == 2000


def test_shared_texts_over_the_limit_are_refused_before_the_reader_loads_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xlsx_package, "XLSX_LIMIT_BYTES", 2 * MEGABYTE)
    strings = "<si><t>" + "y" * 1000 + "</t></si>"
    with pytest.raises(TableError, match="unpacks to 2 MiB"):
        open_table(by_hand(tmp_path / "bomb.xlsx", "<broken", strings=strings * 2500))


def test_many_sheets_without_cells_are_one_limit_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx_package, "XLSX_LIMIT_BYTES", 2 * MEGABYTE)
    plain = by_hand(tmp_path / "a.xlsx", "<row/>" * 50_000)
    path = tmp_path / "many.xlsx"
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name).decode()
            again = "".join(f'<sheet name="S{number}" sheetId="{number}" r:id="rId1"/>' for number in range(2, 20))
            new.writestr(name, content.replace("</sheets>", f"{again}</sheets>"))
    with pytest.raises(TableError, match="the limit for XLSX"):
        open_table(path)


def test_a_format_of_megabytes_is_passed_over(tmp_path: Path) -> None:
    plain = by_hand(tmp_path / "a.xlsx", ROW)
    path = tmp_path / "bomb.xlsx"
    code = "[" * (4 * MEGABYTE)
    styles = (
        f'<styleSheet xmlns="{MAIN}"><numFmts><numFmt numFmtId="200" formatCode="{code}"/></numFmts>'
        '<cellXfs><xf numFmtId="200"/></cellXfs></styleSheet>'
    )
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
        new.writestr("xl/styles.xml", styles)
    with open_table(path, header=False) as table:
        assert table.sample() == [["70001"]]


def test_cells_keep_their_look_under_more_formats_than_are_looked_for_one_by_one(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write(0, 0, "code")
        for place in range(1, 101):
            sheet.write_number(place, 0, 42, book.add_format({"num_format": f'000"-{place}"'}))
    with open_table(path) as table:
        assert table.sample() == [[f"042-{place}"] for place in range(1, 101)]


def test_what_stands_behind_the_cells_may_be_long(tmp_path: Path) -> None:
    path = by_hand(tmp_path / "plain.xlsx", ROW)
    rule = '<conditionalFormatting sqref="A1"><cfRule type="expression"><formula>A1=1</formula></cfRule></conditionalFormatting>'
    changed = tmp_path / "rules.xlsx"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name).decode()
            new.writestr(name, content.replace("</sheetData>", "</sheetData>" + rule * (len(LONG) // len(rule))))
    with open_table(changed, header=False) as table:
        assert table.sample() == [["70001"]]


def test_comments_and_cdata_among_the_cells_change_nothing(tmp_path: Path) -> None:
    rows = (
        '<!-- <c r="XFD9"><v>1</v></c> --><row r="1"><c r="A1"><v>70001</v></c><!-- "/>--></row>'
        '<row r="2"><c r="A2" t="e"><!-- <v>#REF!</v> --><v>#N/A</v></c></row>'
    )
    with open_table(by_hand(tmp_path / "a.xlsx", rows), header=False) as table:
        assert table.sample() == [["70001"], ["#N/A"]]


def test_markup_is_the_same_however_it_is_cut_into_blocks() -> None:
    document = b'<?xml version="1.0"?><row><!-- a<c --><c r="A1"><v>1</v></c><x:c t="s"/><![CDATA[</c>]]></row><end/>'
    whole = b"".join(plain_markup([document], "a"))
    assert whole == b'<row><c r="A1"><v>1</v></c><x:c t="s"/>xxxx</row><end/>'
    for size in range(1, len(document)):
        blocks = [document[place : place + size] for place in range(0, len(document), size)]
        pieces = list(whole_cells(plain_markup(blocks, "a"), "a"))
        assert b"".join(pieces) == whole
        assert not any(piece.startswith((b"<v>", b"</c>")) for piece in pieces)
