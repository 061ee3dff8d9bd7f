"""The characters of a cell in the plain spelling that the rules are written in."""

import unicodedata
from functools import lru_cache

from bulk_lookup.core.phone_words import Repair

# A cell with more than this beside its number is a text, not a phone cell. The bound also keeps every rule quick.
LONGEST_CELL = 1_000


def plain_text(raw: str) -> tuple[str, set[Repair]]:
    """Give the cell with ASCII digits, plus, hyphens, dots, spaces and line breaks, and without invisible marks.

    Letters stay as they are, but for full-width ones. Superscript and circled digits stay, too: a footnote mark is no
    digit of the number.
    """
    text = raw.strip()
    repairs: set[Repair] = set()
    if len(text) > LONGEST_CELL:
        return text[: LONGEST_CELL + 1], repairs
    if text.isascii() and text.isprintable():
        return text, repairs
    spelled = [_spell(character) for character in text]
    repairs.update(repair for _, repair in spelled if repair is not None)
    plain = "".join(plain for plain, _ in spelled)
    if _MARK in plain:
        plain = "".join(_without_marks(plain))
    return plain.strip(), repairs


_MARK = "\u0300"
_UNREADABLE = "\ufffd"

_SPELLINGS = {
    "\t": "  ",  # wider than a space: what stands behind it is rarely the same number
    "\u2212": "-",  # minus
    "\u30fc": "-",  # the long vowel mark, typed for a hyphen
    "\u00b7": ".",
    "\u2022": ".",
    "\u2219": ".",
    "\u22c5": ".",
    "\u2027": ".",
    "\u30fb": ".",
    "\u3002": ".",
    "\u2026": "...",
    "\u2044": "/",
    "\u2215": "/",
    "\u2018": "'",
    "\u2019": "'",
    "\u201a": "'",
    "\u2032": "'",
    "\u00b4": "'",
    "\u02bc": "'",
    "`": "'",
    "\u201c": '"',
    "\u201d": '"',
    "\u201e": '"',
    "\u00ab": '"',
    "\u00bb": '"',
    "\ufe62": "+",
    "\u2795": "+",
    "\u3001": ",",
    "\u060c": ",",
    "\u061b": ";",
    "\u3010": "[",
    "\u3011": "]",
    "\u300c": "[",
    "\u300d": "]",
}


@lru_cache(maxsize=4096)
def _spell(character: str) -> tuple[str, Repair | None]:
    if character in _SPELLINGS:
        return _SPELLINGS[character], None
    if "\uff01" <= character <= "\uff5e":
        plain = chr(ord(character) - 0xFEE0)
        return plain, Repair.UNICODE_DIGITS if plain.isdigit() else None
    if " " <= character <= "~":
        return character, None
    category = unicodedata.category(character)
    if category == "Nd":
        return str(unicodedata.decimal(character)), Repair.UNICODE_DIGITS
    if category == "Zs":
        return " ", None
    if category == "Pd":
        return "-", None
    if category in ("Zl", "Zp") or character in "\n\r\v\f\x1c\x1d\x1e\x85":
        return "\n", None
    if category == "Cf" or character == "\0" or "\ufe00" <= character <= "\ufe0f" or character == "\u20e3":
        return "", Repair.INVISIBLE_MARKS
    if category in ("Cc", "Cs", "Co", "Cn"):
        return _UNREADABLE, None
    if category in ("Mn", "Mc", "Me"):
        return _MARK, None
    return character, None


def _without_marks(text: str) -> list[str]:
    """Drop the vowel signs and accents of letters; one on a digit (struck out?) stays and spoils the number."""
    kept: list[str] = []
    for character in text:
        if character == _MARK and kept and kept[-1].isalpha():
            continue
        kept.append(character)
    return kept
