"""Words as digits: 1-800-FLOWERS, in North American numbers only and only where whole words make it ten digits."""

import re

from bulk_lookup.core.numbering import Plan, read
from bulk_lookup.core.phone_labels import EXTENSION_WORD, is_label


def spell_vanity(text: str, plan: Plan | None) -> str:
    """Put digits in the place of vanity words, as "+1" and ten digits; give the text unchanged where there are none.

    Letters count only if an area code stands before them in digits and the words end exactly at the tenth digit.
    Toll-free numbers may be written in any way with hyphens ("1-800-go-fedex", "1800FLOWERS"), with spaces only in
    capitals ("800 GET CASH"): "800 for info" is no number. Under other area codes capitals and hyphens are asked for,
    since "415 555 home" is a number cut short and a label. A word such as "home" or "ext", and a word of letters that
    pass for digits (O, I, L), is never one.
    """

    def digits(match: re.Match[str]) -> str:
        found = _digits(match, plan)
        return match[0] if found is None else found

    return _CANDIDATE.sub(digits, text)


_TOLL_FREE = frozenset({"800", "833", "844", "855", "866", "877", "888", "900"})
_SUBSCRIBER_DIGITS = 7
_CANDIDATE = re.compile(
    r"(?<![0-9A-Za-z+.-])(?P<country>(?:\+ ?|00)?1[-. ]?)?\(?(?P<area>[2-9][0-9]{2})\)?"
    r"(?P<rest>[-. ]?(?:[0-9]+|[A-Za-z]+)(?:[-. ]{1,3}(?:[0-9]+|[A-Za-z]+))*)(?![0-9A-Za-z])"
)
_TOKEN = re.compile(r"([-. ]*)([0-9]+|[A-Za-z]+)")
_KEYS = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "22233344455566677778889999")
# Labels that companies have in their numbers nevertheless: 1-800-CALL-ATT.
_PROMISING = frozenset({"call", "text", "line", "land", "voice", "contact", "direct"})
_LOOK_LIKE_DIGITS = frozenset("OIL")
# What people write in the place of a number that they do not have.
_EXCUSE_WORDS = (
    "unknown private invalid missing blocked deleted removed expired refused unlisted pending none null wrong"
)
_EXCUSES = frozenset(_EXCUSE_WORDS.split())


def _digits(match: re.Match[str], plan: Plan | None) -> str | None:
    country = match["country"] or ""
    if not country.startswith(("+", "00")) and not (plan and plan.north_american):
        return None
    toll_free = match["area"] in _TOLL_FREE
    subscriber, words, gaps, end = "", [], "", 0
    for token in _TOKEN.finditer(match["rest"]):
        gaps += token[1]
        subscriber += token[2].upper().translate(_KEYS)
        if token[2].isalpha():
            words.append(token[2])
        end = token.end()
        if len(subscriber) >= _SUBSCRIBER_DIGITS:
            break
    rest = match["rest"][end:]
    if len(subscriber) != _SUBSCRIBER_DIGITS or rest[:1].isalnum() or not _are_vanity(words):
        return None
    capitals = all(word.isupper() for word in words)
    if not (capitals or (toll_free and " " not in gaps)) or (not toll_free and (" " in gaps or not gaps)):
        return None
    number = f"+1{match['area']}{subscriber}"
    return None if read(number, None).e164 is None else number + rest


def _are_vanity(words: list[str]) -> bool:
    if sum(map(len, words)) < 3:
        return False
    return not any(
        (is_label(word) and word.casefold() not in _PROMISING)
        or word.casefold() in _EXCUSES
        or EXTENSION_WORD.fullmatch(word)
        or set(word.upper()) <= _LOOK_LIKE_DIGITS
        for word in words
    )
