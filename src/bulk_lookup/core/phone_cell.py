"""A dirty cell: which of its digits are a number, and which belong to words, extensions and other numbers.

The rules, in short. Digits of two stretches are never joined. Words before the first and behind the last number are
left out; letters among the digits spoil the cell. The first valid number counts, the others are handed on. What follows
a separator can be a number only by itself, never with digits from before it.
"""

import re
from itertools import pairwise
from typing import NamedTuple

from bulk_lookup.core.numbering import Plan, Reading
from bulk_lookup.core.phone_labels import Gap, begins_well, counts_things, ends_well, is_label, judge
from bulk_lookup.core.phone_shapes import is_address, is_card, is_short_date, whole_cell, without_moments
from bulk_lookup.core.phone_stretch import read_stretch, stands_alone
from bulk_lookup.core.phone_text import LONGEST_CELL, plain_text
from bulk_lookup.core.phone_words import Reason, Repair
from bulk_lookup.core.phone_writing import Written
from bulk_lookup.core.vanity import spell_vanity


class CellReading(NamedTuple):
    """The number of a cell, or the reason why it has none; the repairs, in the order of `Repair`; other numbers."""

    number: Reading
    repairs: tuple[Repair, ...] = ()
    others: tuple[str, ...] = ()


def read_cell(raw: str, plan: Plan | None) -> CellReading:
    """Read a cell of any shape, under the numbering plan of its default country if it has one."""
    text, repairs = plain_text(raw)
    if len(text) > LONGEST_CELL:
        return _rejected(Reason.NOT_A_NUMBER)
    uri = _TEL_URI.match(text)
    if uri:
        text = _unescape(text[uri.end() :])
        repairs.add(Repair.TEL_URI)
    shape = whole_cell(text)
    if isinstance(shape, Reason):
        return _rejected(shape)
    text = shape[0]
    repairs |= shape[1]
    if _PLUS_BEHIND.fullmatch(text):
        text = "+" + text.rstrip("+ ")
        repairs.add(Repair.LOST_PLUS)
    spelled = spell_vanity(text, plan)
    if spelled != text:
        repairs.add(Repair.VANITY)
    calm = _REMARK.sub(";(", without_moments(spelled))
    if calm != spelled:
        repairs.add(Repair.WORDS_CUT)  # a date or a time, or words in the remark
    return _Walk(plan, repairs).over(calm)


def _rejected(reason: Reason) -> CellReading:
    return CellReading(Reading(None, None, None, reason))


_TEL_URI = re.compile(r"(?:tel|callto)\s*:\s*(?://)?(?=[+%(0-9])", re.IGNORECASE)
_ESCAPES = {"%2B": "+", "%2b": "+", "%20": " ", "%28": "(", "%29": ")"}
# Text written from right to left shows its plus at the end, and some programs then write it there.
_PLUS_BEHIND = re.compile(r"[1-9][0-9 ().-]{6,24}[0-9)]\s?\+")


def _unescape(uri: str) -> str:
    for escape, character in _ESCAPES.items():
        uri = uri.replace(escape, character)
    return uri


# Digits and what people put between and before them; a plus begins a stretch of its own.
_STRETCH = re.compile(r"(?:[+(\[]\s?)*[0-9](?:[ ()\[\]./'-]*[0-9])*")
# A remark that begins with digits: "030 123456 (9-17 Uhr)".
_REMARK = re.compile(r"[(\[](?=\s*[+0-9][^()\[\]]*?[^\W\d_]{2})")
_LONE_DIGIT = re.compile(r"[0-9] +[0-9]\Z")
_MOST_STRETCHES = 40
_EXTENSION = re.compile(r"[ (]*[0-9]{1,7}(?![0-9])[)\] ]*")
_PLUS = re.compile(r"[(\[\s]*\+")
_PLUS_FOR_AND = re.compile(r"\+\s+(?=0)")
_SHORT_DATE_DIGITS = 6
_DECIMAL = re.compile(r"[1-9][0-9]{0,2}\.[0-9]+")


class _SpoiledError(Exception):
    """Letters or signs among the digits: the cell is nobody's number."""


