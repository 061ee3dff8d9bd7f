"""The reading half of an import, ahead of the writing half in a thread of its own.

While PostgreSQL stores one batch on one core, the next is read and parsed on another: the writing half waits in libpq,
which does not hold Python's lock.
"""

import sys
from collections import deque
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import Full, Queue
from threading import Event, Thread
from typing import Final, TypeVar

from bulk_lookup.engine.import_mapping import ColumnMapping
from bulk_lookup.engine.import_phones import PhoneReaders
from bulk_lookup.engine.import_rows import ReadyRows, RowGatherer, ready_rows
from bulk_lookup.lib.tables.errors import TableError
from bulk_lookup.lib.tables.source import Table, open_table
from bulk_lookup.lib.tables.spool import shown_name

_Item = TypeVar("_Item")

_READ_ROWS: Final = 50  # at once: of rows with cells of 200 KB these are 10 MB
_AHEAD: Final = 1  # batches
_STOP_CHECK_SECONDS: Final = 0.1
# How long one thread may keep Python's lock while another wants it. At the usual 5 ms the writing half waited 40 ms a
# batch for its turns; with this, 25 % more rows a second.
_TURN_SECONDS: Final = 0.0005


@dataclass(frozen=True, slots=True)
class Portion:
    """Rows for one transaction, how far the file is read, and the names of its columns, which JSON Lines may add to."""

    ready: ReadyRows
    bytes_read: int
    header: tuple[str, ...]


def read_portions(path: Path, mapping: ColumnMapping, *, offset: int, skip: int) -> Generator[Portion, None, None]:
    """Read a file by its mapping, without its first `skip` rows; `offset` is added to row numbers. Raises TableError."""
    with open_table(path, sheet=mapping.sheet, header=mapping.header) as table:
        if mapping.phone_column >= table.width and table.format.kind != "jsonl":
            raise TableError(
                f"{shown_name(path)} has no column {mapping.phone_column + 1} any more: it is not the file that was looked at. "
                "Import it anew."
            )
        with PhoneReaders(table.bytes_total) as phones:
            waiting: deque[Callable[[], Portion]] = deque()
            broken = None
            try:
                for portion in _portions(table, mapping, phones, offset=offset, skip=skip):
                    waiting.append(portion)
                    while len(waiting) > phones.ahead:
                        yield waiting.popleft()()
            except TableError as error:  # a file that breaks in the middle: the rows before come first
                broken = error
            while waiting:
                yield waiting.popleft()()
            if broken is not None:
                raise broken


def _portions(
    table: Table, mapping: ColumnMapping, phones: PhoneReaders, *, offset: int, skip: int
) -> Iterator[Callable[[], Portion]]:
    """Gather portions and have their phone cells read; each waits for that when it is called."""
    gatherer = RowGatherer(mapping)
    any_before = skip > 0

    def portion() -> Callable[[], Portion]:
        rows, regions = gatherer.take()
        answer, bytes_read, names = phones.read(rows.cells, regions), table.bytes_read, _names(table)
        return lambda: Portion(ready_rows(rows, answer(), offset=offset), bytes_read, names)

    broken = None
    try:
        for batch in table.batches(_READ_ROWS, skip=skip):
            gatherer.add(batch)
            if gatherer.rows.is_full:
                yield portion()
                any_before = True
    except TableError as error:
        broken = error
    if gatherer.rows.cells or not any_before:  # a table without rows is one portion: it has a header all the same
        yield portion()
    if broken is not None:
        raise broken


@contextmanager
def read_ahead(source: Generator[_Item, None, None]) -> Iterator[Iterator[_Item]]:
    """Run an iterator in a thread, a little ahead; its exceptions come out where its items would."""
    ahead: Queue[_Item | _End] = Queue(maxsize=_AHEAD)
    stopped = Event()

    def put(item: _Item | _End) -> None:
        while not stopped.is_set():
            try:
                ahead.put(item, timeout=_STOP_CHECK_SECONDS)
                return
            except Full:
                continue

    def read() -> None:
        try:
            with closing(source):
                for item in source:
                    put(item)
                    if stopped.is_set():
                        return
            put(_End(None))
        except BaseException as error:  # whoever waits for the next item must hear of the reader's end, whatever it was
            put(_End(error))

    thread = Thread(target=read, name="read ahead", daemon=True)
    turn = sys.getswitchinterval()
    sys.setswitchinterval(_TURN_SECONDS)
    thread.start()
    try:
        yield _items(ahead)
    finally:
        stopped.set()
        thread.join()
        sys.setswitchinterval(turn)


def _names(table: Table) -> tuple[str, ...]:
    return table.header or tuple(f"column_{number}" for number in range(1, table.width + 1))


@dataclass(frozen=True, slots=True)
class _End:
    error: BaseException | None


def _items(ahead: "Queue[_Item | _End]") -> Iterator[_Item]:
    while not isinstance(item := ahead.get(), _End):
        yield item
    if item.error is not None:
        raise item.error
