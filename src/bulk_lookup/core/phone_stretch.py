"""A stretch of digits and punctuation in a cell: one number, or several with a slash or a space between them."""

import re
from itertools import islice

from bulk_lookup.core.numbering import Plan
from bulk_lookup.core.phone_words import Repair
from bulk_lookup.core.phone_writing import LONGEST_WRITTEN, NOT_A_NUMBER, Written, read_written


def read_stretch(text: str, plan: Plan | None) -> tuple[list[Written], set[Repair]]:
    """Read the numbers of a stretch, in their order, the invalid ones too, and say what was cut off between them."""
    numbers: list[Written] = []
    repairs: set[Repair] = set()
    enumerated = _ENUMERATED.match(text)
    if enumerated and _is_enumerated(text, text[enumerated.end() :], plan):
        numbers, repairs = read_stretch(text[enumerated.end() :], plan)
        return numbers, {*repairs, Repair.WORDS_CUT}
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
_CALLING_CODE = re.compile(r"[ (\[]*(?:\+|00)[ (\[]*[1-9][0-9]{0,2}[ )\]]*")
_DIGIT = re.compile(r"[0-9]")
# A whole number in parentheses, parentheses in parentheses, or the last thing in the stretch.
_REMARK = re.compile(r"[(\[](?:[^0-9()\[\]]*[0-9]){6}|[(\[](?=\s?[(\[])|[(\[][^()\[\]]*\Z")
# Area codes are the only parentheses inside a number, and they stand behind fewer digits than these.
_DIGITS_BEFORE_AREA_CODE = 6
# Two numbers in one stretch have at least these digits each; otherwise a space before a 0 is just a space.
_FEWEST_DIGITS_OF_TWO = 7
_LONGEST_ENDING = 4
_MOST_PARTS = 24


def _is_enumerated(text: str, rest: str, plan: Plan | None) -> bool:
    """Say whether the digit before the rest is a list's: where both are valid, the rest is likelier the number."""
    text, rest = text.split("/")[0], rest.split("/")[0]
    return read_written(rest, plan).valid or not read_written(text, plan).valid


def _split_at_parentheses(text: str) -> list[str]:
    """Take apart "030 1234567 (0171 1234567)" and "030 1234567 (12)", but not a number's area code."""
    parts: list[str] = []
    start = 0
    for remark in _REMARK.finditer(text):
        if len(_DIGIT.findall(text[start : remark.start()])) > _DIGITS_BEFORE_AREA_CODE:
            parts.append(text[start : remark.start()])
            start = remark.start()
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
                if whole.valid and whole.own_prefix and not _CALLING_CODE.fullmatch(before):
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

    It is when it has a prefix of its own, or as many digits as the number before it, or a length that is the only one
    or one of two that such numbers have in its country.
    """
    if not number.valid or plan is None or number.own_prefix:
        return number.valid
    if not plan.trunk_zero and not plan.takes_many_lengths:
        return True
    length = len(number.reading.e164 or "")
    if first is not None and length == len(first.reading.e164 or ""):
        return True
    lengths = plan.mobile_lengths if number.reading.kind == "mobile" else plan.usual_lengths
    return len(lengths) <= 2 and length - len(plan.plus) in lengths


def _emit(text: str, plan: Plan | None, numbers: list[Written]) -> None:
    """Read the text as one number, or as several with spaces or hyphens between them if it cannot be one."""
    whole = read_written(text, plan)
    if whole.digits < 2 * _FEWEST_DIGITS_OF_TWO - 1 or (whole.valid and not _ZERO.search(text)):
        numbers.append(whole)
        return
    several = _take_apart(_WIDE_GAP.split(text), whole, plan) or _split(text, whole, plan)
    if not several and whole.valid and _holds_another(text, plan):
        several = [whole._replace(reading=NOT_A_NUMBER)]
    numbers += several or [whole]


def _take_apart(parts: list[str], whole: Written, plan: Plan | None) -> list[Written]:
    """Read each part as a number; none are given unless each is one and needs nothing of the others."""
    if len(parts) < 2 or len(parts) > _MOST_PARTS:
        return []
    numbers = [read_written(part, plan) for part in parts]
    if not all(number.valid and stands_alone(number, numbers[0], plan) for number in numbers[1:]):
        return []
    if not numbers[0].valid or (whole.valid and not _are_two(numbers[0], numbers[1])):
        return []
    return numbers


def _split(text: str, whole: Written, plan: Plan | None) -> list[Written]:
    """Find the one way to take the text apart into numbers; none are given where there are several ways."""
    boundaries = list(_BOUNDARY.finditer(text))
    if len(boundaries) > _MOST_BOUNDARIES:
        return []
    starts = [0, *(boundary.end() for boundary in boundaries)]
    ends = [*(boundary.start() for boundary in boundaries), len(text)]
    # From the last group to the first: the ways in which the text from there on is one number or several.
    ways: dict[int, list[list[Written]]] = {len(starts): [[]]}
    for first in range(len(starts) - 1, -1, -1):
        ways[first] = []
        for last in range(first, len(starts)):
            number = read_written(text[starts[first] : ends[last]], plan)
            if number.digits > LONGEST_WRITTEN:
                break
            if number.valid:
                following = [way for way in ways[last + 1] if not way or stands_alone(way[0], number, plan)]
                ways[first] += [[number, *way] for way in following]
        if len(ways[first]) > _MOST_WAYS:
            return []
    several = [way for way in ways[0] if len(way) > 1 and not (whole.valid and not _are_two(*way[:2]))]
    return several[0] if len(several) == 1 else []


def _are_two(first: Written, second: Written) -> bool:
    """Say whether digits that would be valid as one number are two nevertheless."""
    return second.own_prefix and min(first.digits, second.digits) >= _FEWEST_DIGITS_OF_TWO


def _holds_another(text: str, plan: Plan | None) -> bool:
    """Say whether a whole number with its zero stands behind other digits: "030 0171 1234567" is nobody's number."""
    if plan is None or not plan.takes_many_lengths:
        return False
    for zero in islice(_ZERO.finditer(text), _MOST_BOUNDARIES):
        rest = read_written(text[zero.start() + 1 :], plan)
        if rest.valid and rest.digits >= _FEWEST_DIGITS_OF_ANOTHER:
            return not _CALLING_CODE.fullmatch(text[: zero.start()])
    return False


_ZERO = re.compile(r"[ -]0")
_FEWEST_DIGITS_OF_ANOTHER = 10
_WIDE_GAP = re.compile(r"\s{2,}|\s-\s")
_BOUNDARY = re.compile(r"[ '.)\]-]*[ -]+(?=[(\[]?[0-9])")
_MOST_BOUNDARIES = 24
# So many ways from some group on promise nothing, and doubling on they would cost much.
_MOST_WAYS = 8
