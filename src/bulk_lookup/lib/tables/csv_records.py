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
            rows = list(self._careful(first_line, size, problems))
            self._start(self._line)
        self._record += len(rows)
        return Records(rows, problems, self._tape.marked_until > first_line, len(rows) < size)

    def _start(self, line: int, *, strict: bool = False) -> None:
        self._base = self._line = line
        self._reader = csv.reader(self._tape.lines_from(line), delimiter=self._delimiter, strict=strict)

    def _careful(self, line: int, size: int, problems: dict[int, str]) -> Iterator[list[str]]:
        # The strict reader tells a quotation mark closed amid text, and one still open at the end.
        self._start(line, strict=True)
        for place in range(size):
            try:
                row = next(self._reader)
                self._line = self._base + self._reader.line_num
            except StopIteration:
                return
            except csv.Error:
                row, problem = self._doubtful(self._line, place)
                if problem:
                    problems[place] = problem
                self._start(self._line + 1, strict=True)
            yield row

    def _doubtful(self, line: int, place: int) -> tuple[list[str], str | None]:
        """Return the record that is the single line `line`, and what is wrong with it."""
        reader = csv.reader(self._tape.lines_from(line), delimiter=self._delimiter)
        try:
            row = next(reader)
            if reader.line_num == 1 and not _breaks_line(row):
                return row, None  # only untidy: "Bob" Smith
        except csv.Error:
            pass
        self._count_waste(reader.line_num, self._record + place + 1)
        return self._alone(self._tape.line(line))

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
