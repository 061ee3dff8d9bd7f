"""The texts that a workbook's cells share: what is to be known of them before the reader copies one into each cell."""

import re
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from bulk_lookup.lib.tables.xlsx_markup import ELEMENT_LIMIT, plain_markup, too_large
from bulk_lookup.lib.tables.xlsx_package import SHARED_TEXTS, XLSX_LIMIT_BYTES, XlsxPackage

_NUL: Final = b"_x0000_"
_TEXT_END: Final = re.compile(rb"</(?:\w+:)?si\s*>|<(?:\w+:)?si(?:\s[^<>]*)?/>")
# A cell of a shared text, up to the text's number: between the two may stand elements, but no other cell.
_REFERENCE: Final = re.compile(
    rb"""<(?:\w+:)?c\s[^<>]*?\bt\s*=\s*["']s["'][^<>]*>[^<]*"""
    rb"""(?:<(?!/?(?:\w+:)?[cv][\s/>])[^<]*)*<(?:\w+:)?v[^<>]*>\s*\+?0*(\d{1,9})"""
)


@dataclass(frozen=True, slots=True)
class SharedTexts:
    """Whether some need cleaning, and the bytes of each."""

    unclean: bool
    lengths: "array[int]"


def scan_texts(package: XlsxPackage) -> SharedTexts:
    """Read the shared texts once, to their end; raise TableError where one is too large to be any cell's."""
    unclean, rest = False, 0
    lengths = array("I")
    for piece in plain_markup(package.blocks(SHARED_TEXTS), package.name):
        package.refuse_utf16(piece)
        unclean = unclean or _NUL in piece
        found = list(map(len, _TEXT_END.split(piece)))
        found[0] += rest
        rest = found[-1]
        if max(found) > ELEMENT_LIMIT:
            raise too_large(package.name)
        lengths.extend(found[:-1])
    return SharedTexts(unclean, lengths)


class CopiedText:
    """Adds up the text that the cells of a sheet show; raises TableError when it is more than fits into memory.

    The reader copies a shared text into each cell that shows it: a file of 50 KB may show one of 32 KB a million times.
    """

    def __init__(self, package: XlsxPackage, texts: SharedTexts) -> None:
        self._package = package
        self._lengths = texts.lengths
        self._longest = max(texts.lengths, default=0)
        self._most = 0  # bytes, if every cell so far showed the longest

    def could_be_too_much(self, cells: bytes) -> bool:
        """Count cells quickly; tells whether they have to be looked at one by one."""
        self._most += self._longest * (cells.count(b"</") // 2)  # a cell with a value has two such
        return self._most > XLSX_LIMIT_BYTES

    def check(self, pieces: Iterable[bytes]) -> None:
        """Count the whole sheet exactly."""
        total = 0
        for cells in pieces:
            total += sum(self._of(cells))
            if total > XLSX_LIMIT_BYTES:
                raise self._package.too_much("shows more text in its cells")

    def _of(self, cells: bytes) -> Iterator[int]:
        for number in map(int, _REFERENCE.findall(cells)):
            if number < len(self._lengths):
                yield self._lengths[number]
