"""Text that a spreadsheet would run instead of showing it."""

import re
from typing import Final

_BEGINNINGS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # the wide ones count in East Asia
_PLAIN_NUMBER: Final = re.compile(r"[+-]\s?\(?\d[\d\s().\-]*", re.ASCII)


def neutralise(text: str) -> str:
    """Return `text` so that no spreadsheet takes it for a formula: with an apostrophe before it where it would.

    Phone numbers (+1 415 555 0100) and plain signed numbers (-12.5) stay as they are.
    Source: OWASP, "CSV Injection".
    """
    if text.startswith(_BEGINNINGS) and not _PLAIN_NUMBER.fullmatch(text):
        return "'" + text
    return text
