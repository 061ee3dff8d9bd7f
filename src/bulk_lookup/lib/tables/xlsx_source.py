"""An XLSX file as a source of rows."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import python_calamine

from bulk_lookup.lib.tables.batch import BATCH_CHARACTERS, Batch
from bulk_lookup.lib.tables.byte_stream import ByteStream
from bulk_lookup.lib.tables.csv_records import MAX_CELL
from bulk_lookup.lib.tables.encoding import cleaned
from bulk_lookup.lib.tables.errors import TableError
from bulk_lookup.lib.tables.layout import find_layout
from bulk_lookup.lib.tables.spool import shown_name
from bulk_lookup.lib.tables.table_format import TableFormat
from bulk_lookup.lib.tables.xlsx_package import XLSX_LIMIT_BYTES, XlsxPackage
from bulk_lookup.lib.tables.xlsx_scan import other_looks, scan
from bulk_lookup.lib.tables.xlsx_texts import scan_texts
from bulk_lookup.lib.tables.xlsx_values import cell_text

_SAMPLE_ROWS: Final = 1000
_BLOCK: Final = 1024 * 1024


class XlsxSource:
    """Loads one sheet, unless it is too large, and gives its cells the look they have in the spreadsheet.

    Text stays text, whole numbers have all their digits and no point, dates are ISO dates, an error is its text
    (#N/A), a formula its last value, a merged cell stands in its first place; empty rows at the end are no rows.
    Without a name the first visible sheet with cells is read.
    """

    def __init__(self, path: Path, *, sheet: str | None, header: bool | None, is_value: Callable[[str], bool]) -> None:
        self._name = shown_name(path)
        self._row, self._height = 0, 1
        self.bytes_total = path.stat().st_size
        self._folder: TemporaryDirectory[str] | None = None
        self._package: XlsxPackage | None = None
        self._sheet: python_calamine.CalamineSheet | None = None
        try:
            unpacked = self._unpacked(path)
            self._package = XlsxPackage(unpacked, self._name)
            sheets, wanted = self._load(unpacked, sheet)
            layout = find_layout(self._sample(), header=header, is_value=is_value)
        except BaseException:
            self.close()
            raise
        self.header, self.width = layout.header, layout.width
        self.format = TableFormat(
            kind="xlsx",
            gzip=unpacked != path,
            sheet=wanted,
            sheets=sheets,
            has_header=layout.header is not None,
            skipped=layout.skipped,
            line_ending="\r\n",
        )

    @property
    def bytes_read(self) -> int:
        """The file's size times the share of rows handed out: it was read whole at the start."""
        return self.bytes_total * self._row // self._height

    def batches(self, size: int) -> Iterator[Batch]:
        """Yield all rows from the first, up to `size` at a time."""
        first = self.format.skipped + self.format.has_header
        numbers: list[int] = []
        rows: list[list[str]] = []
        problems: dict[int, str] = {}
        empty = characters = 0
        for number, (cells, problem) in enumerate(islice(self._rows(), first, None), first + 1):
            self._row = number
            if not any(cells):
                empty += 1
                continue
            for earlier in range(number - empty, number + 1):
                if earlier == number and problem:
                    problems[len(rows)] = problem
                rows.append(cells if earlier == number else [""] * self.width)
                numbers.append(earlier)
                characters += sum(map(len, rows[-1]))
                if len(rows) == size or characters >= BATCH_CHARACTERS:
                    yield Batch(numbers, rows, problems)
                    numbers, rows, problems, characters = [], [], {}, 0
            empty = 0
        if rows:
            yield Batch(numbers, rows, problems)
        self._row = self._height

    def close(self) -> None:
        """Give the sheet's memory back."""
        self._sheet = None
        if self._package:
            self._package.close()
        if self._folder:
            self._folder.cleanup()

    def _unpacked(self, path: Path) -> Path:
        stream = ByteStream(path)
        try:
            if not stream.gzip:
                return path
            self._folder = TemporaryDirectory(prefix="bulk-lookup-")
            unpacked = Path(self._folder.name) / "table.xlsx"
            with unpacked.open("wb") as target:
                while block := stream.read(_BLOCK):
                    if target.tell() + len(block) > XLSX_LIMIT_BYTES:
                        raise TableError(
                            f"{self._name} is over the limit for XLSX, {XLSX_LIMIT_BYTES // 1024**2} MiB. "
                            "Save it as CSV, which may be of any size."
                        )
                    target.write(block)
            return unpacked
        finally:
            stream.close()

    def _load(self, path: Path, asked: str | None) -> tuple[tuple[str, ...], str]:
        assert self._package is not None
        parts = self._package.sheet_parts()
        self._package.check_size()
        texts = scan_texts(self._package)  # before the reader loads them
        with self._damage_said():
            workbook = python_calamine.load_workbook(path)
            sheets = [one for one in workbook.sheets_metadata if one.name in parts]
        sheets = [one for one in sheets if one.typ == python_calamine.SheetTypeEnum.WorkSheet]
        names = tuple(one.name for one in sheets)
        visible = [one.name for one in sheets if one.visible == python_calamine.SheetVisibleEnum.Visible]
        wanted = [self._named(names, asked)] if asked is not None else visible or names
        for place, name in enumerate(wanted, 1):
            self._package.check_size(*(parts[one] for one in wanted[:place]))  # those before had no cells
            self._part, self._scan = parts[name], scan(self._package, parts[name], texts)
            with self._damage_said():
                loaded = workbook.get_sheet_by_name(name)
            if loaded.end is not None:
                self._sheet, self._height = loaded, loaded.end[0] + 1
                return names, name
        raise TableError(
            f"{self._name} is empty: there are no cells in {'sheet ' + asked if asked is not None else 'its sheets'}. "
            f"Its sheets are: {', '.join(names) or 'none'}."
        )

    def _named(self, names: tuple[str, ...], asked: str) -> str:
        for same in (str, lambda name: name.strip().casefold()):
            for name in names:
                if same(name) == same(asked):
                    return name
        if asked.isascii() and asked.isdecimal() and 1 <= int(asked) <= len(names):
            return names[int(asked) - 1]
        raise TableError(f"{self._name} has no sheet {asked!r}. Its sheets are: {', '.join(names)}.")

    def _sample(self) -> list[list[str]]:
        sample: list[list[str]] = []
        characters = 0
        for cells, _ in islice(self._rows(), _SAMPLE_ROWS):
            sample.append(cells)
            characters += sum(map(len, cells))
            if characters >= BATCH_CHARACTERS:
                break
        return sample

    def _rows(self) -> Iterator[tuple[list[str], str | None]]:
        """Each row of the sheet from its first, and one of ROW_PROBLEMS."""
        assert self._sheet is not None and self._package is not None
        looks = iter(())  # type: Iterator[tuple[int, int, str]]
        if self._scan.other_looks:
            looks = other_looks(self._package, self._part, self._scan.patterns)
        row, column, text = next(looks, (-1, 0, ""))
        left = [""] * (self._sheet.start or (0, 0))[1]  # the reader begins with the first used column
        for place, values in enumerate(self._sheet.iter_rows()):
            cells = left + [value if type(value) is str else cell_text(value) for value in values]
            while 0 <= row <= place:
                if row == place and column < len(cells):
                    cells[column] = text
                row, column, text = next(looks, (-1, 0, ""))
            problem = None
            if sum(map(len, cells)) > MAX_CELL and any(len(cell) > MAX_CELL for cell in cells):
                cells, problem = [cell[:MAX_CELL] for cell in cells], "cell_too_long"
            if self._scan.unclean:
                cells, found = cleaned(cells)
                problem = found or problem
            yield cells, problem

    @contextmanager
    def _damage_said(self) -> Iterator[None]:
        try:
            yield
        except BaseException as error:
            # The reader's own panics derive from BaseException.
            if isinstance(error, Exception) or type(error).__name__ == "PanicException":
                raise TableError(
                    f"{self._name} is damaged and cannot be read as XLSX ({error}). "
                    "Open it in a spreadsheet and save it again."
                ) from None
            raise
