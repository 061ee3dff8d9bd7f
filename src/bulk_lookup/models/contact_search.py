"""Search: a number as it is typed (whole, its beginning, its last digits), or the beginning of an original column.

Under row-level security an index is used for comparisons only, never for LIKE: so every search here is a range.
"""

import re
import unicodedata

from django.db.models import Q

from bulk_lookup.core.phone import parse_phone
from bulk_lookup.models.contact import Contacts

FEWEST_DIGITS = 3
_LONGEST = 80  # characters kept of a searched column
_NUMBER = re.compile(r"[\d\s().+\-/]+")


class TooShort(Exception):
    """So few digits are searched for that they would find nearly everything; the message is a sentence."""


def search(contacts: Contacts, text: str, *, region: str = "") -> Contacts:
    """Those with the number or the text; raises TooShort."""
    typed = unicodedata.normalize("NFKC", text).strip()
    digits = "".join(character for character in typed if character.isdecimal())
    if not _NUMBER.fullmatch(typed):
        return contacts.filter(_begins_with_word(typed.lower()[:_LONGEST]))
    if len(digits) < FEWEST_DIGITS:
        raise TooShort(f"Type at least {FEWEST_DIGITS} digits of a number.")
    return contacts.filter(_has_number(typed, digits, region) | _begins_with_word(typed.lower()))


def _has_number(typed: str, digits: str, region: str) -> Q:
    whole = parse_phone(typed, region or None).e164
    if whole is not None:
        return Q(formatted_phone_number=whole) | _ends_with(digits)
    found = _starts("formatted_phone_number", "+" + (digits[2:] if typed.startswith("00") else digits))
    return found if typed.startswith("+") else found | _ends_with(digits)


def _ends_with(digits: str) -> Q:
    """The last digits as typed, and without the zero that a national number may begin with."""
    found = _starts("number_reversed", digits[::-1])
    return found | _starts("number_reversed", digits[:0:-1]) if digits.startswith("0") else found


def _begins_with_word(text: str) -> Q:
    return _starts("search_1", text) | _starts("search_2", text) | _starts("search_3", text)


def _starts(field: str, beginning: str) -> Q:
    """A range, in the order of code points that these columns have ("C")."""
    return Q(**{f"{field}__gte": beginning, f"{field}__lt": beginning + "\U0010ffff"})
