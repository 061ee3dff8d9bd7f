"""How a phone number stands in a real list: habits of typing, damage done by spreadsheets, and what is no number."""

from collections.abc import Callable
from itertools import accumulate
from random import Random
from typing import Any

import rphonenumbers
from rphonenumbers import PhoneNumberFormat

from bulk_lookup.cli.sample_numbers import HOME, Line

_Writing = Callable[["_Written"], str]


def write_number(line: Line, other: Line, random: Random) -> str:
    """The cell of a number; `other` is a second one that some people put beside it."""
    written = _Written(line, other, random)
    choices, edges = _AT_HOME if line.country == HOME else _ABROAD
    (writing,) = random.choices(choices, cum_weights=edges)
    return writing(written)


def write_reject(random: Random) -> str:
    """A cell in which there is no number that could be looked up."""
    return random.choice(_REJECTS).replace("?", str(random.randrange(10)))


class _Written:
    """One number in its usual spellings."""

    __slots__ = ("other", "random", "text")

    def __init__(self, line: Line, other: Line, random: Random) -> None:
        self.text = line.number
        self.other = other
        self.random = random

    @property
    def parsed(self) -> Any:
        return rphonenumbers.parse(self.text, None)

    @property
    def national(self) -> str:
        return str(rphonenumbers.format_number(self.parsed, PhoneNumberFormat.NATIONAL))

    @property
    def international(self) -> str:
        return str(rphonenumbers.format_number(self.parsed, PhoneNumberFormat.INTERNATIONAL))

    @property
    def digits(self) -> str:
        return self.text[2:]

    @property
    def calling_code(self) -> str:
        return str(self.parsed.country_code)

    @property
    def dashed(self) -> str:
        return f"{self.text[2:5]}-{self.text[5:8]}-{self.text[8:]}"


def _second(written: _Written) -> str:
    second = rphonenumbers.parse(written.other.number, None)
    form = PhoneNumberFormat.NATIONAL if written.other.country == HOME else PhoneNumberFormat.INTERNATIONAL
    return str(rphonenumbers.format_number(second, form))


def _with_trunk_zero(written: _Written) -> str:
    """+44 (0)20 …, as Europeans write it for everybody at once."""
    national = written.national
    return f"+{written.calling_code} (0){national[1:]}" if national.startswith("0") else written.international


def _national_abroad(written: _Written) -> str:
    """Readable only with the row's country; without a leading zero it could be somebody's number at home."""
    national = written.national
    return national if national.startswith("0") else written.international


def _extension(written: _Written) -> str:
    return (
        f"{written.random.choice((' x', ' ext. ', ' ext ', ' #', ' extension '))}{written.random.randrange(10, 9999)}"
    )


def _full_width(text: str) -> str:
    return "".join(chr(ord(character) + 0xFEE0) if character.isdigit() else character for character in text)


def _scientific(digits: str) -> str:
    """With every digit written, as a wide column shows it; nothing is lost."""
    return f"{digits[0]}.{digits[1:]}E+{len(digits) - 1:02}"


def _weighed(table: tuple[tuple[int, _Writing], ...]) -> tuple[tuple[_Writing, ...], list[int]]:
    return tuple(writing for _, writing in table), list(accumulate(weight for weight, _ in table))


# Weights among ten thousand; the list's own country.
_AT_HOME = _weighed(
    (
        (3000, lambda w: w.national),
        (2500, lambda w: w.dashed),
        (1000, lambda w: w.digits),
        (800, lambda w: w.dashed.replace("-", ".")),
        (800, lambda w: w.text),
        (500, lambda w: w.international),
        (400, lambda w: f"1-{w.dashed}"),
        (200, lambda w: f"1 {w.national}"),
        (200, lambda w: w.dashed.replace("-", " ")),
        (150, lambda w: w.national + _extension(w)),
        (100, lambda w: w.dashed + _extension(w)),
        (80, lambda w: f"{w.digits}.0"),
        (60, lambda w: f"{w.national} / {_second(w)}"),
        (40, lambda w: f"{w.dashed}\n{_second(w)}"),
        (40, lambda w: f"Cell: {w.dashed}"),
        (30, lambda w: f"{w.national}/{w.random.randrange(200, 1000)}"),
        (25, lambda w: f"{int(w.digits):,}"),
        (30, lambda w: f"{w.national} (mobile)"),
        (30, lambda w: f"'{w.digits}"),
        (25, lambda w: f'="{w.digits}"'),
        (25, lambda w: _scientific(w.text[1:])),
        (25, lambda w: f"tel:{w.text}"),
        (15, lambda w: f"1-{w.text[2:5]}-555-{w.random.choice(('TEST', 'FISH', 'BOOK'))}"),
        (25, lambda w: f"‪{w.international}‬"),
        (20, lambda w: f"  {w.dashed} "),
        (15, lambda w: _full_width(w.dashed)),
        (15, lambda w: w.international.replace("-", "‑").replace(" ", " ")),
    )
)
_ABROAD = _weighed(
    (
        (5200, lambda w: w.international),
        (2700, lambda w: w.text),
        (700, lambda w: f"00{w.international[1:]}"),
        (300, lambda w: f"00{w.text[1:]}"),
        (250, lambda w: w.international.replace(" ", ".")),
        (200, _with_trunk_zero),
        (200, _national_abroad),
        (200, lambda w: w.international.replace("-", " ") + _extension(w)),
        (150, lambda w: f"tel:{w.text}"),
        (100, lambda w: f"{w.international}, {_second(w)}"),
        (80, lambda w: f"‪{w.international}‬"),
        (60, lambda w: f"mobile {w.international}"),
        (60, lambda w: f"+{_full_width(w.text[1:])}"),
    )
)

# "?" stands for a digit.
_REJECTS = (
    *("", "", "", "", "n/a", "-", "none", "TBD", "unknown"),
    *("call reception", "see notes", "ask the owner", "info@example.com", "2026-03-1?", "www.example.com", "$1,2?0.00"),
    *("4.15555E+09", "1.4155?E+10", "415-555-XXXX", "41555501**"),
    *("+999 12 345 67?", "+999 5550 1?3"),
    *("415-5?", "+1 415 55?", "12?", "+44 20 79?"),
    *("+1 415 555 01?34567", "415555010041555501?2"),
    *("555-01??", "555 01??"),
    *("+47 800 12 3?", "+47 800 1? 34"),
    *("(123) 555-01??", "000-000-0000", "111-111-1111", "+44 7700 900?23", "(415) 155-01??"),
    "+65 6123 45678?",
)
