"""Which column of a table holds the phone numbers, and what the columns of the answer are called."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Literal

from bulk_lookup.core.header_words import HeaderKind, header_kind, names_country

Reason = Literal["asked_for", "raw_phone_number", "own_output", "only_column", "content", "header", "leftmost"]

OLD_EXPORT_COLUMN: Final = "raw_phone_number"
"""The column of raw numbers in exports of the application before this one, and in ours: it is taken by its name."""

_CLOSE: Final = 0.2  # columns whose shares differ by no more are told apart by their names, then by their place
_LEAST: Final = 0.1  # share of rows with a phone number, below which content says nothing
_SURE: Final = 0.5  # share of its filled cells that must be phone numbers in a column of phone numbers
_COUNTER: Final = 0.3  # what remains of the share of a column whose numbers count up
_LISTED: Final = 20  # columns named in a sentence
_SHOWN: Final = 40  # characters of each name

_OWN_COLUMN: Final = re.compile(r"(?:lookup_)?(\w+?)(?:_\d+)?")
_OTHER_NUMBER: Final = re.compile(
    r"""\s*(?:
        \d{4}[-/.]\d{1,2}[-/.]\d{1,2}(?:[T\s].*)?         # 2024-01-05, 2024-01-05 13:45
      | \d{1,2}[-/.]\d{1,2}[-/.](?:19|20)\d\d(?:\s.*)?    # 05.01.2024
      | (?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])  # 20240105
      | [-+]?\d{1,9}[.,]\d{1,2}                           # 1234.50
      | -?\d{1,3}\.\d{3,}                                 # 52.520008
      | [-+]?\d{1,3}(?:[.,]\d{3})+[.,]\d{2}               # 1,234.50
      | [$€£¥]\s*[\d.,]+ | [\d.,]+\s*(?:[$€£¥%]|EUR|USD|GBP)
      | (?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)  # an IPv4 address
      | \d{5}-\d{4}                                       # ZIP+4
      | [0-9a-fA-F]{8}-[0-9a-fA-F]{4}-.*                  # a UUID
    )\s*""",
    re.VERBOSE,
)
_INTEGER: Final = re.compile(r"\d{1,18}")


class ColumnError(Exception):
    """No column can be chosen; the message is one sentence that lists the columns there are."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its place from 0, its name ("" without one), and the share of rows with a phone number in it."""

    position: int
    name: str
    share: float

    @property
    def label(self) -> str:
        """What a person knows it by: its name, or its number from 1."""
        return self.name or f"column {self.position + 1}"


@dataclass(frozen=True, slots=True)
class PhoneColumn:
    """The column chosen, the reason word, and the other columns in which phone numbers were seen, best first."""

    column: Column
    reason: Reason
    alternatives: tuple[Column, ...]


def choose_phone_column(
    header: Sequence[str] | None,
    rows: Sequence[Sequence[str]],
    looks_like_phone: Callable[[str], bool],
    *,
    asked: str | None = None,
) -> PhoneColumn:
    """Choose the column of phone numbers from a table's header and its first rows.

    `asked`, a name or a number from 1, decides. So does the name `raw_phone_number`; in our own output, only the
    columns before ours are looked at. Else the content decides: how many rows have a phone number there, where
    counters, dates, prices, postcodes and addresses of machines are none. Among columns about as full of them, the
    name decides (a fax loses to anything), then the leftmost is taken. Raises ColumnError when no column has phone
    numbers and none is named like it.
    """
    width = max([len(header or ()), *map(len, rows)], default=0)
    columns = [_measured(header, rows, position, looks_like_phone) for position in range(width)]
    if asked is not None:
        return _chosen(columns, find_column(header, width, asked), "asked_for")
    for position, name in enumerate(header or ()):
        if name.strip() == OLD_EXPORT_COLUMN:
            return _chosen(columns, position, "raw_phone_number")
    own = _first_own_column(header or ())
    choice = _best(columns[:own])
    if choice is None:
        raise ColumnError(f"No column looks like phone numbers. Name the right one; {list_columns(header, width)}.")
    position, reason = choice
    return _chosen(columns, position, "own_output" if own is not None else reason)


def first_row_is_data(
    first: Sequence[str], rows: Sequence[Sequence[str]], looks_like_phone: Callable[[str], bool]
) -> bool:
    """Tell whether what stands where a header would is a row like the others: its phone cell is a phone number."""
    try:
        chosen = choose_phone_column(None, rows or [first], looks_like_phone)
    except ColumnError:
        return any(map(looks_like_phone, first))
    position = chosen.column.position
    return position < len(first) and looks_like_phone(first[position])


def suggest_country_column(
    header: Sequence[str] | None, rows: Sequence[Sequence[str]], is_country: Callable[[str], bool]
) -> int | None:
    """Return the place of a column that seems to say each row's country, or None; never to be followed unasked.

    `is_country` tells an ISO code or a country's name. A column named like it needs half its filled cells to be
    countries; another one nearly all of at least ten, since CA, DE and IN are American states too.
    """
    own = _first_own_column(header or ())
    for named in (True, False):
        for position in range(max([len(header or ()), *map(len, rows)], default=0))[:own]:
            if names_country(_name(header, position)) is not named:
                continue
            cells = [row[position].strip() for row in rows if position < len(row) and row[position].strip()]
            countries = sum(map(is_country, cells))
            if cells and countries >= len(cells) * 0.5 if named else countries >= max(10, len(cells) * 0.98):
                return position
    return None


