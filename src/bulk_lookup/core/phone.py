"""One cell of somebody's list: whose number it is, or why it is nobody's.

The cell decides whose number is bought, so a doubtful cell is rejected with its reason rather than guessed at. The
rules for dirty cells are in `phone_cell`; here is the quick way for the clean ones, which are most of any list.
"""

import re
from dataclasses import dataclass

from bulk_lookup.core.numbering import LONGEST_E164, Plan, plan_of, read
from bulk_lookup.core.phone_cell import read_cell
from bulk_lookup.core.phone_words import Reason, Repair
from bulk_lookup.core.phone_writing import FEWEST_DIGITS_OF_ABROAD, FEWEST_DIGITS_WITHOUT_ZERO

__all__ = ["Phone", "Reason", "Repair", "parse_phone"]


@dataclass(frozen=True, slots=True)
class Phone:
    """What became of one cell: a valid number, or the reason why there is none.

    `country_code` is ISO 3166; numbers of no country (+800, +882 …) are valid and have none. `kind` is what the
    numbering plan says (mobile, fixed_line, fixed_line_or_mobile, toll_free …), not what a carrier would. `others` are
    the cell's other valid numbers. `repairs` is empty for a clean cell.
    """

    e164: str | None
    country_code: str | None
    kind: str | None
    reason: Reason | None
    repairs: tuple[Repair, ...] = ()
    others: tuple[str, ...] = ()


def parse_phone(raw: str, region: str | None) -> Phone:
    """Read one cell; `region` (ISO 3166, two letters) is the country of numbers written without a calling code.

    Never raises, whatever the cell holds, and takes time in proportion to its length.
    """
    if len(raw) <= _LONGEST_CLEAN and _CLEAN.match(raw):
        phone = _read_clean(raw, region)
        if phone is not None:
            return phone
    reading = read_cell(raw, plan_of(region))
    number = reading.number
    return Phone(number.e164, number.country, number.kind, number.reason, reading.repairs, reading.others)


_LONGEST_CLEAN = 32

# Digits with single spaces, dots or hyphens between them, and an area code in parentheses; "(0)" is not clean. What
# begins like a date, and a single digit before a trunk zero ("1 030 …", a list's numbering), is looked at closely.
_CLEAN = re.compile(
    r"(?!(?:[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{1,2}([./-])[0-9]{1,2}\1(?:19|20)[0-9]{2})(?![0-9])|[1-9][ .-]0)"
    r"\+?(?:(?:[0-9]{1,5}[ .-]?)?\([0-9]{2,5}\)[ .-]?)?[0-9]+(?:[ .-][0-9]+)*\Z"
)
_PUNCTUATION = str.maketrans("", "", " .-()")

# Dates, amounts and version numbers have fewer digits than this; IP addresses have three dots, decimals one.
_FEWEST_DIGITS_WITH_PUNCTUATION = 9
_DOTS_OF_OTHER_THINGS = (1, 3)
# Some countries have numbers so long that two, with a space between them, would pass for one.
_LENGTH_OF_TWO_NUMBERS = len("+49300171123456")


def _read_clean(raw: str, region: str | None) -> Phone | None:
    text = raw.translate(_PUNCTUATION)
    if len(text) != len(raw) and (
        len(text) < _FEWEST_DIGITS_WITH_PUNCTUATION or raw.count(".") in _DOTS_OF_OTHER_THINGS
    ):
        return None
    if text[0] == "+":
        reading = read(text, None)
    else:
        plan = plan_of(region)
        if plan is None or text.startswith("00"):
            return None
        if text.startswith(plan.calling_code) and not plan.north_american:
            return None  # a lost plus, perhaps
        reading = read(text, plan.region)
        if reading.e164 is None or not reading.e164.startswith(plan.plus):
            return None
        if plan.trunk_zero and text[0] != "0" and not _is_whole_without_zero(text, reading.kind, plan):
            return None
    if reading.e164 is None or len(reading.e164) > LONGEST_E164:
        return None
    if len(reading.e164) >= _LENGTH_OF_TWO_NUMBERS and (" 0" in raw or "-0" in raw):
        return None
    return Phone(reading.e164, reading.country, reading.kind, None)


def _is_whole_without_zero(digits: str, kind: str | None, plan: Plan) -> bool:
    """Say whether a number is beyond doubt that lacks its country's leading zero: `phone_writing` knows the doubts."""
    if kind != "fixed_line" or not plan.takes_many_lengths:
        return True
    return FEWEST_DIGITS_WITHOUT_ZERO <= len(digits) < FEWEST_DIGITS_OF_ABROAD and digits[:2] not in ("19", "20")
