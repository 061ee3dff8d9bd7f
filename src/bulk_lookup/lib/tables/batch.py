"""Rows as they come out of a file: many at a time for speed, or one by one."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

BATCH_CHARACTERS: Final = 2 * 1024 * 1024
"""A batch ends soon after so many characters of its cells: rows may be of a few bytes, or of megabytes."""

ROW_PROBLEMS: Final = frozenset(
    {
        "too_few_cells",  # filled up with empty cells
        "too_many_cells",  # the surplus stands, with its delimiters, in the last cell
        "unclosed_quote",  # read as one line, the quotation mark kept as a character
        "cell_too_long",  # cut to its first 1,048,576 characters
        "line_too_long",  # cut to its first 4,194,304 characters
        "nul",  # NUL characters at the ends of a cell were taken out; one within is now U+FFFD, for something may be lost
        "undecodable",  # bytes that are no text in the file's encoding were guessed or replaced by U+FFFD
        "not_json",  # the line stands as text in the column `unreadable_line`
        "not_an_object",  # the same: a line of JSON that is no object
    }
)
"""The words for what was wrong with a row. None of them makes the row unusable by itself: its cells are there."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number as a spreadsheet shows it, its cells, and one of ROW_PROBLEMS.

    Numbers begin at 1; titles, header and blank lines count.
    """

    number: int
    cells: list[str]
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """Consecutive rows; `numbers` and `rows` have the same length, `problems` maps a place in them to a word."""

    numbers: Sequence[int]
    rows: list[list[str]]
    problems: Mapping[int, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Row]:
        problems = self.problems
        for place, (number, cells) in enumerate(zip(self.numbers, self.rows, strict=True)):
            yield Row(number, cells, problems.get(place))

    def without_first(self, count: int) -> "Batch":
        """Return the same batch less its first `count` rows."""
        problems = {place - count: word for place, word in self.problems.items() if place >= count}
        return Batch(self.numbers[count:], self.rows[count:], problems)
