"""The parts of an XLSX file, checked before anything is loaded: a ZIP archive says how large its parts are."""

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from xml.etree import ElementTree

from bulk_lookup.lib.tables.errors import TableError

XLSX_LIMIT_BYTES: Final = 512 * 1024 * 1024
"""Unpacked size of a sheet with the workbook's texts. Reading takes about 1.7 times as much memory."""

SHARED_TEXTS: Final = "xl/sharedstrings.xml"

_PART_LIMIT: Final = 32 * 1024 * 1024  # of the small parts: styles, list of sheets
_LONGEST_FORMAT: Final = 255  # characters of a number format, Excel's own limit
_BLOCK: Final = 1024 * 1024
_DAMAGE: Final = (
    zipfile.BadZipFile, zlib.error, ElementTree.ParseError, EOFError, NotImplementedError, RuntimeError, ValueError,
    OSError,
)  # fmt: skip
_OTHERS: Final = (
    ("mimetype", "an OpenDocument file (.ods)", "Save it as XLSX or CSV"),
    ("index/document.iwa", "an Apple Numbers file", "Export it as XLSX or CSV"),
    ("index.zip", "an Apple Numbers file", "Export it as XLSX or CSV"),
    ("xl/workbook.bin", "an Excel binary workbook (.xlsb)", "Save it as XLSX or CSV"),
    ("word/document.xml", "a Word document", "Copy its table into a spreadsheet and save that as XLSX or CSV"),
    ("ppt/presentation.xml", "a presentation", "Copy its table into a spreadsheet and save that as XLSX or CSV"),
)


class XlsxPackage:
    """The archive of one workbook. Raises TableError when it is none, damaged, or a ZIP bomb."""

    def __init__(self, path: Path, name: str) -> None:
        self.name = name
        with self._damage_said():
            self._zip = zipfile.ZipFile(path)
        entries = self._zip.infolist()
        self._parts = {entry.filename.replace("\\", "/").lower(): entry for entry in entries}
        if "xl/workbook.xml" not in self._parts:
            raise TableError(self._what_else())
        if len(self._parts) < len(entries) or any(entry.flag_bits & 1 for entry in entries):
            raise TableError(f"{name} is a damaged or locked XLSX file. Open it in a spreadsheet and save it again.")
        for part in self._parts:
            if part.startswith("xl/worksheets/") or part == SHARED_TEXTS:
                continue
            if part.endswith((".xml", ".rels")) and self.size(part) > _PART_LIMIT:
                raise TableError(f"{name} unpacks to an unreasonable size. Save the list as CSV and give that.")

    def sheet_parts(self) -> dict[str, str]:
        """Return the archive's part of each sheet, by the sheet's name, in the workbook's order."""
        relations = {one.get("Id"): one.get("Target", "") for one in self._tree("xl/_rels/workbook.xml.rels")}
        parts: dict[str, str] = {}
        for element in self._tree("xl/workbook.xml").iter():
            if element.tag.endswith("}sheet"):
                target = next(
                    (relations.get(value) for key, value in element.attrib.items() if key.endswith("}id")), ""
                )
                target = (target or "").replace("\\", "/")
                part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
                parts[element.get("name", "")] = part.lower()
        return parts

    def number_formats(self) -> list[str]:
        """Return the number format's code of each cell style, in order; "" for those built in."""
        if "xl/styles.xml" not in self._parts:
            return []
        tree = self._tree("xl/styles.xml")
        codes = {one.get("numFmtId"): one.get("formatCode", "") for one in tree.iter() if one.tag.endswith("}numFmt")}
        styles = next((one for one in tree if one.tag.endswith("}cellXfs")), ())
        found = [codes.get(style.get("numFmtId"), "") for style in styles]
        return [code if len(code) <= _LONGEST_FORMAT else "" for code in found]

    def check_size(self, sheet_part: str | None = None) -> None:
        """Raise TableError when the workbook's texts, with those of a sheet, pass XLSX_LIMIT_BYTES."""
        size = self.size(SHARED_TEXTS) + (self.size(sheet_part) if sheet_part is not None else 0)
        if size > XLSX_LIMIT_BYTES:
            raise self.too_much(f"unpacks to {size // 1024**2:,} MiB")

    def too_much(self, what: str) -> TableError:
        """Say that a sheet does not fit into memory, since it does `what`."""
        return TableError(
            f"{self.name} {what}; the limit for XLSX is {XLSX_LIMIT_BYTES // 1024**2} MiB, since a sheet is read into "
            "memory. Save it as CSV, which may be of any size."
        )

    def refuse_utf16(self, piece: bytes) -> None:
        """Raise TableError for a part whose bytes say nothing to those who look for tags in them."""
        if piece.count(0) > len(piece) // 4:
            raise TableError(f"{self.name} is written in an unusual way (UTF-16). Save it again in a spreadsheet.")

    def size(self, part: str) -> int:
        """Return the unpacked size of a part, 0 where there is none."""
        entry = self._parts.get(part)
        return entry.file_size if entry else 0

    def blocks(self, part: str) -> Iterator[bytes]:
        """Yield the bytes of a part; none where there is none.

        Python reads no more than the size that the archive gives and then compares the checksum, so that a part read
        to its end is as large as it says.
        """
        entry = self._parts.get(part)
        if entry is None:
            return
        with self._damage_said(), self._zip.open(entry) as stream:
            while block := stream.read(_BLOCK):
                yield block

    def close(self) -> None:
        """Close the archive."""
        self._zip.close()

    def _tree(self, part: str) -> ElementTree.Element:
        with self._damage_said():
            return ElementTree.fromstring(b"".join(self.blocks(part)))

    def _what_else(self) -> str:
        for part, what, advice in _OTHERS:
            if part in self._parts:
                return f"{self.name} is {what}. {advice}."
        inside = next(iter(self._parts), None)
        named = f" (for example {inside})" if inside else ""
        return f"{self.name} is a ZIP archive, not a table. Unpack it first and give the table inside{named}."

    @contextmanager
    def _damage_said(self) -> Iterator[None]:
        try:
            yield
        except _DAMAGE as error:
            raise TableError(
                f"{self.name} is damaged and cannot be read as XLSX ({error}). "
                "Open it in a spreadsheet and save it again."
            ) from None
