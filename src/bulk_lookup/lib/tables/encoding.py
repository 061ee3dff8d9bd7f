"""Which characters the bytes of a file mean, and what becomes of bytes that mean none.

Decoding never stops at a bad byte. Each one becomes a mark (a lone surrogate, which no valid text contains), so that
a reader can tell by one cheap flag that a stretch of text needs `clean`, and which rows it concerns.
"""

import codecs
import re
from typing import Final

NUL_MARK: Final = "\ud800"
"""Stands for a NUL character, which PostgreSQL's text refuses."""
CUT_MARK: Final = "\ud801"
"""Stands where the rest of an endless line was left out."""
_LOST_MARK: Final = "\ud802"  # bytes that a multi-byte encoding cannot read

_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16: its mark begins with UTF-16's
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_MARKS: Final = re.compile("[\ud800-\udfff]")


def detect_encoding(sample: bytes, *, whole: bool) -> tuple[str, int]:
    """Return the encoding of a file that begins with `sample`, and the length of its byte order mark (0: none).

    `whole` says that the sample is the entire file; otherwise its last character may be cut. Without a mark: UTF-16
    when every other byte is a zero, UTF-8 when the bytes are UTF-8, else Windows-1252, which every byte can be.
    """
    for bom, name in _BOMS:
        if sample.startswith(bom):
            return name, len(bom)
    if utf16 := _utf16_without_mark(sample):
        return utf16, 0
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample, whole)
    except UnicodeDecodeError:
        return ("utf-8" if _mostly_utf8(sample) else "cp1252"), 0
    return "utf-8", 0


def mark_undecodable(error: UnicodeError) -> tuple[str, int]:
    """Turn bytes that cannot be decoded into marks: a codec error handler.

    A byte ≥ 0x80 of a one-byte-at-a-time encoding keeps its value in its mark, so that `clean` can still read it.
    """
    if not isinstance(error, UnicodeDecodeError):
        raise error
    bad = error.object[error.start : error.end]
    if error.encoding.lower().replace("_", "-") in {"utf-8", "cp1252", "charmap"}:
        return "".join(chr(0xDC00 + byte) for byte in bad), error.end
    return _LOST_MARK, error.end


def has_marks(text: str) -> bool:
    """Tell whether `text` contains a mark or any other lone surrogate."""
    return _MARKS.search(text) is not None


def clean(text: str) -> tuple[str, str | None]:
    """Return `text` without NULs, marks and lone surrogates, and the word for the worst that was found.

    A stray byte in UTF-8 text is read as Windows-1252, where it nearly always comes from; what is nothing there
    either becomes U+FFFD. NULs at the ends are padding and taken out; within the text they stand where something was
    lost, perhaps a digit, and become U+FFFD.
    """
    problem = None
    if "\x00" in text or NUL_MARK in text:
        text, problem = text.replace(NUL_MARK, "\x00").strip("\x00").replace("\x00", "\ufffd"), "nul"
    if CUT_MARK in text:
        text, problem = text.replace(CUT_MARK, ""), "line_too_long"
    if has_marks(text):
        text, problem = _MARKS.sub(_readable, text), problem or "undecodable"
    return text, problem


def cleaned(cells: list[str]) -> tuple[list[str], str | None]:
    """Return the cells of a row cleaned, and the word for what was found in them; NULs before anything else."""
    pairs = [clean(cell) for cell in cells]
    problems = {problem for _, problem in pairs if problem}
    return [text for text, _ in pairs], "nul" if "nul" in problems else next(iter(sorted(problems)), None)


codecs.register_error("bulk_lookup_mark", mark_undecodable)


def _utf16_without_mark(sample: bytes) -> str | None:
    # Text of a list is mostly Latin letters, digits and separators, whose other byte is zero in UTF-16.
    head = sample[: len(sample) // 2 * 2]
    units = len(head) // 2
    if units < 2:
        return None
    zeros_first, zeros_second = head[0::2].count(0), head[1::2].count(0)
    if zeros_second > units * 0.3 and zeros_first < zeros_second / 4:
        return "utf-16-le"
    if zeros_first > units * 0.3 and zeros_second < zeros_first / 4:
        return "utf-16-be"
    return None


def _mostly_utf8(sample: bytes) -> bool:
    # A few broken bytes among many good sequences: a UTF-8 file with damage, not a Windows-1252 one.
    text = sample.decode("utf-8", "surrogateescape")
    broken = len(_MARKS.findall(text))
    good = sum(1 for _ in re.finditer("[\x80-\ud7ff\ue000-\U0010ffff]", text))
    return good > broken * 10


def _readable(mark: re.Match[str]) -> str:
    byte = ord(mark.group()) - 0xDC00
    if 0x80 <= byte <= 0xFF:
        return bytes([byte]).decode("cp1252", "replace")
    return "\ufffd"
