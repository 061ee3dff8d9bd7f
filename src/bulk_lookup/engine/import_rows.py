"""Rows of a file made ready for the database: each number read, each row a line of PostgreSQL's COPY text.

No Django and no database here: this is the part of an import that uses the processor.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import orjson

from bulk_lookup.core.phone_words import Repair
from bulk_lookup.core.region import region_of
from bulk_lookup.engine.import_dates import date_reader
from bulk_lookup.engine.import_mapping import ColumnMapping
from bulk_lookup.engine.import_phones import NULL, PHONE_COLUMNS, Regions
from bulk_lookup.lib.tables.batch import Batch

COPY_COLUMNS: Final = f"row_number, raw_phone_number, cells, {PHONE_COLUMNS}, last_verified_date, first_in_batch"

# A batch for the database ends with the first of the two.
BATCH_ROWS: Final = 10_000
BATCH_CHARACTERS: Final = 8_000_000

_LARGE_BYTES: Final = 16 * 1024
_REPAIRS: Final = PHONE_COLUMNS.split(", ").index("repairs")


@dataclass(frozen=True, slots=True)
class ReadyRows:
    """Some consecutive rows as COPY text for COPY_COLUMNS, and what there is to count in them.

    `row_problems` maps a word of `lib.tables.batch` to how many rows have it and the number of the first.
    """

    text: bytes
    rows: int
    last_row: int
    reasons: Mapping[str, int]
    row_problems: Mapping[str, tuple[int, int]]


@dataclass(slots=True)
class GatheredRows:
    """Some consecutive rows whose numbers are still to be read: their phone cells, each with its region."""

    cells: list[str] = field(default_factory=list)
    regions: list[str | None] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)  # as the file counts
    json: list[bytes] = field(default_factory=list)  # bytes, as one emoji makes a text four times as large
    days: list[str] = field(default_factory=list)
    characters: int = 0
    row_problems: dict[str, tuple[int, int]] = field(default_factory=dict)
    with_nul: set[int] = field(default_factory=set)  # places of rows from which NULs were taken out

    @property
    def is_full(self) -> bool:
        """Whether they are enough for the database."""
        return len(self.cells) >= BATCH_ROWS or self.characters >= BATCH_CHARACTERS


class RowGatherer:
    """Takes rows from the file, by a mapping, until they are enough."""

    def __init__(self, mapping: ColumnMapping) -> None:
        self._mapping = mapping
        self._region_of = region_reader(mapping)
        self._date_of = date_reader(mapping.date_order)
        self.rows = GatheredRows()

    def add(self, batch: Batch) -> None:
        """Add some rows."""
        place, rows = self._mapping.phone_column, self.rows
        if batch.problems:
            rows.with_nul |= {len(rows.cells) + row for row, word in batch.problems.items() if word == "nul"}
        rows.cells += [cells[place] if place < len(cells) else "" for cells in batch.rows]
        json = [_fitted(orjson.dumps(cells)) for cells in batch.rows]
        rows.json += json
        rows.characters += sum(map(len, json))
        rows.numbers += batch.numbers
        if self._mapping.country_column is not None:
            rows.regions += map(self._region_of, batch.rows)
        if self._mapping.last_verified_column is not None:
            rows.days += map(self._day, batch.rows)
        if batch.problems:
            _note_problems(rows.row_problems, batch)

    def take(self) -> tuple[GatheredRows, Regions]:
        """Give what was added since the last time, and the region of each phone cell or of all."""
        rows, self.rows = self.rows, GatheredRows()
        return rows, rows.regions if self._mapping.country_column is not None else self._mapping.region

    def _day(self, cells: Sequence[str]) -> str:
        column = self._mapping.last_verified_column
        day = self._date_of(cells[column]) if column is not None and column < len(cells) else None
        return NULL if day is None else day.isoformat()


def ready_rows(rows: GatheredRows, phones: Sequence[str], *, offset: int) -> ReadyRows:
    """Put rows and what `import_phones.read_cells` says of their cells together.

    `offset` is added to the file's row numbers. A number that stands among the rows twice points to its first row there.
    """
    lines: list[bytes] = []
    reasons: Counter[str] = Counter()
    first_rows: dict[str, int] = {}
    days = rows.days or [NULL] * len(rows.cells)
    phones = _with_nul_said(phones, rows.with_nul) if rows.with_nul else phones
    for number, raw, json, phone, day in zip(rows.numbers, rows.cells, rows.json, phones, days, strict=True):
        if b"\\" in json:  # a quotation mark, a backslash, a line break or a tab in some cell, perhaps in this one
            json, raw = json.replace(b"\\", b"\\\\"), _escaped(raw)
        row_number, first = number + offset, NULL
        e164 = phone[: phone.index("\t")]
        if e164 == NULL:
            reasons[phone[phone.rindex("\t") + 1 :]] += 1
        else:
            first_row = first_rows.setdefault(e164, row_number)
            if first_row != row_number:
                first = str(first_row)
        lines += f"{row_number}\t{raw}\t".encode(), json, f"\t{phone}\t{day}\t{first}\n".encode()
    last = rows.numbers[-1] if rows.numbers else 0
    return ReadyRows(b"".join(lines), len(rows.cells), last, reasons, rows.row_problems)


def region_reader(mapping: ColumnMapping) -> Callable[[Sequence[str]], str | None]:
    """Give the reader of a row's region: from its country column, else the mapping's.

    A country that nobody knows is no licence to guess: such a row has none, and a national number in it is rejected.
    """
    default, column = mapping.region, mapping.country_column

    def region(cells: Sequence[str]) -> str | None:
        cell = cells[column] if column is not None and column < len(cells) else ""
        return region_of(cell) if cell and not cell.isspace() else default

    return region


def _fitted(json: bytes) -> bytes:
    """Give up what orjson has reserved: eight bytes for each character of the cells, kept with the text it returns."""
    return bytes(memoryview(json)) if len(json) > _LARGE_BYTES else json


def _with_nul_said(phones: Sequence[str], places: set[int]) -> list[str]:
    """Put the repair into the rows that had NULs, whichever of their cells it was: the row is not as it was given."""
    said = list(phones)
    for place in places:
        columns = said[place].split("\t")
        repairs = [*filter(None, columns[_REPAIRS].strip("{}").split(",")), Repair.INVISIBLE_MARKS.value]
        columns[_REPAIRS] = "{" + ",".join(dict.fromkeys(repairs)) + "}"
        said[place] = "\t".join(columns)
    return said


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


def _note_problems(problems: dict[str, tuple[int, int]], batch: Batch) -> None:
    for place, word in sorted(batch.problems.items()):
        count, first = problems.get(word, (0, batch.numbers[place]))
        problems[word] = (count + 1, first)
