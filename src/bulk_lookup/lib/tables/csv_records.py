"""Records of a delimited text file: Python's own csv reader, made safe against broken quotes and endless cells."""

import csv
from dataclasses import dataclass
from itertools import islice
from typing import Final

from bulk_lookup.lib.tables.batch import BATCH_CHARACTERS
from bulk_lookup.lib.tables.errors import TableError
from bulk_lookup.lib.tables.lines import LineTape

MAX_CELL: Final = 1024 * 1024
"""Characters of one cell. An opening quotation mark that is not closed within as many is taken for a stray one."""
_RECORDS_AT_ONCE: Final = 50  # between two looks at how much text they are
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
        """Return the next `size` records, fewer at the end and where they are huge."""
        self._tape.forget_before(self._line)
        first_line = self._line
        problems: dict[int, str] = {}
        rows, ended, simple = self._quick(size)
        self._line = self._base + self._reader.line_num
        simple = simple and self._line - first_line == len(rows)
        if simple and ended and rows:
            simple = not _breaks_line(rows[-1])  # a quotation mark open at the very end
        if not simple:
            self._line = first_line
            rows, ended = self._careful(size, problems)
            self._start(self._line)
        self._record += len(rows)
        return Records(rows, problems, self._tape.marked_until > first_line, ended)

    def _quick(self, size: int) -> tuple[list[list[str]], bool, bool]:
        """Return records, whether they are the last, and False where the reader gave up."""
        rows: list[list[str]] = []
        enough = self._tape.characters + BATCH_CHARACTERS
        try:
            while len(rows) < size and self._tape.characters < enough:
                step, before = min(size - len(rows), _RECORDS_AT_ONCE), len(rows)
                rows.extend(islice(self._reader, step))  # keeps what it has when the reader raises
                if len(rows) - before < step:
                    return rows, True, True
        except csv.Error:
            return rows, False, False
        return rows, False, True

    def _start(self, line: int, *, strict: bool = False) -> None:
        self._base = self._line = line
        self._reader = csv.reader(self._tape.lines_from(line), delimiter=self._delimiter, strict=strict)

    def _careful(self, size: int, problems: dict[int, str]) -> tuple[list[list[str]], bool]:
        """Read from the present line again, record by record; returns them, and whether they are the last."""
        # The strict reader tells a quotation mark closed amid text, and one still open at the end.
        self._start(self._line, strict=True)
        rows: list[list[str]] = []
        characters = 0
        while len(rows) < size and characters < BATCH_CHARACTERS:
            try:
                row = next(self._reader)
                self._line = self._base + self._reader.line_num
            except StopIteration:
                return rows, True
            except csv.Error:
                row, problem = self._doubtful(self._line, len(rows))
                if problem:
                    problems[len(rows)] = problem
                self._start(self._line + 1, strict=True)
            rows.append(row)
            characters += sum(map(len, row))
        return rows, False

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