def find_column(header: Sequence[str] | None, width: int, asked: str) -> int:
    """Return the place (from 0) of the column with a name, or else with a number from 1.

    The name counts as it is written before it counts without regard to case and outer blanks.
    Raises ColumnError, with the list of columns, when there is none or when several have the name.
    """
    names = list(header or ()) if asked.strip() else []
    for same in (str, lambda name: name.strip().casefold()):
        found = [position for position, name in enumerate(names) if same(name) == same(asked)]
        if len(found) > 1:
            numbers = ", ".join(str(position + 1) for position in found)
            raise ColumnError(f"Several columns are called {asked!r}. Give the number of one of them: {numbers}.")
        if found:
            return found[0]
    if asked.strip().isascii() and asked.strip().isdecimal() and 1 <= int(asked) <= width:
        return int(asked) - 1
    raise ColumnError(f"There is no column {asked!r}; {list_columns(header, width)}.")


def list_columns(header: Sequence[str] | None, width: int) -> str:
    """Return a half sentence that lists the columns by number and name."""
    if not header or not any(header):
        return "the table has 1 column" if width == 1 else f"the columns have no names, only numbers from 1 to {width}"
    names = [_name(header, position).strip() for position in range(min(width, _LISTED))]
    listed = [f"{number} {name[:_SHOWN]}{'…' * (len(name) > _SHOWN)}".strip() for number, name in enumerate(names, 1)]
    more = f" and {width - _LISTED} more" if width > _LISTED else ""
    return f"the columns are: {', '.join(listed)}{more}"


def appended_header(original: Sequence[str], new: Sequence[str]) -> list[str]:
    """Return the header of the answer: the original names, then the new ones, none of which equals another.

    A new name that is taken gets the prefix `lookup_`, and where that is taken too the ending `_2`, `_3` …
    """
    names = list(original)
    taken = {name.strip() for name in names}
    for name in new:
        if name in taken:
            name = f"lookup_{name}"
        candidate, count = name, 2
        while candidate in taken:
            candidate, count = f"{name}_{count}", count + 1
        taken.add(candidate)
        names.append(candidate)
    return names


@dataclass(frozen=True, slots=True)
class _Measured:
    column: Column
    kind: HeaderKind
    weight: float  # the share, less what speaks against it: what is compared


def _measured(
    header: Sequence[str] | None,
    rows: Sequence[Sequence[str]],
    position: int,
    looks_like_phone: Callable[[str], bool],
) -> _Measured:
    name = _name(header, position)
    kind = header_kind(name)
    filled = [row[position] for row in rows if position < len(row) and row[position].strip()]
    phones = [cell for cell in filled if not _OTHER_NUMBER.fullmatch(cell) and looks_like_phone(cell)]
    share = len(phones) / len(rows) if rows else 0.0
    if len(phones) < len(filled) * _SURE or not phones:
        return _Measured(Column(position, name, share), kind, 0.0)
    # One number in all rows is the switchboard, not the person: it counts less than numbers of their own.
    weight = share * (0.5 + 0.5 * min(1.0, 2 * len(set(phones)) / len(phones)))
    if kind != "phone" and _counts_up(phones):
        weight *= _COUNTER  # an order's or a customer's number, most likely
    return _Measured(Column(position, name, share), kind, weight)


def _counts_up(cells: Sequence[str]) -> bool:
    numbers = [int(cell) for cell in cells if _INTEGER.fullmatch(cell.strip())]
    if len(numbers) < max(5, len(cells) * 0.9):
        return False
    steps = [later - earlier for earlier, later in pairwise(numbers)]
    return sum(1 <= step <= 10 for step in steps) > len(steps) * 0.9


def _best(columns: Sequence[_Measured]) -> tuple[int, Reason] | None:
    filled = [one for one in columns if one.weight >= _LEAST]
    full = [one for one in filled if one.kind != "not_phone"] or filled
    if not full:
        return next(((one.column.position, "header") for one in columns if one.kind == "phone"), None)
    if len(columns) == 1:
        return 0, "only_column"
    best = max(one.weight for one in full)
    close = [one for one in full if one.weight >= best - _CLOSE]
    if len(close) == 1:
        rivals = [one for one in filled if one.weight >= best - _CLOSE]
        return close[0].column.position, "header" if len(rivals) > 1 else "content"
    for kind in ("phone", "number"):
        named = [one for one in close if one.kind == kind]
        if named:
            return named[0].column.position, "header" if len(named) == 1 else "leftmost"
    return close[0].column.position, "leftmost"


def _first_own_column(header: Sequence[str]) -> int | None:
    bare = [found.group(1) if (found := _OWN_COLUMN.fullmatch(name.strip())) else "" for name in header]
    for position in range(1, len(bare) - 1):
        if bare[position] == "formatted_phone_number" and bare[position + 1] == "valid":
            return position
    return None


def _chosen(columns: Sequence[_Measured], position: int, reason: Reason) -> PhoneColumn:
    others = [one for one in columns if one.weight >= _LEAST and one.column.position != position]
    others.sort(key=lambda one: (-one.weight, one.column.position))
    return PhoneColumn(columns[position].column, reason, tuple(one.column for one in others))


def _name(header: Sequence[str] | None, position: int) -> str:
    return header[position] if header and position < len(header) else ""
