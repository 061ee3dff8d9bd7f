"""What a file is, by its first bytes: a table we read, or something to be converted first."""

import re
from typing import Final

from bulk_lookup.lib.tables.byte_stream import ByteStream
from bulk_lookup.lib.tables.errors import TableError

ZIP_MAGIC: Final = b"PK\x03\x04"
_OLE_MAGIC: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

_NOT_TABLES: Final = (
    (b"%PDF", "a PDF document", "Copy its table into a spreadsheet and save that as XLSX or CSV"),
    (b"\x89PNG", "a picture (PNG)", "Give the list itself, as CSV or XLSX"),
    (b"\xff\xd8\xff", "a picture (JPEG)", "Give the list itself, as CSV or XLSX"),
    (b"GIF8", "a picture (GIF)", "Give the list itself, as CSV or XLSX"),
    (b"BZh", "packed with bzip2", "Unpack it first: bunzip2 FILE"),
    (b"\xfd7zXZ\x00", "packed with xz", "Unpack it first: unxz FILE"),
    (b"\x28\xb5\x2f\xfd", "packed with zstd", "Unpack it first: unzstd FILE"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", "Unpack it first and give the table inside"),
    (b"Rar!", "a RAR archive", "Unpack it first and give the table inside"),
    (b"PK\x05\x06", "an empty ZIP archive", "Give the table itself"),
    (b"PAR1", "a Parquet file", "Save it as CSV or JSON Lines"),
    (b"SQLite format 3", "an SQLite database", "Export its table as CSV"),
    (b"\x7fELF", "a program", "Give the list itself, as CSV or XLSX"),
    (b"{\\rtf", "a text document (RTF)", "Copy its table into a spreadsheet and save that as XLSX or CSV"),
)
_WEB_PAGE: Final = re.compile(rb"\s*(?:<!doctype html|<html|<table|<head|<meta)", re.IGNORECASE)
_CONTROLS: Final = bytes(set(range(32)) - {0, 9, 10, 11, 12, 13, 26, 27})


def refuse_other_files(head: bytes, stream: ByteStream) -> None:
    """Raise TableError, saying what to do, when a file that begins with `head` is no table we read.

    `stream` is the file behind `head`. ZIP files are left to the XLSX reader.
    """
    name = stream.name
    for magic, what, advice in _NOT_TABLES:
        if head.startswith(magic):
            raise TableError(f"{name} is {what}, not a table. {advice}.")
    if head.startswith(_OLE_MAGIC):
        if _contains("EncryptedPackage".encode("utf-16-le"), head, stream):
            raise TableError(f"{name} is protected by a password. Open it, remove the password and save it as XLSX.")
        raise TableError(f"{name} is an old Excel file (.xls) or another Office document. Save it as XLSX or CSV.")
    if _WEB_PAGE.match(head) or head.lstrip().startswith(b"<?xml"):
        raise TableError(
            f"{name} is a web page or XML, whatever its name says. Open it in a spreadsheet and save it as XLSX or CSV."
        )


def refuse_binary(text_bytes: bytes, name: str) -> None:
    """Raise TableError when bytes of a one-byte encoding or UTF-8 are too full of control characters to be text."""
    controls = len(text_bytes) - len(text_bytes.translate(None, _CONTROLS))
    zeros = text_bytes.count(0)
    if controls > max(len(text_bytes) * 0.02, 10) or zeros > len(text_bytes) * 0.6:
        raise TableError(f"{name} is a binary file, not a table. Save the list as CSV or XLSX and give that.")


def _contains(what: bytes, head: bytes, stream: ByteStream) -> bool:
    # The directory of an Office container lies anywhere in it.
    tail = head
    while tail:
        if what in tail:
            return True
        block = stream.read(len(head))
        tail = tail[-len(what) :] + block if block else b""
    return False
