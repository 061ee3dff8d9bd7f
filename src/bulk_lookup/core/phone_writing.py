"""One number as somebody wrote it: which digits of it belong to the number as it is dialled from abroad."""

import re
from typing import NamedTuple

from bulk_lookup.core.numbering import LONGEST_E164, Plan, Reading, plan_of_calling_code, read
from bulk_lookup.core.phone_words import Reason, Repair


class Written(NamedTuple):
    """A written number that was read; `digits` counts those that stand there, prefixes and trunk zeros included."""

    reading: Reading
    repairs: frozenset[Repair]
    digits: int
    own_prefix: bool  # begins with a plus or a zero: it cannot be the rest of another number

    @property
    def valid(self) -> bool:
        return self.reading.e164 is not None


def read_written(text: str, plan: Plan | None) -> Written:
    """Read a stretch of digits and punctuation as one number.

    Tried in this order: a plus; "(0)" behind a calling code; the region's own way of writing, with its prefix for
    calls abroad; 00 as a plus whatever the region; a lost plus.
    """
    digits = re.sub(r"[^0-9]", "", text)
    plus = text.lstrip(" (['")[:1] == "+"
    own_prefix = plus or digits.startswith("00") or (digits.startswith("0") and plan is not None)
    if len(digits) > LONGEST_WRITTEN:
        return Written(_TOO_LONG, _NONE, len(digits), own_prefix)
    trunk = _TRUNK_ZERO.search(text)
    if trunk and _DIGIT.search(text, 0, trunk.start()):
        reading, repairs = _read_trunk_zero(text[: trunk.start()], text[trunk.end() :], plus, plan)
    else:
        reading, repairs = _read_digits(digits, plus, plan)
    return Written(_bounded(reading, len(digits)), repairs, len(digits), own_prefix)


_DIGIT = re.compile(r"[0-9]")
_TRUNK_ZERO = re.compile(r"[(\[]\s*0\s*[)\]]")
_NONE: frozenset[Repair] = frozenset()
# A prefix for calls abroad, a trunk zero and the longest number; more is not worth a question.
LONGEST_WRITTEN = 24
_TOO_LONG = Reading(None, None, None, Reason.TOO_LONG)
NOT_A_NUMBER = Reading(None, None, None, Reason.NOT_A_NUMBER)


def _read_digits(digits: str, plus: bool, plan: Plan | None) -> tuple[Reading, frozenset[Repair]]:
    if plus:
        if digits.startswith("00"):  # "+0049 …": no calling code begins with 0
            return read("+" + digits[2:], None), frozenset({Repair.INTERNATIONAL_PREFIX})
        return read("+" + digits, None), _NONE
    if digits.startswith("00"):
        return _read_double_zero(digits, plan)
    if plan is None:
        reason = Reason.TOO_SHORT if len(digits) < _FEWEST_DIGITS else Reason.NO_COUNTRY
        return Reading(None, None, None, reason), _NONE
    national = read(digits, plan.region)
    if plan.north_american and digits.startswith("011") and national.e164 is not None:
        return national, frozenset({Repair.INTERNATIONAL_PREFIX})
    # The leading 1 of "1 415 555 0100" is North America's trunk prefix as well: nothing was lost.
    if digits.startswith(plan.calling_code) and not plan.north_american:
        international = read("+" + digits, None)
        if international.e164 is not None and _plus_was_lost(digits, national, plan):
            return international, frozenset({Repair.LOST_PLUS})
    if national.e164 is not None and not national.e164.startswith(plan.plus):
        return national, frozenset({Repair.INTERNATIONAL_PREFIX})  # 010 in Japan, 810 in Russia
    if national.e164 is not None and plan.trunk_zero and not digits.startswith("0"):
        doubt = _doubt_without_zero(digits, national.kind, plan)
        if doubt is not None:
            return Reading(None, None, None, doubt), _NONE
    return national, _NONE


_FEWEST_DIGITS = 5  # below this it is a short code or a part, whatever else is missing
FEWEST_DIGITS_WITHOUT_ZERO = 7
FEWEST_DIGITS_OF_ABROAD = 11
_DATE = re.compile(r"(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])")


