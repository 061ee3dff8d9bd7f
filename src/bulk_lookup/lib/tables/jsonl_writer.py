"""JSON Lines."""

import json
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Final

import orjson

from bulk_lookup.lib.tables.names import unique_names
from bulk_lookup.lib.tables.output_file import OutputFile
from bulk_lookup.lib.tables.table_writer import Cell, TableWriter

_ROWS: Final = 5000  # formatted at a time


class JsonlWriter(TableWriter):
    """Writes an object per row with all columns, None as null, amounts as decimal strings.

    Columns without a name, or with a name that was there before, get one of their own (see `unique_names`).
    """

    def __init__(self, output: OutputFile, header: Sequence[str]) -> None:
        super().__init__(output)
        self._names = unique_names(header)

    def write(self, rows: Iterable[Sequence[Cell]]) -> None:
        """Write rows."""
        rows = iter(rows)
        while some := list(islice(rows, _ROWS)):
            self._output.write(b"".join([self._line(row) for row in some]))

    def _line(self, row: Sequence[Cell]) -> bytes:
        record = dict(zip(self._names, row, strict=True))
        try:
            return orjson.dumps(record, default=str, option=orjson.OPT_APPEND_NEWLINE)
        except TypeError:  # an integer of more than 64 bits, half of a surrogate pair
            return json.dumps(record, default=str).encode() + b"\n"
