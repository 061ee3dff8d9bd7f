"""Small words of the sentences: one request, two requests; amounts of which a part is not known."""

from collections.abc import Sequence

from bulk_lookup.core.pricing import to_decimal_string


def counted(number: int, noun: str) -> str:
    """`1 request`, `2,000 requests`."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def amount(micros: int, currency: str, unknown_prices: Sequence[str] = ()) -> str:
    """A sum with its currency, and what is not in it because nobody knows its price."""
    known = f"{to_decimal_string(micros)} {currency}"
    if not unknown_prices:
        return known
    unknown = f"the unknown price of {' and '.join(unknown_prices)}"
    return f"{known} and {unknown}" if micros else unknown
