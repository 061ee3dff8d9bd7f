"""Cells that as a whole are something else than a written phone number: a spreadsheet's number, a date, an amount.

A spreadsheet turns long digits into numbers: the plus and leading zeros go, "E+11", ".0" or thousands separators come.
What still has every digit is taken back to digits; what has lost some is damaged and nobody's number.
"""

import re

from bulk_lookup.core.phone_words import Reason, Repair

_NOTHING_WORDS = """
    n/a na n.a. #n/a none null nil nan undefined unknown unbekannt inconnu desconocido desconhecido tbd k.a. keine kein
    (blank) (leer) (null) (none) #value! #ref! #null! #name? <null> <na> no non nein
"""
_NOTHING = frozenset(_NOTHING_WORDS.split())


def whole_cell(text: str) -> Reason | tuple[str, set[Repair]]:
    """Judge the cell as a whole: the reason why it is no number, or its text to read on with, repaired if need be."""
    if not any(map(str.isalnum, text)) or text.casefold() in _NOTHING:
        return Reason.DAMAGED if _HIDDEN.search(text) else Reason.EMPTY
    repairs: set[Repair] = set()
    wrapped = _WRAPPED.fullmatch(text)
    if wrapped:
        text = next(part for part in wrapped.groups() if part is not None).strip()
        repairs.add(Repair.SPREADSHEET_TEXT)
    if text[:1] in _DIGITS_OR_SIGN:
        number = _spreadsheet_number(text)
        if isinstance(number, Reason):
            return number
        if number is not None:
            return number[0], repairs | {number[1]}
        if _OTHER_THING.fullmatch(text):
            return Reason.NOT_A_NUMBER
    if _CURRENCY.search(text):
        return Reason.NOT_A_NUMBER
    return Reason.DAMAGED if _MASKED.search(text) else (text, repairs)


def without_moments(text: str) -> str:
    """Put a separator in the place of every date and time of day, so that their digits join no number."""
    return _MOMENT.sub(";", text)


def is_short_date(text: str) -> bool:
    """Say whether the text has the shape of a date with two digits for the year."""
    return _SHORT_DATE.fullmatch(text) is not None


def is_address(digits: str) -> bool:
    """Say whether the text has the shape of an IPv4 address and not that of a number in groups of two and three.

    "91.123.45.67" is both; numbers are written so in Spain and Denmark, and addresses of this very shape are few.
    """
    groups = digits.split(".")
    if len(groups) != 4 or not all(group.isdigit() for group in groups):
        return False
    octets = all(len(group) <= 3 and int(group) <= 255 and group == str(int(group)) for group in groups)
    return octets and not (all(len(group) >= 2 for group in groups) and len(groups[2]) == len(groups[3]) == 2)


def is_card(text: str) -> bool:
    """Say whether the text is the number of a payment card: first of four digits, right check digit (ISO/IEC 7812).

    Where numbers have eight digits, 4242 4242 4242 4242 would be two of them.
    """
    if not _CARD.fullmatch(text):
        return False
    digits = [int(character) for character in text if character.isdigit()]
    doubled = sum(sum(divmod(2 * digit, 10)) for digit in digits[-2::-2])
    return (sum(digits[::-2]) + doubled) % 10 == 0


_CARD = re.compile(r"[3-6][0-9]{3}([ -])[0-9]{4,6}\1[0-9]{4,5}(?:\1[0-9]{1,7})?")
_DIGITS_OR_SIGN = frozenset("0123456789+-.,")

# ="+49 30 …" and ='…' as exports write it to keep a spreadsheet from calculating; a bare =; a leading apostrophe.
_WRAPPED = re.compile(r"""=\s*"([^"]*)"|=\s*'([^']*)'|=\s*([+0-9(].*)|'([^']*)'?|"([^"]*)\"""", re.DOTALL)

_HIDDEN = re.compile(r"[*#]{2}")
# Digits that somebody hid or that did not fit: ****, 415-555-XXXX, ####, 030 1234…
_MASKED = re.compile(
    r"[*#_?]{2}|[0-9][*?]|[*?][0-9]|[0-9] ?\.\.|\.\. ?[0-9]|(?<![^\W\d_])[xX]{2,}(?![^\W\d_])|(?<=[0-9 .-])[xX]\Z"
)

_CURRENCY = re.compile(r"[$¢£¥€₩₪₫₱₴₹₺₽₿%]")
_SCIENTIFIC = re.compile(r"([+-]?)([0-9]+)(?:[.,]([0-9]*))?\s?[eE]\s?([+-]?)([0-9]{1,4})")
_WHOLE_FLOAT = re.compile(r"(\+?[0-9]+)[.,]0{1,6}")
_THOUSANDS = re.compile(r"(\+?)([0-9]{1,3}(?:,[0-9]{3}){2,}|[0-9]{1,3}(?:\.[0-9]{3}){3,})(?:[.,]0{1,2})?")
_FEWEST_THOUSANDS_DIGITS = 9

_DATE = (
    r"(?:(?:19|20)[0-9]{2}([./-])(?:0?[1-9]|1[0-2])\1(?:0?[1-9]|[12][0-9]|3[01])"
    r"|(?:0?[1-9]|[12][0-9]|3[01])([./-])(?:0?[1-9]|[12][0-9]|3[01])\2(?:19|20)[0-9]{2})"
)
_SHORT_DATE = re.compile(r"(?:0?[1-9]|[12][0-9]|3[01])([./-])(?:0?[1-9]|[12][0-9]|3[01])\1[0-9]{2}")
_CLOCK = r"[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?"
_MOMENT = re.compile(rf"(?<![^\s,;(|])(?:{_DATE}|{_CLOCK}(?:\s?-\s?{_CLOCK})?)(?![^\s,;)|])")

_OTHER_THING = re.compile(
    r"-[0-9]+(?:[.,][0-9]+)*"  # negative: a formula that was calculated
    r"|[0-9]{1,3}(?:,[0-9]{3})*\.[0-9]{1,2}|[0-9]{1,3}(?:[. '][0-9]{3})*,[0-9]{1,2}"  # amounts
    r"|[0-9]+[.,][0-9]{1,2}|[0-9]{7,}[.,][0-9]+"
    r"|[1-9][0-9]?(?:\.[0-9]{3}){2}"  # millions, or the number of an identity card
    r"|[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?::[0-9]+|/[0-9]+)"  # an address with its port
)


def _spreadsheet_number(text: str) -> Reason | tuple[str, Repair] | None:
    scientific = _SCIENTIFIC.fullmatch(text)
    if scientific:
        sign, whole, fraction, exponent_sign, exponent = scientific.groups(default="")
        complete = len(whole) == 1 and whole != "0" and exponent_sign != "-" and len(fraction) == int(exponent)
        if sign == "-" or not complete:
            return Reason.DAMAGED
        return sign + whole + fraction, Repair.SCIENTIFIC_NOTATION
    whole_float = _WHOLE_FLOAT.fullmatch(text)
    if whole_float:
        return whole_float[1], Repair.TRAILING_ZERO
    thousands = _THOUSANDS.fullmatch(text)
    if thousands:
        digits = thousands[2].replace(",", "").replace(".", "")
        if len(digits) < _FEWEST_THOUSANDS_DIGITS or digits.startswith("0"):
            return Reason.NOT_A_NUMBER
        return thousands[1] + digits, Repair.THOUSANDS_SEPARATORS
    return None
