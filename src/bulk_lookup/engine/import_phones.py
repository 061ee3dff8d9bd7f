"""The phone cells of an import: read here, or where there are many in processes of their own.

No Django and no database: `python -m bulk_lookup.engine.import_phones` is such a process. It reads requests from its
standard input and ends with it, so that it outlives nobody.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import lru_cache
from queue import SimpleQueue
from types import TracebackType
from typing import BinaryIO, Final, Self

import orjson

from bulk_lookup.core.phone import Reason, parse_phone

NULL: Final = "\\N"
PHONE_COLUMNS: Final = "formatted_phone_number, country_code, kind, repairs, other_phone_numbers, reason"

Regions = Sequence[str | None] | str | None
"""The region of each cell, or one for all of them."""

# A process takes half a second to start: files of fewer bytes are read before it is there.
WORTH_A_PROCESS_BYTES: Final = 4 * 1024 * 1024
# PostgreSQL uses up one processor; where there are only two, a second process of ours would take it from it.
_MANY_PROCESSORS: Final = 4
_REMEMBERED_CELLS: Final = 4096
_LONGEST_REMEMBERED: Final = 40
_LENGTH_BYTES: Final = 8
_LOST: Final = "\ufffd"  # what stood here could not be read; perhaps it was a digit


def read_cells(cells: Sequence[str], regions: Regions) -> list[str]:
    """Read each cell; returns PHONE_COLUMNS of each as COPY text, without a line end."""
    each = [regions] * len(cells) if regions is None or isinstance(regions, str) else regions
    return [
        _remembered(cell, region) if len(cell) <= _LONGEST_REMEMBERED else _read_cell(cell, region)
        for cell, region in zip(cells, each, strict=True)
    ]


class PhoneReaders:
    """Reads cells for one file of so many bytes, in processes of its own if that is worth it. Close it, or use `with`.

    A process that dies is not missed: what it was asked is read here.
    """

    def __init__(self, file_bytes: int) -> None:
        count = 0
        if file_bytes >= WORTH_A_PROCESS_BYTES:
            count = 2 if (os.cpu_count() or 1) >= _MANY_PROCESSORS else 1
        self.ahead = count  # requests that may wait for their answers
        self._idle: SimpleQueue[_PhoneProcess] = SimpleQueue()
        self._processes = [_PhoneProcess() for _ in range(count)]
        for process in self._processes:
            self._idle.put(process)
        self._threads = ThreadPoolExecutor(max(1, count), thread_name_prefix="phones")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def read(self, cells: Sequence[str], regions: Regions) -> Callable[[], list[str]]:
        """Begin to read; what is returned waits for the answer of `read_cells` and gives it."""
        if not self._processes:
            return lambda: read_cells(cells, regions)
        return self._threads.submit(self._ask, cells, regions).result

    def close(self) -> None:
        """End the processes."""
        for process in self._processes:
            process.end()
        self._threads.shutdown(cancel_futures=True)

    def _ask(self, cells: Sequence[str], regions: Regions) -> list[str]:
        process = self._idle.get()
        try:
            return process.ask(cells, regions)
        except (OSError, EOFError):
            return read_cells(cells, regions)
        finally:
            self._idle.put(process)


class _PhoneProcess:
    """One process, asked by one thread at a time."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bulk_lookup.engine.import_phones"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,  # an interrupt at the terminal is for the process that asks
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._to: BinaryIO = self._process.stdin  # type: ignore[assignment]
        self._from: BinaryIO = self._process.stdout  # type: ignore[assignment]

    def ask(self, cells: Sequence[str], regions: Regions) -> list[str]:
        """Raises OSError or EOFError when the process has died."""
        _send(self._to, orjson.dumps([cells, regions]))
        answer = _receive(self._from).decode()
        return answer.split("\n") if cells else []

    def end(self) -> None:
        self._process.kill()  # it holds nothing that could be lost
        self._process.wait()
        for pipe in (self._to, self._from):
            with suppress(OSError):  # what was not sent yet
                pipe.close()


def _read_cell(cell: str, region: str | None) -> str:
    phone = parse_phone(cell, region)
    reason = phone.reason
    if reason is Reason.NOT_A_NUMBER and _LOST in cell and any(map(str.isdigit, cell)):
        reason = Reason.DAMAGED
    return (
        f"{phone.e164 or NULL}\t{phone.country_code or ''}\t{phone.kind or ''}\t{{{','.join(phone.repairs)}}}\t"
        f"{{{','.join(phone.others)}}}\t{reason or ''}"
    )


# "n/a" and the like, the dearest cells to read, stand in a list again and again.
_remembered = lru_cache(_REMEMBERED_CELLS)(_read_cell)


def _send(pipe: BinaryIO, message: bytes) -> None:
    pipe.write(len(message).to_bytes(_LENGTH_BYTES, "big"))
    pipe.write(message)
    pipe.flush()


def _receive(pipe: BinaryIO) -> bytes:
    """Raises EOFError at the end of the pipe, also in the middle of a message."""
    head = pipe.read(_LENGTH_BYTES)
    length = int.from_bytes(head, "big")
    message = pipe.read(length)
    if len(head) < _LENGTH_BYTES or len(message) < length:
        raise EOFError
    return message


def _serve(requests: BinaryIO, answers: BinaryIO) -> None:
    with suppress(EOFError, BrokenPipeError):
        while True:
            cells, regions = orjson.loads(_receive(requests))
            _send(answers, "\n".join(read_cells(cells, regions)).encode())


if __name__ == "__main__":
    _serve(sys.stdin.buffer, sys.stdout.buffer)
