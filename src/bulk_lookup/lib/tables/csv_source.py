"""A delimited text file as a source of rows."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from bulk_lookup.lib.tables.batch import Batch
from bulk_lookup.lib.tables.byte_stream import ByteStream
from bulk_lookup.lib.tables.csv_records import CsvRecords
from bulk_lookup.lib.tables.csv_rows import CsvRows
from bulk_lookup.lib.tables.delimiter import excel_hint, find_delimiter, line_ending
from bulk_lookup.lib.tables.encoding import clean
from bulk_lookup.lib.tables.errors import TableError
from bulk_lookup.lib.tables.layout import Layout, find_layout
from bulk_lookup.lib.tables.lines import LineTape
from bulk_lookup.lib.tables.spool import shown_name
from bulk_lookup.lib.tables.table_format import TableFormat

_SAMPLE_RECORDS: Final = 1000
_NO_DELIMITER: Final = "\x1f"  # the unit separator: no list contains it, so that a line stays one cell


class CsvSource:
    """Finds delimiter, title rows and header from the beginning of the file, then streams it from the start."""

    def __init__(
        self,
        path: Path,
        sample: str,
        *,
        encoding: str,
        bom_length: int,
        delimiter: str | None,
        header: bool | None,
        is_value: Callable[[str], bool],
    ) -> None:
        text = sample[: sample.rfind("\n") + 1] or sample  # whole lines
        hint = excel_hint(text)
        found = delimiter or hint or find_delimiter(text)
        self._path, self._encoding, self._bom_length = path, encoding, bom_length
        self._delimiter = found or _NO_DELIMITER
        self._layout = self._find_layout(hint is not None, header, is_value)
        self.header = self._layout.header
        self.width = self._layout.width
        self._stream = ByteStream(path)
        self._stream.close()
        self.format = TableFormat(
            kind="tsv" if found == "\t" else "csv",
            encoding=encoding,
            bom=bom_length > 0,
            delimiter=found,
            gzip=self._stream.gzip,
            has_header=self.header is not None,
            skipped=self._layout.skipped,
            line_ending=line_ending(text),
        )

    @property
    def bytes_read(self) -> int:
        """Bytes of the file read so far."""
        return self._stream.bytes_read

    @property
    def bytes_total(self) -> int:
        """Bytes of the file."""
        return self._stream.bytes_total

    def batches(self, size: int) -> Iterator[Batch]:
        """Yield all rows from the first, up to `size` at a time."""
        self._stream = stream = ByteStream(self._path)  # of its own: two readings do not disturb each other
        try:
            yield from CsvRows(
                self._records(stream),
                delimiter=self._delimiter,
                width=self.width,
                first_record=self._layout.skipped + (self.header is not None),
            ).batches(size)
        finally:
            stream.close()

    def close(self) -> None:
        """Close the file of the latest reading."""
        self._stream.close()

    def _find_layout(self, hinted: bool, header: bool | None, is_value: Callable[[str], bool]) -> Layout:
        stream = ByteStream(self._path)
        try:
            records = self._records(stream).next(_SAMPLE_RECORDS).rows
        finally:
            stream.close()
        records = [[clean(cell)[0] for cell in record] for record in records[hinted:]]
        if not any(map(any, records)):
            raise TableError(f"{shown_name(self._path)} has no rows. Give a file with a list in it.")
        layout = find_layout(records, header=header, is_value=is_value)
        return Layout(layout.skipped + hinted, layout.header, layout.width)

    def _records(self, stream: ByteStream) -> CsvRecords:
        tape = LineTape(stream, self._encoding, self._bom_length)
        return CsvRecords(tape, self._delimiter, name=shown_name(self._path))