def _doubt_without_zero(digits: str, kind: str | None, plan: Plan) -> Reason | None:
    """Say why digits are not taken for a national number that lacks the country's leading zero, valid as it may be.

    Some plans take nearly everything: in Germany the postal code 40210, the date 20240105, 441234567890, which is a
    British number without its plus, and the article number 4006381333931. Nobody there has a number of twelve digits.
    """
    if not plan.takes_many_lengths or kind != "fixed_line":
        return None
    if len(digits) < FEWEST_DIGITS_WITHOUT_ZERO:
        return Reason.NO_AREA_CODE
    if _DATE.fullmatch(digits):
        return Reason.NOT_A_NUMBER
    if len(digits) >= FEWEST_DIGITS_OF_ABROAD and read("+" + digits, None).e164:
        return Reason.NO_COUNTRY
    return Reason.TOO_LONG if len(digits) > FEWEST_DIGITS_OF_ABROAD else None


def _plus_was_lost(digits: str, national: Reading, plan: Plan) -> bool:
    """Decide between two valid readings of digits that begin with the default country's calling code.

    Where national numbers begin with 0, its absence says that this is the calling code: German 4930123456 is Berlin,
    not a number of 04930. Where they do not, the national reading is as good as written (Italian 3901234567 is a
    mobile number), and so it is when it alone has the length of a subscriber's number (Indian 9118001234).
    """
    if national.e164 in (None, "+" + digits):
        return True
    if not plan.trunk_zero:
        return False
    national_is_usual = len(national.e164 or "") - len(plan.plus) in plan.usual_lengths
    return len(digits) - len(plan.calling_code) in plan.usual_lengths or not national_is_usual


def _read_double_zero(digits: str, plan: Plan | None) -> tuple[Reading, frozenset[Repair]]:
    """00 is the prefix for calls abroad in most countries, and people write it everywhere."""
    national = read(digits, plan.region) if plan else None
    if plan and national and national.e164:
        abroad = national.e164[1:] == digits[2:] or not national.e164.startswith(plan.plus)
        return national, frozenset({Repair.INTERNATIONAL_PREFIX}) if abroad else _NONE
    international = read("+" + digits[2:], None)
    if national and international.reason is Reason.BAD_COUNTRY_CODE:
        return national, _NONE  # 0000000000
    return international, frozenset({Repair.INTERNATIONAL_PREFIX})


def _read_trunk_zero(head: str, tail: str, plus: bool, plan: Plan | None) -> tuple[Reading, frozenset[Repair]]:
    """Read "+49 (0)30 …": the zero is for calls inside the country only.

    In Italy and some other countries it is part of the number, so there it is left out only if the number is not
    valid with it. Without plus or 00, the digits before it must be the default country's calling code.
    """
    before, after = re.sub(r"[^0-9]", "", head), re.sub(r"[^0-9]", "", tail)
    repairs: set[Repair] = set()
    code = before
    if not plus and before.startswith("00"):
        code = before[2:]
        repairs.add(Repair.INTERNATIONAL_PREFIX)
    elif not plus and plan and plan.north_american and before.startswith("011"):
        code = before[3:]
        repairs.add(Repair.INTERNATIONAL_PREFIX)
    elif not plus:
        if plan is None or before != plan.calling_code:
            return NOT_A_NUMBER, _NONE
        repairs.add(Repair.LOST_PLUS)
    home = plan_of_calling_code(code)
    if home is None:
        return Reading(None, None, None, Reason.BAD_COUNTRY_CODE), _NONE
    if not home.trunk_zero:
        kept = read(f"+{code}0{after}", None)
        if kept.e164 is not None:
            return kept, frozenset(repairs)
    return read(f"+{code}{after}", None), frozenset({*repairs, Repair.TRUNK_ZERO})


def _bounded(reading: Reading, digits: int) -> Reading:
    if reading.e164 is not None and len(reading.e164) > LONGEST_E164:
        return _TOO_LONG
    if reading.reason is Reason.NO_AREA_CODE and digits < _FEWEST_DIGITS:
        return Reading(None, None, None, Reason.TOO_SHORT)
    return reading
