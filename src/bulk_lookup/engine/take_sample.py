"""The beginning of an upload, kept beside it: what the wizard shows and asks about without reading the file again."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Self

from bulk_lookup.core.columns import ColumnError
from bulk_lookup.engine.import_reading import Inspection, inspect_file
from bulk_lookup.lib.tables.byte_stream import ByteStream
from bulk_lookup.lib.tables.errors import TableError
from bulk_lookup.lib.tables.source import Table, open_table

SAMPLE_ROWS: Final = 1_000
_SAMPLE_CHARACTERS: Final = 2_000_000
_READ_ROWS: Final = 50
_LONGEST_CELL: Final = 4_000  # kept in the sample; the import reads all of it
_COUNTED_BYTES: Final = 64 * 1024 * 1024
_BLOCK: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Sample:
    """The first rows of a table, how it is written, and about how many rows it has.

    `numbers` are the rows' numbers as a spreadsheet shows them, `rows` their cells. `phone_column` is the best guess,
    None where no column looks like phone numbers, and `reason` its word. `rows_exact` says that `rows_total` was counted.
    """

    kind: str
    encoding: str
    delimiter: str | None
    sheet: str | None
    sheets: tuple[str, ...]
    header: tuple[str, ...] | None
    width: int
    phone_column: int | None
    reason: str
    country_column: int | None
    numbers: tuple[int, ...]
    rows: tuple[tuple[str, ...], ...]
    rows_total: int
    rows_exact: bool

    def as_json(self) -> dict[str, Any]:
        """As it is kept on the upload."""
        return asdict(self)

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> Self:
        """The sample of an upload."""
        header = kept["header"]
        tuples = {
            "sheets": tuple(kept["sheets"]),
            "header": None if header is None else tuple(header),
            "numbers": tuple(kept["numbers"]),
            "rows": tuple(map(tuple, kept["rows"])),
        }
        return cls(**(kept | tuples))

    def label(self, place: int) -> str:
        """What a person knows a column by: its name, or its number from 1."""
        name = self.header[place].strip() if self.header is not None and place < len(self.header) else ""
        return name or f"Column {place + 1}"


def take_sample(path: Path, *, sheet: str | None = None, country: str | None = None) -> Sample:
    """Look at the first rows of a file, or of one sheet of it; `country` is the organization's (ISO 3166).

    A table without a column that looks like phone numbers is one all the same: somebody may know better.
    Raises TableError, a sentence, where there is no table.
    """
    found, guessed = _inspected(path, sheet, country)
    with open_table(path, sheet=sheet, header=found.mapping.header) as table:
        numbers: list[int] = []
        rows: list[tuple[str, ...]] = []
        reached = _read(table, numbers, rows)
        return Sample(
            kind=table.format.kind,
            encoding=table.format.encoding,
            delimiter=table.format.delimiter,
            sheet=table.format.sheet,
            sheets=table.format.sheets,
            header=table.header,
            width=table.width,
            phone_column=found.mapping.phone_column if guessed else None,
            reason=found.phone.reason if guessed else "",
            country_column=found.suggested_country_column,
            numbers=tuple(numbers),
            rows=tuple(rows),
            rows_total=len(rows) if reached is None else max(len(rows) + 1, _rows_in(path, table, reached)),
            rows_exact=reached is None,
        )


def _inspected(path: Path, sheet: str | None, country: str | None) -> tuple[Inspection, bool]:
    """What an import would make of the file, and whether it found the column of phone numbers by itself."""
    try:
        return inspect_file(path, sheet=sheet, organization_country=country), True
    except TableError as error:
        if not isinstance(error.__cause__, ColumnError):
            raise
        return inspect_file(path, sheet=sheet, organization_country=country, phone_column="1"), False


def _read(table: Table, numbers: list[int], rows: list[tuple[str, ...]]) -> int | None:
    """Take the first rows; the number of the last row that was read on the way, None where those taken are all."""
    characters = 0
    for batch in table.batches(_READ_ROWS):
        for number, cells in zip(batch.numbers, batch.rows, strict=True):
            if len(rows) == SAMPLE_ROWS or characters > _SAMPLE_CHARACTERS:
                return batch.numbers[-1]
            kept = tuple(cell[:_LONGEST_CELL] for cell in cells)
            characters += sum(map(len, kept))
            numbers.append(number)
            rows.append(kept)
    return None


def _rows_in(path: Path, table: Table, reached: int) -> int:
    """About how many rows a table has that is longer than the sample.

    A sheet is read whole at its opening, so the share that was handed out tells; of text, line ends are counted, and where
    it is very long, in its beginning.
    """
    above = table.format.skipped + table.format.has_header
    if table.format.kind == "xlsx":
        return about(reached * table.bytes_total / max(1, table.bytes_read) - above)
    stream = ByteStream(path)
    try:
        lines, unpacked = 0, 0
        while unpacked < _COUNTED_BYTES and (block := stream.read(_BLOCK)):
            lines += block.count(b"\r" if table.format.line_ending == "\r" else b"\n")
            unpacked += len(block)
    finally:
        stream.close()
    if unpacked < _COUNTED_BYTES:
        return lines - above
    return about(lines * stream.bytes_total / max(1, stream.bytes_read) - above)


def about(number: float) -> int:
    """A number that is not known exactly, with the three digits that can be believed."""
    return round(round(number), min(0, 3 - len(str(round(number)))))
