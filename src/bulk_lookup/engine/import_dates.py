"""Dates as people write them in tables, where it is certain which date is meant."""

import re
from collections.abc import Callable, Iterable
from datetime import date
from typing import Final, Literal

DateOrder = Literal["", "dmy", "mdy"]
"""Which of 05/04/2024's first two numbers is the day; "" where nobody knows."""

_ISO: Final = re.compile(r"((?:19|20)\d\d)([-/.]?)(\d\d?)\2(\d\d?)(?:[T ].*)?", re.ASCII)
_SLASHED: Final = re.compile(r"(\d\d?)([-/.]) ?(\d\d?)\2 ?((?:19|20)\d\d)(?:[T ,].*)?", re.ASCII)
_NAMED: Final = re.compile(
    r"(?:(\d\d?)(?:st|nd|rd|th)?[ .-]+)?([A-Za-z]{3,9})[ .,-]+(?:(\d\d?)(?:st|nd|rd|th)?[ ,]+)?((?:19|20)\d\d)",
    re.ASCII,
)
_MONTHS: Final = {
    name[:length]: number
    for number, name in enumerate(
        [
            *("january", "february", "march", "april", "may", "june"),
            *("july", "august", "september", "october", "november", "december"),
        ],
        1,
    )
    for length in {3, len(name)}
} | {"sept": 9}


def find_date_order(cells: Iterable[str]) -> DateOrder:
    """Tell from a column's cells whether the day comes first; a number above 12 gives it away, and dots do.

    One cell that says so is enough, as long as none says the contrary.
    """
    orders = set[DateOrder]()
    for cell in cells:
        found = _SLASHED.fullmatch(cell.strip())
        if found is None:
            continue
        first, separator, second = int(found[1]), found[2], int(found[3])
        if separator == "." or 12 < first <= 31:
            orders.add("dmy")
        elif 12 < second <= 31:
            orders.add("mdy")
    return orders.pop() if len(orders) == 1 else ""


def date_reader(order: DateOrder) -> Callable[[str], date | None]:
    """Give the reader of a column: 2024-05-31, 20240531, 31.05.2024, 05/31/2024, 31 May 2024, with or without a time.

    What is no date, or could be two, is None.
    """

    def read(cell: str) -> date | None:
        text = cell.strip()
        if found := _ISO.fullmatch(text):
            if not found[2] and len(found[3] + found[4]) != 4:
                return None
            return _date(found[1], found[3], found[4])
        if found := _SLASHED.fullmatch(text):
            first, second = found[1], found[3]
            if found[2] == "." or int(first) > 12 or order == "dmy":
                return _date(found[4], second, first)
            if int(second) > 12 or order == "mdy" or first == second:
                return _date(found[4], first, second)
            return None
        if (found := _NAMED.fullmatch(text)) and bool(found[1]) != bool(found[3]):
            return _date(found[4], _MONTHS.get(found[2].lower(), 0), found[1] or found[3])
        return None

    return read


def _date(year: str, month: str | int, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None
