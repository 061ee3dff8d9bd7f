"""Rows of a file made ready for the database: each number read, each row a line of PostgreSQL's COPY text.

No Django and no database here: this is the part of an import that uses the processor.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import orjson

from bulk_lookup.core.country import region_of
from bulk_lookup.core.phone import Phone, parse_phone
from bulk_lookup.engine.import_dates import date_reader
from bulk_lookup.engine.import_mapping import ColumnMapping
from bulk_lookup.lib.tables.batch import Batch

COPY_COLUMNS = (
    "row_number, raw_phone_number, cells, formatted_phone_number, country_code, kind, repairs, other_phone_numbers, "
    "reason, last_verified_date, first_in_batch"
)

_NULL = "\\N"


# A batch for the database ends with the first of the two.
BATCH_ROWS = 10_000
BATCH_CHARACTERS = 8_000_000


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


class RowWriter:
    """Makes rows ready by a mapping; `offset` is added to the file's row numbers."""

    def __init__(self, mapping: ColumnMapping, *, offset: int) -> None:
        self._mapping = mapping
        self._offset = offset
        self._region_of = region_reader(mapping)
        self._date_of = date_reader(mapping.date_order)
        self._tails: dict[tuple[str | None, str | None], str] = {}
        self._begin()

    @property
    def is_full(self) -> bool:
        """Whether what was added is enough for the database."""
        return len(self._lines) >= BATCH_ROWS or self._characters >= BATCH_CHARACTERS

    def add(self, batch: Batch) -> None:
        """Make some rows ready; a number that was there since the last `take` points to its first row."""
        mapping, offset, tails, add_line = self._mapping, self._offset, self._tails, self._lines.append
        phone_column, region = mapping.phone_column, mapping.region
        country_column, date_column = mapping.country_column, mapping.last_verified_column
        first_rows = self._first_rows
        for number, cells in zip(batch.numbers, batch.rows, strict=True):
            raw = cells[phone_column] if phone_column < len(cells) else ""
            if country_column is not None:
                region = self._region_of(cells)
            phone = parse_phone(raw, region)
            json = orjson.dumps(cells).decode()
            if "\\" in json:  # a quotation mark, a backslash, a line break or a tab in some cell, perhaps in this one
                json = json.replace("\\", "\\\\")
                raw = _escaped(raw)
            row_number, e164, first = number + offset, phone.e164, _NULL
            if e164 is None:
                self._reasons[phone.reason or ""] += 1
                tail = _tail(phone)
            else:
                first_row = first_rows.setdefault(e164, row_number)
                if first_row != row_number:
                    first = str(first_row)
                if phone.repairs or phone.others:
                    tail = _tail(phone)
                else:
                    kind = (phone.country_code, phone.kind)
                    tail = tails.get(kind) or tails.setdefault(kind, _tail(phone))
            day = _NULL
            if date_column is not None and date_column < len(cells):
                day = _written(self._date_of(cells[date_column]))
            add_line(f"{row_number}\t{raw}\t{json}\t{e164 or _NULL}\t{tail}\t{day}\t{first}\n")
            self._characters += len(json)
        self._last_row = batch.numbers[-1]
        if batch.problems:
            self._note_problems(batch)

    def take(self) -> ReadyRows:
        """Give what was added since the last time."""
        ready = ReadyRows(
            "".join(self._lines).encode(), len(self._lines), self._last_row, dict(self._reasons), dict(self._problems)
        )
        self._begin()
        return ready

    def _begin(self) -> None:
        self._lines: list[str] = []
        self._characters = 0
        self._last_row = 0
        self._reasons: Counter[str] = Counter()
        self._problems: dict[str, tuple[int, int]] = {}
        self._first_rows: dict[str, int] = {}

    def _note_problems(self, batch: Batch) -> None:
        for place, word in sorted(batch.problems.items()):
            count, first = self._problems.get(word, (0, batch.numbers[place]))
            self._problems[word] = (count + 1, first)


def region_reader(mapping: ColumnMapping) -> Callable[[Sequence[str]], str | None]:
    """Give the reader of a row's region: from its country column, else the mapping's.

    A country that nobody knows is no licence to guess: such a row has none, and a national number in it is rejected.
    """
    default, column = mapping.region, mapping.country_column

    def region(cells: Sequence[str]) -> str | None:
        cell = cells[column] if column is not None and column < len(cells) else ""
        return region_of(cell) if cell and not cell.isspace() else default

    return region


def _tail(phone: Phone) -> str:
    repairs, others = ",".join(phone.repairs), ",".join(phone.others)
    return f"{phone.country_code or ''}\t{phone.kind or ''}\t{{{repairs}}}\t{{{others}}}\t{phone.reason or ''}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


def _written(day: date | None) -> str:
    return _NULL if day is None else day.isoformat()