class _Walk:
    """One walk over the stretches of digits in a cell, from left to right."""

    def __init__(self, plan: Plan | None, repairs: set[Repair]) -> None:
        self.plan = plan
        self.repairs = repairs
        self.first: Written | None = None
        self.others: list[str] = []
        self.fullest: Written | None = None  # of the invalid ones, the one with most digits: its reason is the cell's
        self.passed_over = False  # digits that are a date or an address came first
        self.safe = False  # the first number is known and a separator stands behind it: nothing can spoil it any more

    def over(self, text: str) -> CellReading:
        stretches = list(_STRETCH.finditer(text))
        if not stretches or len(stretches) > _MOST_STRETCHES:
            return _rejected(Reason.NOT_A_NUMBER)
        try:
            self._walk(text, stretches)
        except _SpoiledError:
            if not self.safe:
                return _rejected(Reason.NOT_A_NUMBER)
            self.repairs.add(Repair.WORDS_CUT)
        if self.first is None:
            return _rejected(self._reason())
        repairs = self.repairs | self.first.repairs
        return CellReading(self.first.reading, tuple(filter(repairs.__contains__, Repair)), tuple(self.others))

    def _reason(self) -> Reason:
        if self.fullest is None:
            return Reason.NOT_A_NUMBER
        # Valid, but perhaps the rest of digits that stand before a separator.
        return self.fullest.reading.reason or Reason.NO_AREA_CODE

    def _walk(self, text: str, stretches: list[re.Match[str]]) -> None:
        gap = text[: stretches[0].start()]
        if not begins_well(gap):
            raise _SpoiledError
        self._leave_out(gap)
        numbers = self._take(stretches[0][0])
        for previous, stretch in pairwise(stretches):
            gap_before, gap = gap, text[previous.end() : stretch.start()]
            if _LONE_DIGIT.search(previous[0]) and counts_things(gap):
                raise _SpoiledError
            meaning = (
                Gap.APART
                if _numbers_a_label(gap_before, previous[0], gap)
                else judge(gap, _PLUS.match(stretch[0]) is not None)
            )
            if meaning is Gap.SPOILED:
                raise _SpoiledError
            if meaning is Gap.EXTENSION:
                self._cut_extension(stretch[0])
                continue
            self._leave_out(gap)
            self.safe |= self.first is not None and meaning is Gap.APART and bool(gap.strip(" "))
            numbers_before, numbers = numbers, self._take(_PLUS_FOR_AND.sub("", stretch[0]))
            if meaning is Gap.LETTER or not gap.strip(" "):
                both = [*numbers_before[-1:], *numbers[:1]]
                if len(both) < 2 or not all(stands_alone(number, self.first, self.plan) for number in both):
                    raise _SpoiledError
        tail = text[stretches[-1].end() :]
        if not ends_well(tail) or (_LONE_DIGIT.search(stretches[-1][0]) and counts_things(tail)):
            raise _SpoiledError
        self._leave_out(tail)

    def _take(self, stretch: str) -> list[Written]:
        if is_address(stretch) or is_card(stretch) or self._is_no_number_here(stretch):
            self._leave_out(stretch)
            self.passed_over = True
            return []
        numbers, repairs = read_stretch(stretch, self.plan)
        for number in numbers:
            self._count(number)
        self.repairs |= repairs
        return numbers

    def _is_no_number_here(self, stretch: str) -> bool:
        """Dates such as 05.01.24, where numbers are not just as short; decimals, where numbers begin with a zero."""
        if is_short_date(stretch):
            return (
                self.plan is None or self.plan.takes_many_lengths or _SHORT_DATE_DIGITS not in self.plan.usual_lengths
            )
        return self.plan is not None and self.plan.trunk_zero and _DECIMAL.fullmatch(stretch) is not None

    def _count(self, number: Written) -> None:
        """Make the number the cell's first or one of its others, unless it may be the rest of the digits before."""
        begins_cell = self.first is None and self.fullest is None and not self.passed_over
        if not number.valid or not (begins_cell or stands_alone(number, self.first, self.plan)):
            if self.first is not None:
                self.repairs.add(Repair.WORDS_CUT)
            elif self.fullest is None or number.digits > self.fullest.digits:
                self.fullest = number
        elif self.first is None:
            self.first = number
            if self.fullest is not None:
                self.repairs.add(Repair.WORDS_CUT)
        else:
            e164 = number.reading.e164 or ""
            if e164 != self.first.reading.e164 and e164 not in self.others:
                self.others.append(e164)

    def _cut_extension(self, stretch: str) -> None:
        extension = _EXTENSION.match(stretch)
        if extension:
            self.repairs.add(Repair.EXTENSION_CUT)
        rest = stretch[extension.end() :].lstrip("/-. ") if extension else stretch
        if rest:
            self.safe = self.first is not None
            self._take(rest)

    def _leave_out(self, text: str) -> None:
        if any(map(str.isalnum, text)):
            self.repairs.add(Repair.WORDS_CUT)


def _numbers_a_label(before: str, digit: str, behind: str) -> bool:
    """Say whether the digit belongs to a label, as in "Tel. 2: …"."""
    words = before.split()
    return len(digit) == 1 and behind.strip() == ":" and bool(words) and is_label(words[-1].strip(".-"))
