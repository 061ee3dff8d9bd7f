"""XLSX, every cell as text, written straight into the archive.

A workbook of one sheet of texts is six small parts and one long one. Written by hand it takes a seventh of the time
that the general library takes, no temporary files, and works on a pipe.
"""

import re
import zipfile
from collections.abc import Iterable, Sequence
from contextlib import suppress
from itertools import islice
from typing import IO, Final

from bulk_lookup.lib.tables.errors import TableError
from bulk_lookup.lib.tables.output_file import OutputFile
from bulk_lookup.lib.tables.table_writer import Cell, TableWriter

MAX_ROWS: Final = 1_048_576
MAX_COLUMNS: Final = 16_384
MAX_CELL: Final = 32_767
"""Characters of a cell, as UTF-16 counts them. These three are Excel's own limits."""

_ROWS: Final = 1000  # formatted at a time
_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_XML: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_PARTS: Final = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><bookViews><workbookView/></bookViews>'
    '<sheets><sheet name="SHEET" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>',
    "xl/styles.xml": f'<styleSheet xmlns="{_MAIN}"><fonts count="1"><font><sz val="11"/><name val="Calibri"/></font>'
    '</fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/>'
    '</fill></fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>',
}
_FROZEN_HEADER: Final = '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'

_UNUSUAL: Final = re.compile(r"[&<>\x00-\x08\x0b-\x1f\ufffe\uffff]|_x|^\s|\s\Z|\n")
# What XML cannot hold, CR that it would change, and text that looks like their escape (ECMA-376, ST_Xstring).
_ESCAPED: Final = re.compile(r"[\x00-\x08\x0b-\x1f\ufffe\uffff\ud800-\udfff]|_(?=x[0-9A-Fa-f]{4}_)")


class XlsxWriter(TableWriter):
    """Writes text cells only, so that +1… is no formula and 00042 no number; memory does not grow with the rows.

    `rows` is the number of rows to come, where known: a table that does not fit is refused before it is begun.
    """

    def __init__(self, output: OutputFile, header: Sequence[str] | None, *, sheet: str, rows: int | None) -> None:
        super().__init__(output)
        self._row = 0
        self._cut = 0
        self._columns: list[str] = []
        try:
            self._check((rows or 0) + (header is not None), len(header or ()))
            self._zip = zipfile.ZipFile(output.stream, "w", zipfile.ZIP_DEFLATED, compresslevel=4)
            with output.errors_said():
                for part, text in _PARTS.items():
                    self._zip.writestr(part, _XML + text.replace('"SHEET"', f'"{_sheet_name(sheet)}"'))
                self._sheet: IO[bytes] = self._zip.open("xl/worksheets/sheet1.xml", "w", force_zip64=True)
                view = f'<sheetView workbookViewId="0">{_FROZEN_HEADER if header is not None else ""}</sheetView>'
                self._sheet.write(
                    f'{_XML}<worksheet xmlns="{_MAIN}"><sheetViews>{view}</sheetViews><sheetData>'.encode()
                )
            if header is not None:
                self.write([header])
        except BaseException:
            self.abort()
            raise

    def write(self, rows: Iterable[Sequence[Cell]]) -> None:
        """Write rows; text beyond Excel's limit for a cell is cut and noted."""
        rows = iter(rows)
        while some := list(islice(rows, _ROWS)):
            width = max(map(len, some))
            if width > len(self._columns) or self._row + len(some) > MAX_ROWS:
                self._check(self._row + len(some), width)
                self._columns = [_letters(column) for column in range(width)]
            data = "".join([self._formatted(row) for row in some]).encode("utf-8", "replace")
            with self._output.errors_said():
                self._sheet.write(data)

    def abort(self) -> None:
        """Give the file up."""
        for part in ("_sheet", "_zip"):  # left open they would close themselves later, and complain
            with suppress(OSError, ValueError, AttributeError):
                getattr(self, part).close()
        if hasattr(self, "_zip"):
            self._zip.fp = None
        super().abort()

    def _finish(self) -> None:
        if self._cut:
            self.notes.append(f"{self._cut:,} cells were cut to {MAX_CELL:,} characters, which is all XLSX holds.")
        with self._output.errors_said():
            self._sheet.write(b"</sheetData></worksheet>")
            self._sheet.close()
            self._zip.close()

    def _formatted(self, row: Sequence[Cell]) -> str:
        self._row += 1
        number = self._row
        cells = [f'<row r="{number}">']
        for letters, value in zip(self._columns, row, strict=False):
            if value is None or value == "":
                continue
            text = value if type(value) is str else _as_shown(value)
            space = ""
            if len(text) * 2 > MAX_CELL:
                text = self._fitted(text)
            if _UNUSUAL.search(text):
                text, space = _escaped(text), ' xml:space="preserve"'
            cells.append(f'<c r="{letters}{number}" t="inlineStr"><is><t{space}>{text}</t></is></c>')
        cells.append("</row>")
        return "".join(cells)

    def _fitted(self, text: str) -> str:
        units = text.encode("utf-16-le", "replace")
        if len(units) <= MAX_CELL * 2:
            return text
        self._cut += 1
        return units[: MAX_CELL * 2].decode("utf-16-le", "ignore")

    def _check(self, rows: int, columns: int) -> None:
        if rows > MAX_ROWS:
            raise TableError(
                f"{self._output.name}: XLSX holds {MAX_ROWS:,} rows with the header, fewer than this table has. "
                "Write CSV, which holds any number."
            )
        if columns > MAX_COLUMNS:
            raise TableError(
                f"{self._output.name}: XLSX holds {MAX_COLUMNS:,} columns, fewer than this table's {columns:,}. "
                "Write CSV, which holds any number."
            )


def _as_shown(value: Cell) -> str:
    return str(value).upper() if isinstance(value, bool) else str(value)


def _escaped(text: str) -> str:
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _ESCAPED.sub(lambda found: f"_x{ord(found.group()):04X}_", text)


def _letters(column: int) -> str:
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _sheet_name(name: str) -> str:
    # Excel's rules: 31 characters, none of []:*?/\, no apostrophe at either end.
    cleaned = "".join("_" if letter in '[]:*?/\\"' or letter < " " else letter for letter in name)[:31].strip("'")
    return _escaped(cleaned or "Sheet1")
