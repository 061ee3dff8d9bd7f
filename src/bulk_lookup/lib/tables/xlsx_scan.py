"""What the reader of XLSX does not tell: the extent of a sheet before it is loaded, errors, and number formats."""

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from bulk_lookup.lib.tables.errors import TableError
from bulk_lookup.lib.tables.number_format import digit_pattern, shown
from bulk_lookup.lib.tables.xlsx_markup import plain_markup, whole_cells
from bulk_lookup.lib.tables.xlsx_package import XlsxPackage
from bulk_lookup.lib.tables.xlsx_texts import CopiedText, SharedTexts

MAX_ROWS: Final = 1_048_576
MAX_COLUMNS: Final = 16_384
CELL_LIMIT: Final = 25_000_000
"""Rows times columns of a sheet: the reader keeps the whole rectangle, 24 bytes a cell, empty ones too."""

# A literal beginning makes the first of each pair three times as fast as the second, which understands all XML; that
# either finds more than it should does no harm.
_UNUSUAL: Final = re.compile(rb"r(?:\s+=|=[\s'])")
_COLUMNS: Final = re.compile(rb'r="([A-Za-z]+)\d'), re.compile(rb"r\s*=\s*[\"']([A-Za-z]+)\d")
_ROWS: Final = re.compile(rb'r="[A-Za-z]*(\d+)'), re.compile(rb"r\s*=\s*[\"'][A-Za-z]*(\d+)")
_MANY_STYLES: Final = 64
_NUL: Final = b"_x0000_"
_CELL_END: Final = re.compile(rb"</(?:\w+:)?c>")
_VALUE: Final = re.compile(rb"<(?:\w+:)?v[^>]*>([^<]*)<")
_REFERENCE: Final = re.compile(rb"""\br\s*=\s*["']([A-Za-z]{1,3})(\d{1,7})["']""")
_STYLE: Final = re.compile(rb"""\bs\s*=\s*["'](\d+)["']""")
_TYPE: Final = re.compile(rb"""\bt\s*=\s*["'](\w+)["']""")


@dataclass(frozen=True, slots=True)
class SheetScan:
    """Whether cells need cleaning, or another look than the reader gives them; `patterns` are codes by style number."""

    unclean: bool
    other_looks: bool
    patterns: dict[bytes, str]


def scan(package: XlsxPackage, part: str, texts: SharedTexts) -> SheetScan:
    """Read a sheet's bytes once, quickly; raise TableError where loading it would take too much memory.

    A file of a few KB may place two cells so far apart that the rectangle between them fills any memory, show one long
    text in each of its cells, or have a cell that does not end.
    """
    patterns = {
        str(style).encode(): code for style, code in enumerate(package.number_formats()) if code and digit_pattern(code)
    }
    other = re.compile(_others(patterns))
    plain = (
        [b't="e"', *(b's="%s"' % style for style in patterns)] if len(patterns) <= _MANY_STYLES else [b't="e"', b's="']
    )
    rows = columns = 0
    other_looks = False
    copied = CopiedText(package, texts)
    unclean, doubtful = texts.unclean, False
    for block in _cells(package, part):
        if not rows:
            package.refuse_utf16(block)
        unusual = _UNUSUAL.search(block) is not None
        columns = max(columns, max(map(_column_number, set(_COLUMNS[unusual].findall(block))), default=0))
        rows = max(rows, max(map(_row_number, set(_ROWS[unusual].findall(block))), default=0))
        unclean = unclean or _NUL in block
        if not other_looks:
            other_looks = any(one in block for one in plain) or (unusual and other.search(block) is not None)
        doubtful = copied.could_be_too_much(block)
    if rows > MAX_ROWS or columns > MAX_COLUMNS or rows * columns > CELL_LIMIT:
        raise TableError(
            f"{package.name} has cells far out: {rows:,} rows × {columns:,} columns; "
            f"the limit is {CELL_LIMIT:,} cells. Delete what lies beside and below the list, or save it as CSV."
        )
    if doubtful:
        copied.check(_cells(package, part))
    return SheetScan(unclean, other_looks, patterns)


def other_looks(package: XlsxPackage, part: str, patterns: dict[bytes, str]) -> Iterator[tuple[int, int, str]]:
    """Yield (row, column, text), from 0 and in the file's order, of errors and of numbers with a digit pattern."""
    start = re.compile(rb"<(?:\w+:)?c\s[^<>]*?\b%s[^<>]*>" % _others(patterns))
    for block in _cells(package, part):
        ends = [end.start() for end in _CELL_END.finditer(block)]
        for opening in start.finditer(block):
            attributes = opening.group()
            place = bisect_left(ends, opening.end())
            if attributes.endswith(b"/>") or place == len(ends):
                continue  # an empty cell
            value = _VALUE.search(block, opening.end(), ends[place])
            reference = _REFERENCE.search(attributes)
            if value is None or reference is None:
                continue
            text: str | None = value.group(1).decode("utf-8", "replace")
            found = _TYPE.search(attributes)
            if found is None or found.group(1) == b"n":
                style = _STYLE.search(attributes)
                text = shown(patterns.get(style.group(1), "") if style else "", text or "")
            elif found.group(1) != b"e":
                continue
            if text is not None:
                yield int(reference.group(2)) - 1, _column_number(reference.group(1)) - 1, text


def _others(patterns: dict[bytes, str]) -> bytes:
    """Return a pattern of the attributes of cells that the reader does not give as they look."""
    styles = b"|".join(patterns) or b"none"
    if len(patterns) > _MANY_STYLES:  # each cell is compared with each of them: better look at every styled cell
        styles = rb"\d+"
    return rb"(?:t\s*=\s*[\"']e|s\s*=\s*[\"'](?:%s))[\"']" % styles


def _cells(package: XlsxPackage, part: str) -> Iterator[bytes]:
    return whole_cells(plain_markup(package.blocks(part), package.name), package.name)


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters[:4].upper():
        number = number * 26 + letter - 64
    return number


def _row_number(digits: bytes) -> int:
    return int(digits[:10])  # more are past every limit, and Python refuses to convert thousands
