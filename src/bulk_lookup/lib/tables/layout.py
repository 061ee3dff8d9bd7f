"""Where in a sheet or text file the table is: title rows, header or none, how many columns."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median_high
from typing import Final

_VALUE: Final = re.compile(
    r"""\s*(?:
        [+＋(]?[\d٠-٩۰-۹０-９][\d٠-٩۰-۹０-９\s().,/\-–:+E]*   # a number of any look, a date, a time
      | [^@\s]+@[^@\s]+\.[^@\s]+                            # an e-mail address
    )\s*""",
    re.VERBOSE,
)
_DIGITS: Final = re.compile(r"\d")
_DATE: Final = re.compile(r"\s*\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?:[T\s].*)?")
_TITLE_ROWS: Final = 50  # further down nobody looks for the beginning of the table


@dataclass(frozen=True, slots=True)
class Layout:
    """Title and blank records above the table, its header (None: it has none), its number of columns."""

    skipped: int
    header: tuple[str, ...] | None
    width: int


def looks_like_value(cell: str) -> bool:
    """Tell whether a cell is data for certain: a number of five digits or more, a date, a time, an e-mail address."""
    return _VALUE.fullmatch(cell) is not None and ("@" in cell or len(_DIGITS.findall(cell)) >= 5)


def find_layout(
    records: Sequence[Sequence[str]],
    *,
    header: bool | None = None,
    is_value: Callable[[str], bool] = looks_like_value,
) -> Layout:
    """Find the table in the first records of a file.

    `header` says whether there is a header row, None lets the content tell: a first row with a value in it, by
    `is_value`, is data, and so is one of nothing but numbers. Title rows are rows above the table with fewer than
    two filled cells and no value in them; a table of one column has none. A header shorter than most rows is
    continued by empty names.
    """
    width = _usual_width(records)
    skipped = _titles(records, width, is_value)
    first = records[skipped] if skipped < len(records) else ()
    if header is None:
        header = bool(first) and not _is_data(first, is_value)
    if not header:
        return Layout(skipped, None, max(width, 1))
    names = [name.strip() for name in first]
    while len(names) > width and not names[-1]:
        names.pop()
    width = max(width, len(names), 1)
    return Layout(skipped, tuple(names + [""] * (width - len(names))), width)


def _usual_width(records: Sequence[Sequence[str]]) -> int:
    widths = [len(record) for record in records if any(record)]
    counts = Counter(widths)
    return max(counts, key=lambda width: (counts[width], width == widths[0], width), default=0)


def _titles(records: Sequence[Sequence[str]], width: int, is_value: Callable[[str], bool]) -> int:
    filled = [[cell for cell in record if cell.strip()] for record in records]
    usual = median_high([len(cells) for cells in filled if cells] or [0])
    enough = 1 if width < 2 else max(2, (usual + 1) // 2)
    for place, cells in enumerate(filled[:_TITLE_ROWS]):
        if len(cells) >= enough:
            return place
        if any((is_value(cell) or looks_like_value(cell)) and not _DATE.fullmatch(cell) for cell in cells):
            # Data although sparse; a single text right above it names its column.
            return place - 1 if place and len(filled[place - 1]) == 1 else place
    return next((place for place, cells in enumerate(filled) if cells), 0)


def _is_data(record: Sequence[str], is_value: Callable[[str], bool]) -> bool:
    filled = [cell for cell in record if cell.strip()]
    return any(is_value(cell) or looks_like_value(cell) for cell in filled) or all(
        _VALUE.fullmatch(cell) for cell in filled
    )
