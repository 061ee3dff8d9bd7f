"""Pages by key: a page begins behind the last row of the one before, however many rows lie before it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import Q

from bulk_lookup.core.contact_filter import ContactFilter, Sort
from bulk_lookup.models import Contact
from bulk_lookup.models.contact import Contacts

PAGE_ROWS = 50

_COLUMNS: dict[Sort, str] = {
    Sort.ROW: "row_number",
    Sort.ROW_BACK: "-row_number",
    Sort.CREATED: "created_at",
    Sort.CREATED_BACK: "-created_at",
    Sort.LOOKED_UP: "lookup_performed_at",
    Sort.LOOKED_UP_BACK: "-lookup_performed_at",
}
_READ: dict[str, Callable[[str], Any]] = {"row_number": int}


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page begins: behind (or, going back, before) the row with this key, which is `place` from the beginning."""

    back: bool
    place: int
    id: int
    key: Any

    def __str__(self) -> str:
        # Without a plus, which an address takes for a space.
        key = f"{self.key.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}" if isinstance(self.key, datetime) else self.key
        return f"{'b' if self.back else 'f'}_{self.place}_{self.id}_{key}"


@dataclass(frozen=True, slots=True)
class Page:
    """Rows with the place of the first, from 1; the cursors are None where there is nothing."""

    rows: list[Contact]
    first: int
    before: Cursor | None
    after: Cursor | None

    @property
    def last(self) -> int:
        """The place of the last row."""
        return self.first + len(self.rows) - 1


def order_of(wanted: ContactFilter) -> Sort:
    """The order of a page: the one asked for, where its index serves; else the rows of one list, or the newest first."""
    in_one_list = len(wanted.list) == 1
    if wanted.sort is not None and (in_one_list or wanted.sort not in (Sort.ROW, Sort.ROW_BACK)):
        return wanted.sort
    return Sort.ROW if in_one_list else Sort.CREATED_BACK


def read_cursor(text: str, order: Sort) -> Cursor | None:
    """The cursor of an address; None for anything else."""
    column = _COLUMNS[order].lstrip("-")
    try:
        way, place, row_id, key = text.split("_", 3)
        found = Cursor(way == "b", int(place), int(row_id), _READ.get(column, _moment)(key))
    except ValueError:
        return None
    return found if way in ("b", "f") and 0 < found.place < 2**53 and 0 <= found.id < 2**63 else None


def page_of(contacts: Contacts, order: Sort, cursor: Cursor | None) -> Page:
    """The page that begins at a cursor, or the first one."""
    column = _COLUMNS[order].lstrip("-")
    descending = _COLUMNS[order].startswith("-")
    back = cursor is not None and cursor.back
    if column == "lookup_performed_at":
        contacts = contacts.filter(lookup_performed_at__isnull=False)
    if cursor is not None:
        contacts = contacts.filter(_beyond(column, cursor, greater=descending == back))
    sign = "-" if descending != back else ""
    # `row_number` needs no second key: it is unique in the one list that is shown.
    keys = [sign + column] if column == "row_number" else [sign + column, sign + "id"]
    rows = list(contacts.order_by(*keys)[: PAGE_ROWS + 1])
    more, rows = len(rows) > PAGE_ROWS, rows[:PAGE_ROWS]
    if back:
        rows.reverse()
    return _page(rows, column, cursor, more=more)


def _page(rows: list[Contact], column: str, cursor: Cursor | None, *, more: bool) -> Page:
    back = cursor is not None and cursor.back
    first = 1 if cursor is None else cursor.place + 1
    if back and cursor is not None:
        first = max(1, cursor.place - len(rows))
    if not rows:
        return Page([], first, None, None)
    before = more if back else cursor is not None
    after = more if not back else True
    return Page(
        rows,
        first,
        _cursor(rows[0], column, first, back=True) if before else None,
        _cursor(rows[-1], column, first + len(rows) - 1, back=False) if after else None,
    )


def _beyond(column: str, cursor: Cursor, *, greater: bool) -> Q:
    """Behind the key in the order: a range that the index takes, and a condition for rows with the same key."""
    side = "gt" if greater else "lt"
    if column == "row_number":
        return Q(**{f"row_number__{side}": cursor.key})
    behind = Q(**{f"{column}__{side}": cursor.key}) | Q(**{f"id__{side}": cursor.id})
    return Q(**{f"{column}__{side}e": cursor.key}) & behind


def _cursor(row: Contact, column: str, place: int, *, back: bool) -> Cursor:
    return Cursor(back, place, row.pk, getattr(row, column))


def _moment(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError("a time without its zone")
    return found
