"""Opening a table: what kind of file it is, told by its content and never by its name, and its rows as a stream."""

import codecs
from bisect import bisect_right
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Final, Protocol, Self

from bulk_lookup.lib.tables.batch import Batch, Row
from bulk_lookup.lib.tables.byte_stream import ByteStream
from bulk_lookup.lib.tables.csv_source import CsvSource
from bulk_lookup.lib.tables.delimiter import line_ending
from bulk_lookup.lib.tables.encoding import detect_encoding
from bulk_lookup.lib.tables.errors import TableError
from bulk_lookup.lib.tables.jsonl_source import JsonlSource, is_json_lines
from bulk_lookup.lib.tables.layout import looks_like_value
from bulk_lookup.lib.tables.signature import ZIP_MAGIC, refuse_binary, refuse_other_files
from bulk_lookup.lib.tables.table_format import TableFormat
from bulk_lookup.lib.tables.xlsx_source import XlsxSource

SAMPLE_BYTES: Final = 1024 * 1024
BATCH_ROWS: Final = 5000
_NOTHING: Final = b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n"  # byte order marks, blanks


def open_table(
    path: Path,
    *,
    sheet: str | None = None,
    header: bool | None = None,
    delimiter: str | None = None,
    encoding: str | None = None,
    is_value: Callable[[str], bool] = looks_like_value,
) -> "Table":
    """Open a CSV, TSV, XLSX or JSON Lines file, plain or gzipped, and find out how it is written.

    What is not given is told by the content. `is_value` says of a cell of the first row that it is data, not a
    column's name. Close the table, or use it as a context manager.
    Raises TableError for everything that is no such table.
    """
    stream = ByteStream(path)
    try:
        sample = stream.read(SAMPLE_BYTES)
        if sample.startswith(ZIP_MAGIC):
            return Table(XlsxSource(path, sheet=sheet, header=header, is_value=is_value))
        if not sample.strip(_NOTHING):
            raise TableError(f"{stream.name} is empty. Give a file with a list in it.")
        refuse_other_files(sample, stream)
    finally:
        stream.close()
    if sheet is not None:
        raise TableError(f"{stream.name} has no sheets, since it is a text file. Leave the sheet's name out.")
    found, bom_length = _encoding_of(sample, encoding)
    if encoding is None and found in ("utf-8", "cp1252"):
        refuse_binary(sample, stream.name)
    text = codecs.getincrementaldecoder(found)("bulk_lookup_mark").decode(sample[bom_length:])
    if delimiter is None and is_json_lines(text, stream.name):
        return Table(JsonlSource(path, encoding=found, bom_length=bom_length, line_ending=line_ending(text)))
    if delimiter is not None and (len(delimiter) != 1 or delimiter in '\r\n"\x00'):
        raise TableError(f"{delimiter!r} cannot separate cells. Give one character, such as ; or a tab.")
    source = CsvSource(
        path, text, encoding=found, bom_length=bom_length, delimiter=delimiter, header=header, is_value=is_value
    )
    return Table(source)


class RowSource(Protocol):
    """What each kind of file offers; `header` and `width` may grow while JSON Lines are read."""

    @property
    def format(self) -> TableFormat: ...
    @property
    def header(self) -> tuple[str, ...] | None: ...
    @property
    def width(self) -> int: ...
    @property
    def bytes_read(self) -> int: ...
    @property
    def bytes_total(self) -> int: ...
    def batches(self, size: int) -> Iterator[Batch]: ...
    def close(self) -> None: ...


class Table:
    """An opened table; reading it may be started over as often as wanted.

    Cells never contain NUL or lone surrogates. Every row has `width` cells (of JSON Lines, at most).
    """

    def __init__(self, source: RowSource) -> None:
        self._source = source

    @property
    def format(self) -> TableFormat:
        """How the table is written."""
        return self._source.format

    @property
    def header(self) -> tuple[str, ...] | None:
        """The columns' names as they stand in the file, None without a header row.

        Of JSON Lines, the keys seen so far: read it again after the last row.
        """
        return self._source.header

    @property
    def width(self) -> int:
        """The number of columns."""
        return self._source.width

    @property
    def bytes_read(self) -> int:
        """Bytes of the file read so far, packed ones where it is gzip: a measure of progress."""
        return self._source.bytes_read

    @property
    def bytes_total(self) -> int:
        """Bytes of the file."""
        return self._source.bytes_total

    def rows(self, *, skip: int = 0, after: int = 0) -> Iterator[Row]:
        """Yield the rows in order, without the first `skip` and those up to the row number `after`."""
        for batch in self.batches(skip=skip, after=after):
            yield from batch

    def batches(self, size: int = BATCH_ROWS, *, skip: int = 0, after: int = 0) -> Iterator[Batch]:
        """Yield the rows in order, up to `size` at a time: several times as fast as `rows`.

        The first `skip` rows are left out, and those up to the row number `after`. The same file gives the same rows
        with the same numbers each time, so that either resumes after a kill. Where the file breaks off, the rows before
        are yielded first; then TableError is raised.
        """
        last = 0
        batches = self._source.batches(size)
        while True:
            try:
                batch = next(batches)
            except StopIteration:
                return
            except TableError as error:
                raise TableError(f"{error} The last row that could be read is {last}.") from None
            last = batch.numbers[-1]
            first = max(min(skip, len(batch)), bisect_right(batch.numbers, after))
            skip = max(skip - len(batch), 0)
            if first < len(batch):
                yield batch.without_first(first) if first else batch

    def sample(self, count: int = 1000) -> list[list[str]]:
        """Return the cells of the first `count` rows."""
        batch = next(self._source.batches(count), None)
        return batch.rows if batch else []

    def close(self) -> None:
        """Close the file."""
        self._source.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _encoding_of(sample: bytes, asked: str | None) -> tuple[str, int]:
    found, bom_length = detect_encoding(sample, whole=len(sample) < SAMPLE_BYTES)
    if asked is None:
        return found, bom_length
    try:
        name = codecs.lookup(asked).name
        "".encode(asked)  # a codec of text, not of bytes (hex, zlib)
    except LookupError:
        raise TableError(f"There is no encoding {asked!r}. Such names are utf-8, utf-16, windows-1252.") from None
    if name in ("utf-16", "utf-8-sig", "utf-32"):  # the mark, or the content, knows more
        return (found if found[:5] == name[:5] else name.replace("-sig", "")), bom_length
    return name, bom_length if name == found else 0
