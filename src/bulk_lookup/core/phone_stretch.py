"""A stretch of digits and punctuation in a cell: one number, or several with a slash or a space between them."""

import re

from bulk_lookup.core.numbering import Plan
from bulk_lookup.core.phone_words import Repair
from bulk_lookup.core.phone_writing import LONGEST_WRITTEN, Written, read_written


def read_stretch(text: str, plan: Plan | None) -> tuple[list[Written], set[Repair]]:
    """Read the numbers of a stretch, in their order, the invalid ones too, and say what was cut off between them."""
    numbers: list[Written] = []
    repairs: set[Repair] = set()
    enumerated = _ENUMERATED.match(text)
    if enumerated:
        rest, rest_repairs = read_stretch(text[enumerated.end() :], plan)
        if rest[0].valid:
            return rest, {*rest_repairs, Repair.WORDS_CUT}
    items = _LISTED.split(text)
    if len(items) > 1:
        repairs.add(Repair.WORDS_CUT)
    for item in items:
        for part in _split_at_parentheses(item):
            _fold_slashes(part, plan, numbers, repairs)
    return numbers, repairs


# The numbering of a list: "1 030 1234567", "1) +49 … 2) +49 …". No number begins with a single digit and a trunk zero.
_LISTED = re.compile(r"(?:(?<=\s)|^)[1-9][.)]\s+(?=[+0(])")
_ENUMERATED = re.compile(r"\(?[1-9][ .)-]+(?=0[0-9]|\+)")
_DIGIT = re.compile(r"[0-9]")
# Area codes are the only parentheses inside a number, and they stand behind fewer digits than these.
_DIGITS_BEFORE_AREA_CODE = 6
# Two numbers in one stretch have at least these digits each; otherwise a space before a 0 is just a space.
_FEWEST_DIGITS_OF_TWO = 7
_LONGEST_ENDING = 4
_MOST_PARTS = 24


def _split_at_parentheses(text: str) -> list[str]:
    """Take apart "030 1234567 (0171 1234567)"."""
    parts: list[str] = []
    start = digits = 0
    for position, character in enumerate(text):
        if character.isdigit():
            digits += 1
        elif character in "([" and digits > _DIGITS_BEFORE_AREA_CODE:
            parts.append(text[start:position])
            start, digits = position, 0
    parts.append(text[start:])
    return [part for part in parts if _DIGIT.search(part)]


def _fold_slashes(text: str, plan: Plan | None, numbers: list[Written], repairs: set[Repair]) -> None:
    """A slash stands behind an area code (030/1234567), between two numbers, or before another ending (129/130).

    What stands before the slash decides: a number that is valid by itself is never made longer.
    """
    before = ""
    last: Written | None = None
    for part in list(filter(_DIGIT.search, text.split("/")))[:_MOST_PARTS]:
        if before:
            number = read_written(before, plan)
            if not number.valid:
                whole = read_written(part, plan)
                if whole.valid and whole.own_prefix and not number.own_prefix:
                    _emit(before, plan, numbers)
                    before = part
                else:
                    before = f"{before} {part}"
                continue
            _emit(before, plan, numbers)
            last = number
        if last is None:
            before = part
            continue
        ending = read_written(_other_ending(last, part), plan)
        whole = read_written(part, plan)
        before = part if not ending.valid and (whole.own_prefix or stands_alone(whole, last, plan)) else ""
        if not before:
            repairs.add(Repair.ALTERNATIVE_CUT)
        if ending.valid:
            numbers.append(ending)
            last = ending
    if before:
        _emit(before, plan, numbers)


def _other_ending(number: Written, ending: str) -> str:
    """The number that "/130" means behind …129: only the ending that follows is certain, others may be extensions."""
    digits = "".join(_DIGIT.findall(ending))
    e164 = number.reading.e164 or ""
    if len(digits) > _LONGEST_ENDING or not e164 or int(digits) != int(e164[-len(digits) :]) + 1:
        return ""
    return e164[: -len(digits)] + digits


def stands_alone(number: Written, first: Written | None, plan: Plan | None) -> bool:
    """Say whether a valid number behind a separator is a number of its own, not the rest of the digits before it.

    It is when it has a prefix of its own, or as many digits as the number before it, or a length that in its country
    is the only one or one of two.
    """
    if not number.valid or plan is None or number.own_prefix or not plan.trunk_zero:
        return number.valid
    length = len(number.reading.e164 or "")
    if first is not None and length == len(first.reading.e164 or ""):
        return True
    return len(plan.usual_lengths) <= 2 and length - 1 - len(plan.calling_code) in plan.usual_lengths


def _emit(text: str, plan: Plan | None, numbers: list[Written]) -> None:
    """Read the text as one number, or as several with a space or hyphen between them if it cannot be one."""
    whole = read_written(text, plan)
    several = _split(text, whole, plan, {}) if _may_be_several(whole, text) else None
    numbers += several or [whole]


def _split(
    text: str, whole: Written, plan: Plan | None, tried: dict[str, list[Written] | None]
) -> list[Written] | None:
    """Take the text apart into valid numbers that need nothing of each other; None if that cannot be done.

    `tried` keeps what became of each ending of the text, so that no ending is taken apart twice.
    """
    boundaries = list(_BOUNDARY.finditer(text))
    if len(boundaries) > _MOST_BOUNDARIES:
        return None
    for boundary in boundaries:
        left = read_written(text[: boundary.start()], plan)
        if left.digits > LONGEST_WRITTEN:
            return None
        if not left.valid or (whole.valid and left.digits < _FEWEST_DIGITS_OF_TWO):
            continue
        rest = text[boundary.end() :]
        if rest not in tried:
            right = read_written(rest, plan)
            tried[rest] = _split(rest, right, plan, tried) if _may_be_several(right, rest) else None
            if tried[rest] is None and right.valid:
                tried[rest] = [right]
        numbers = tried[rest]
        if not numbers or not all(stands_alone(number, left, plan) for number in numbers):
            continue
        if whole.valid and not (numbers[0].own_prefix and numbers[0].digits >= _FEWEST_DIGITS_OF_TWO):
            continue
        return [left, *numbers]
    return None


_BOUNDARY = re.compile(r"[ '.)\]-]*[ -]+(?=[(\[]?[0-9])")
_MOST_BOUNDARIES = 24


def _may_be_several(whole: Written, text: str) -> bool:
    if whole.digits < 2 * _FEWEST_DIGITS_OF_TWO - 1:
        return False
    return not whole.valid or " 0" in text
