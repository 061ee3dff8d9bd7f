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
_STYLES: Final = "xl/styles.xml"

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


class _Found:
    """What ElementTree's parser tells of the elements that it meets."""

    def __init__(self) -> None:
        self._elements: list[tuple[str, dict[str, str]]] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._elements.append((tag, attributes))

    def close(self) -> None:
        """Ends the parsing; there is nothing to give."""

    def take(self) -> list[tuple[str, dict[str, str]]]:
        """Those since the last time."""
        elements, self._elements = self._elements, []
        return elements


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
        relations = {one.get("Id"): one.get("Target", "") for _, one in self._elements("xl/_rels/workbook.xml.rels")}
        parts: dict[str, str] = {}
        for tag, attributes in self._elements("xl/workbook.xml"):
            if tag.endswith("}sheet"):
                target = next((relations.get(value) for key, value in attributes.items() if key.endswith("}id")), "")
                target = (target or "").replace("\\", "/")
                part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
                parts[attributes.get("name", "")] = part.lower()
        return parts

    def number_formats(self) -> list[str]:
        """Return the number format's code of each cell style, in order; "" for those built in."""
        codes: dict[str, str] = {}
        styles: list[str] = []
        of_cells = False
        for tag, attributes in self._elements(_STYLES) if _STYLES in self._parts else ():
            if tag.endswith("}numFmt"):
                code = attributes.get("formatCode", "")
                codes[attributes.get("numFmtId", "")] = code if len(code) <= _LONGEST_FORMAT else ""
            elif tag.endswith(("}cellXfs", "}cellStyleXfs")):
                of_cells = tag.endswith("}cellXfs")
            elif of_cells and tag.endswith("}xf"):
                styles.append(attributes.get("numFmtId", ""))
        return [codes.get(style, "") for style in styles]

    def check_size(self, *sheet_parts: str) -> None:
        """Raise TableError when the workbook's texts, with all sheets that are looked at, pass XLSX_LIMIT_BYTES."""
        size = self.size(SHARED_TEXTS) + sum(map(self.size, sheet_parts))
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

    def _elements(self, part: str) -> Iterator[tuple[str, dict[str, str]]]:
        """Yield tag and attributes of each element, in the part's order; a tree of them would take 40 times as much."""
        found = _Found()
        parser = ElementTree.XMLParser(target=found)
        with self._damage_said():
            for block in self.blocks(part):
                parser.feed(block)
                yield from found.take()
            parser.close()

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
