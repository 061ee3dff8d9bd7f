"""Text lines of a byte stream, in blocks and rewindable, at the speed of C."""

import codecs
import io
import re
from collections import deque
from collections.abc import Iterator
from itertools import chain
from typing import Final

from bulk_lookup.lib.tables.byte_stream import ByteStream
from bulk_lookup.lib.tables.encoding import CUT_MARK, NUL_MARK, has_marks

BLOCK_BYTES: Final = 256 * 1024
MAX_LINE: Final = 4 * 1024 * 1024
"""Characters of one line; the rest of a longer one is left out and the row says so."""

_LINE_END: Final = re.compile(r"\r?\n|\r")


class LineTape:
    """The lines of a stream by number (from 0), each with its own ending; the latest can be read again.

    Lines end at LF, CR or CRLF only, as in spreadsheets; `str.splitlines` would also break at U+2028 and others.
    NULs, undecodable bytes and cuts are marks in the text (see `encoding`). `marked_until` is the number of the
    first line from which on no mark has been seen yet, `characters` how many of the stream were read.
    """

    def __init__(self, stream: ByteStream, encoding: str, bom_length: int) -> None:
        self.marked_until = 0
        self.characters = 0
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder(encoding)("bulk_lookup_mark")
        self._kept: deque[tuple[int, list[str]]] = deque()
        self._read = 0
        self._fresh = self._blocks()
        if bom_length:
            stream.read(bom_length)

    def lines_from(self, number: int) -> Iterator[str]:
        """Yield the lines from `number` on, which must not lie before the last `forget_before`."""
        return chain.from_iterable(self._blocks_from(number))

    def line(self, number: int) -> str:
        """Return one line that was read and not forgotten."""
        return next(self.lines_from(number))

    def forget_before(self, number: int) -> None:
        """Give up lines that will not be read again."""
        while self._kept and self._kept[0][0] + len(self._kept[0][1]) <= number:
            self._kept.popleft()

    def _blocks_from(self, number: int) -> Iterator[list[str]]:
        while True:
            for first, lines in self._kept:
                if first <= number < first + len(lines):
                    break
            else:
                block = next(self._fresh, None)
                if block is None:
                    return
                self._kept.append((self._read, block))
                self._read += len(block)
                continue
            yield from _from_place(lines, number - first)
            number = first + len(lines)

    def _blocks(self) -> Iterator[list[str]]:
        tail, cutting = "", False
        while data := self._stream.read(BLOCK_BYTES):
            text = self._marked(self._decoder.decode(data))
            self.characters += len(text)
            if cutting:
                found = _LINE_END.search(text)
                if not found:
                    continue
                text, cutting = text[found.end() :], False
            text = tail + text
            end = text.rfind("\n") + 1 or text.rfind("\r", 0, -1) + 1  # a final CR may be half of a CRLF
            tail = text[end:]
            if len(tail) > MAX_LINE:
                text, end, tail, cutting = text[:end] + tail[:MAX_LINE] + CUT_MARK + "\n", len(text), "", True
                self._note(text)
                yield _split(text)
            elif end:
                self._note(text)
                yield _split(text[:end])
        tail += self._marked(self._decoder.decode(b"", True))
        if tail and not cutting:
            self._note(tail)
            yield _split(tail)

    def _marked(self, text: str) -> str:
        return text.replace("\x00", NUL_MARK) if "\x00" in text else text

    def _note(self, text: str) -> None:
        # isascii is a flag of the string and costs nothing; the search runs at 1 GB/s.
        if not text.isascii() and has_marks(text):
            self.marked_until = self._read + text.count("\n") + text.count("\r") + 1


def _from_place(lines: list[str], place: int) -> Iterator[list[str]]:
    if place == 0:
        yield lines
        return
    size = 16  # who reads again from a place in a block mostly wants a line or two: a copy of all would cost 100 µs
    while place < len(lines):
        yield lines[place : place + size]
        place, size = place + size, size * 16


def _split(text: str) -> list[str]:
    return io.StringIO(text, newline="").readlines()
