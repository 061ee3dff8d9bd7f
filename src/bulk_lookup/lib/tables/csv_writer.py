"""Delimited text, as PostgreSQL and spreadsheets write it."""

import codecs
import csv
import io
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Final

from bulk_lookup.lib.tables.output_file import OutputFile
from bulk_lookup.lib.tables.table_writer import Cell, TableWriter

_ROWS: Final = 5000  # formatted at a time


class CsvWriter(TableWriter):
    """Writes UTF-8; quotes only where needed; None is an empty cell.

    `write_raw` takes text that is formatted already, by PostgreSQL's COPY for example.
    """

    def __init__(
        self,
        output: OutputFile,
        header: Sequence[str] | None,
        *,
        delimiter: str,
        line_ending: str,
        bom: bool,
    ) -> None:
        super().__init__(output)
        self._delimiter = delimiter
        self._line_ending = line_ending
        if bom:
            self.write_raw(codecs.BOM_UTF8)
        if header is not None:
            self.write([header])

    def write_raw(self, data: bytes) -> None:
        """Write formatted rows as they are: whole ones, in this writer's delimiter and line ending, in UTF-8."""
        self._output.write(data)

    def write(self, rows: Iterable[Sequence[Cell]]) -> None:
        """Write rows."""
        rows = iter(rows)
        while some := list(islice(rows, _ROWS)):
            self.write_raw(self._formatted(some).encode("utf-8", "replace"))

    def _formatted(self, rows: list[Sequence[Cell]]) -> str:
        text = io.StringIO()
        csv.writer(text, delimiter=self._delimiter, lineterminator=self._line_ending).writerows(rows)
        formatted = text.getvalue()
        if self._line_ending == "\r\n" or not _foreign_line_end(formatted, self._line_ending):
            return formatted
        # Python before 3.13 quotes only its own line ending's characters, but a bare CR or LF ends a row as well.
        lines: list[str] = []
        for row in rows:
            text = io.StringIO()
            csv.writer(text, delimiter=self._delimiter, lineterminator="\r\n").writerow(row)
            lines.append(text.getvalue().removesuffix("\r\n"))
        return self._line_ending.join([*lines, ""])


def _foreign_line_end(text: str, line_ending: str) -> bool:
    return ("\r" if line_ending == "\n" else "\n") in text
