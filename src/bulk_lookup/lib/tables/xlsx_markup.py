"""The XML of a sheet as a stream of whole elements, with nothing in it that is larger than any honest part of one."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from bulk_lookup.lib.tables.errors import TableError

ELEMENT_LIMIT: Final = 4 * 1024 * 1024
"""Bytes of one cell, text, comment or tag. A cell holds 32,767 characters; as escapes or formatted runs they take more."""

_OPENING: Final = re.compile(rb"<(?:\w+:)?(?:c|row|si)(?=[\s/>])")
_WHOLE_CELL: Final = re.compile(rb"<(?:\w+:)?(?:c|si)(?:\s[^<>]*)?/>|</(?:\w+:)?(?:c|si)>")
_CELL: Final = re.compile(rb"<(?:\w+:)?(?:c|si)[\s/>]")
_NEAR: Final = 64 * 1024  # from the end of a block, where its last cell is looked for first
_ASIDE: Final = re.compile(rb"<(?:(!--)|(!\[CDATA\[)|(\?))")
_ASIDE_ENDS: Final = (b"-->", b"]]>", b"?>")


def plain_markup(blocks: Iterable[bytes], name: str) -> Iterator[bytes]:
    """Yield a document without comments and instructions, in pieces that end before a "<".

    CDATA keeps its length, but not what it says: nothing in the pieces looks like an element that is none. Raises
    TableError at the first stretch that passes ELEMENT_LIMIT, whatever the reader would make of it.
    """
    rest = b""
    for block in blocks:
        data = rest + block
        if b"<!" in data or b"<?" in data:
            data, rest = _without_asides(data)
        else:
            rest = b""
        end = len(data) if rest else max(data.rfind(b"<"), 0)
        rest = rest or data[end:]
        if len(rest) > ELEMENT_LIMIT:
            raise too_large(name)
        if end:
            yield data[:end]
    if rest:
        yield rest


def whole_cells(pieces: Iterable[bytes], name: str) -> Iterator[bytes]:
    """Yield the same document cut before cells, rows and shared texts only; raises TableError where one is too large."""
    rest = b""
    for piece in pieces:
        data = rest + piece
        end = _last_opening(data)
        if end == 0 and len(data) > ELEMENT_LIMIT:  # what stands behind the cells is cut anywhere
            if _CELL.match(data) and not _WHOLE_CELL.search(data, 0, ELEMENT_LIMIT):
                raise too_large(name)
            end = len(data)
        if end:
            yield data[:end]
        rest = data[end:]
    if rest:
        yield rest


def too_large(name: str) -> TableError:
    """Say that some part of a workbook is beyond anything that a spreadsheet writes."""
    return TableError(
        f"{name} holds a cell, text or comment of more than {ELEMENT_LIMIT // 1024**2} MiB, which no spreadsheet writes "
        "(its cells hold 32,767 characters). Open it in a spreadsheet and save it again, or save the list as CSV."
    )


def _without_asides(data: bytes) -> tuple[bytes, bytes]:
    """Return the data without asides, and the beginning of one that has not ended yet."""
    kept: list[bytes] = []
    place = 0
    while opening := _ASIDE.search(data, place):
        kept.append(data[place : opening.start()])
        kind = opening.lastindex or 1
        end = data.find(_ASIDE_ENDS[kind - 1], opening.end())
        if end < 0:
            return b"".join(kept), data[opening.start() :]
        if kind == 2:
            kept.append(b"x" * (end - opening.end()))
        place = end + len(_ASIDE_ENDS[kind - 1])
    kept.append(data[place:])
    return b"".join(kept), b""


def _last_opening(data: bytes) -> int:
    for begin in (max(0, len(data) - _NEAR), 0):
        if places := [opening.start() for opening in _OPENING.finditer(data, begin)]:
            return places[-1]
    return 0
