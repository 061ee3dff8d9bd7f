"""Rows of a delimited text file, each brought to the table's width."""

from collections.abc import Iterator

from bulk_lookup.lib.tables.batch import Batch
from bulk_lookup.lib.tables.csv_records import CsvRecords, Records
from bulk_lookup.lib.tables.encoding import cleaned


class CsvRows:
    """Makes batches from records: blank lines are left out (but counted), ragged rows are squared.

    In a table of one column a blank line is a row with an empty cell, unless only blank lines follow.
    """

    def __init__(self, records: CsvRecords, *, delimiter: str, width: int, first_record: int) -> None:
        self._records = records
        self._delimiter = delimiter
        self._width = width
        self._number = 1  # of the next record
        self._blank = 0  # blank lines of a one-column table whose fate is open
        while self._number <= first_record:
            skipped = records.next(min(first_record + 1 - self._number, 1000))
            if skipped.ended:
                break
            self._number += len(skipped.rows)

    def batches(self, size: int) -> Iterator[Batch]:
        """Yield the rows, up to `size` at a time."""
        ended = False
        while not ended:
            records = self._records.next(size)
            ended = records.ended
            first, self._number = self._number, self._number + len(records.rows)
            widths = set(map(len, records.rows))
            plain = widths <= {self._width} and not records.problems and not records.marked and not self._blank
            if plain and records.rows:
                yield Batch(range(first, self._number), records.rows)
            elif records.rows:
                yield from self._squared(records, first, size)

    def _squared(self, records: Records, first: int, size: int) -> Iterator[Batch]:
        numbers: list[int] = []
        rows: list[list[str]] = []
        problems: dict[int, str] = {}
        for place, cells in enumerate(records.rows):
            number = first + place
            if not cells:
                self._blank += self._width == 1
                continue
            for blank in range(number - self._blank, number):
                numbers.append(blank)
                rows.append([""])
                if len(rows) >= size:
                    yield Batch(numbers, rows, problems)
                    numbers, rows, problems = [], [], {}
            self._blank = 0
            problem = records.problems.get(place)
            if records.marked:
                cells, found = cleaned(cells)
                problem = found if found == "nul" else problem or found
            if len(cells) != self._width:
                cells, found = _square(cells, self._width, self._delimiter)
                problem = problem or found
            if problem:
                problems[len(rows)] = problem
            numbers.append(number)
            rows.append(cells)
        if rows:
            yield Batch(numbers, rows, problems)


def _square(cells: list[str], width: int, delimiter: str) -> tuple[list[str], str | None]:
    if len(cells) < width:
        return cells + [""] * (width - len(cells)), "too_few_cells"
    surplus = cells[width:]
    if not any(surplus):
        return cells[:width], None  # a delimiter at the end of the line
    # Joined, nothing is lost and the columns stay where they are: "Smith, John" without its quotation marks.
    return [*cells[: width - 1], delimiter.join(cells[width - 1 :])], "too_many_cells"
