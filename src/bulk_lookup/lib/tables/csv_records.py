"""Records of a delimited text file: Python's own csv reader, made safe against broken quotes and endless cells."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from bulk_lookup.lib.tables.errors import TableError
from bulk_lookup.lib.tables.lines import LineTape

MAX_CELL: Final = 1024 * 1024
"""Characters of one cell. An opening quotation mark that is not closed within as many is taken for a stray one."""
_WASTED_LINES: Final = 2_000_000  # lines read in vain for stray quotation marks, before the file is given up

csv.field_size_limit(MAX_CELL)  # the process's only such setting; its default of 131,072 refuses honest cells


@dataclass(slots=True)
class Records:
    """Some consecutive records as the reader made them ([] is a blank line), and what was wrong with which."""

    rows: list[list[str]]
    problems: dict[int, str]
    marked: bool  # some cell may contain a mark (see `encoding`)
    ended: bool  # there are no more


class CsvRecords:
    """Reads records in bulk; a stretch with broken or multi-line cells is read a second time, record by record.

    A quotation mark that is never closed would swallow all rows up to the next one. Such a record is recognised (the
    cell grows past MAX_CELL, the file ends inside it, or its closing mark stands amid text); its first line then
    counts as the whole record and reading goes on with the next line. Raises TableError when that happens so often
    that the file is no such table.
    """

    def __init__(self, tape: LineTape, delimiter: str, *, name: str) -> None:
        self._tape = tape
        self._delimiter = delimiter
        self._name = name
        self._line = 0  # the first line not yet consumed
        self._record = 0
        self._wasted = 0
        self._start(0)

    def next(self, size: int) -> Records:
        """Return the next `size` records, fewer only at the end."""
        self._tape.forget_before(self._line)
        first_line, rows = self._line, list[list[str]]()
        problems: dict[int, str] = {}
        try:
            rows.extend(islice(self._reader, size))  # keeps what it has when the reader raises
            self._line = self._base + self._reader.line_num
            simple = self._line - first_line == len(rows)
            if simple and len(rows) < size and rows:
                simple = not _breaks_line(rows[-1])  # a quotation mark open at the very end
        except csv.Error:
            simple = False
        if not simple:
            self._start(first_line)
            rows = list(self._careful(size, problems))
        self._record += len(rows)
        return Records(rows, problems, self._tape.marked_until > first_line, len(rows) < size)

    def _start(self, line: int) -> None:
        self._base = self._line = line
        self._reader = csv.reader(self._tape.lines_from(line), delimiter=self._delimiter)

    def _careful(self, size: int, problems: dict[int, str]) -> Iterator[list[str]]:
        for place in range(size):
            at = self._line
            try:
                row = next(self._reader)
            except StopIteration:
                return
            except csv.Error:
                broken = True
            else:
                self._line = self._base + self._reader.line_num
                broken = _breaks_line(row) and not self._well_closed(at)
            if broken:
                self._count_waste(self._base + self._reader.line_num - at, self._record + place + 1)
                row, problems[place] = self._alone(self._tape.line(at))
                self._start(at + 1)
            yield row

    def _well_closed(self, at: int) -> bool:
        try:
            next(csv.reader(self._tape.lines_from(at), delimiter=self._delimiter, strict=True))
        except csv.Error:
            return False
        return True

    def _alone(self, line: str) -> tuple[list[str], str]:
        line = line.rstrip("\r\n")
        try:
            return next(csv.reader([line], delimiter=self._delimiter, quoting=csv.QUOTE_NONE)), "unclosed_quote"
        except csv.Error:
            return [cell[:MAX_CELL] for cell in line.split(self._delimiter)], "cell_too_long"

    def _count_waste(self, lines: int, record: int) -> None:
        self._wasted += lines
        if self._wasted > _WASTED_LINES:
            raise TableError(
                f"{self._name}, row {record}: too many quotation marks are opened and never closed. "
                "Save the file again from the program it comes from, as CSV with all text quoted."
            )


def _breaks_line(row: list[str]) -> bool:
    return any("\n" in cell or "\r" in cell for cell in row)
