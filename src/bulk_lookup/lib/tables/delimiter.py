"""Which character separates the cells of a text file."""

import csv
import io
import re
from collections import Counter
from typing import Final

DELIMITERS: Final = ("\t", ";", ",", "|")
_EXCEL_HINT: Final = re.compile(r"sep=([^\r\n])\r?\n?", re.IGNORECASE)
_ENOUGH: Final = 0.6  # share of rows that must agree on a width before a character counts as delimiter
_RECORDS: Final = 500


def excel_hint(text: str) -> str | None:
    """Return the delimiter that a first line `sep=;` names, as Excel writes and reads it, or None."""
    found = _EXCEL_HINT.match(text)
    return found.group(1) if found else None


def find_delimiter(text: str) -> str | None:
    """Return the delimiter of the file that begins with `text`, or None for a file of one column.

    The delimiter is the candidate under which the most rows have the same width of two or more, the first of them
    among these; where two agree, the one that makes more columns. ("1,5;2,5" is two decimals, not three cells.)
    Where rows agree under none, a first row that a candidate splits decides.
    """
    scores = {delimiter: _score(text, delimiter) for delimiter in DELIMITERS}
    best = max(scores, key=lambda delimiter: scores[delimiter])
    return best if scores[best][0] > 0 else None


def line_ending(text: str) -> str:
    r"""Return the line ending that most lines of `text` have: "\r\n", "\n" or "\r"."""
    pairs = text.count("\r\n")
    counts = {"\n": text.count("\n") - pairs, "\r\n": pairs, "\r": text.count("\r") - pairs}
    best = max(counts, key=lambda ending: counts[ending])
    return best if counts[best] else "\n"


def _score(text: str, delimiter: str) -> tuple[float, int]:
    widths: list[int] = []
    try:
        for record in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            if record:
                widths.append(len(record))
            if len(widths) == _RECORDS:
                break
    except csv.Error:
        pass  # a quotation mark that is not closed: the rows before it tell enough
    usual = Counter(width for width in widths if width > 1).most_common(1)
    if not usual:
        return (0.0, 0)
    width, count = usual[0]
    if count >= _ENOUGH * len(widths):
        return round(count / len(widths), 1) + (0.1 if widths[0] == width else 0.0), width
    split = sum(width > 1 for width in widths)
    return (0.1 * split / len(widths), width) if widths[0] > 1 else (0.0, 0)
