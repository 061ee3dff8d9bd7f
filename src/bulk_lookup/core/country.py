"""The country that a cell of a list's country column means."""

import unicodedata
from functools import cache, lru_cache

from bulk_lookup.core.country_names import names_of_countries
from bulk_lookup.core.numbering import plan_of_calling_code

_LONGEST = 100
_REGIONAL_INDICATOR_A = 0x1F1E6


@lru_cache(maxsize=4096)
def region_of(text: str) -> str | None:
    """Give the ISO 3166 region (two letters) that a code, a name, a calling code ("+49") or a flag means.

    Names are English or the country's own; case, accents and punctuation do not matter. None where it is unknown.
    """
    if len(text) > _LONGEST:
        return None
    cell = text.strip()
    if cell.startswith("+") and cell[1:].isascii() and cell[1:].isdigit():
        plan = plan_of_calling_code(cell[1:])
        return plan.region if plan else None
    return _names().get(_key(_flag_letters(cell)))


@cache
def name_of(region: str) -> str:
    """Give the English name of an ISO 3166 region, the region itself where it has none."""
    return next((names[0] for two, _, names in names_of_countries() if two == region), region)


@cache
def _names() -> dict[str, str]:
    names: dict[str, str] = {}
    countries = names_of_countries()
    for two, _, spellings in countries:
        for spelling in spellings:
            names[_key(spelling)] = two
    # Codes last: they win over a name that is spelled like one.
    for two, three, _ in countries:
        names[_key(three)] = two
        names[_key(two)] = two
    return names


def _key(text: str) -> str:
    """Letters and digits only, without accents: "Côte d’Ivoire" and "COTE D'IVOIRE" are one."""
    folded = unicodedata.normalize("NFKD", text.casefold())
    words = "".join(" " if character in " -/,()\t\xa0" else character for character in folded).split()
    letters = " ".join(words[1:] if len(words) > 1 and words[0] == "the" else words).replace("&", "and")
    return "".join(character for character in letters if character.isalnum())


def _flag_letters(text: str) -> str:
    letters = [ord(character) - _REGIONAL_INDICATOR_A for character in text if character != "\ufe0f"]
    if len(letters) == 2 and all(0 <= letter < 26 for letter in letters):
        return "".join(chr(ord("A") + letter) for letter in letters)
    return text
