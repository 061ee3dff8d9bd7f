"""What the simulator charges: one price per package, in micro-units of a US dollar.

The first four are the first-tier list prices known as of 2026-11 (0.008, 0.01, 0.007 and 0.02 USD a number). None is
published for the others; theirs are invented here, so that the ledger has a figure to add up.
"""

from collections.abc import Mapping
from decimal import Decimal

PRICES_MICRO_USD: dict[str, int] = {
    "line_type_intelligence": 8_000,
    "caller_name": 10_000,
    "line_status": 7_000,
    "reassigned_number": 20_000,
    "sms_pumping_risk": 25_000,
    "sim_swap": 30_000,
    "call_forwarding": 15_000,
    "identity_match": 50_000,
    "phone_number_quality_score": 40_000,
    "pre_fill": 60_000,
}

# `validation` is the eleventh package: free, answered by every lookup.
PRICED_PACKAGES: tuple[str, ...] = tuple(PRICES_MICRO_USD)
PACKAGES: tuple[str, ...] = ("validation", *PRICED_PACKAGES)

_CENTS = Decimal("0.01")


def total_micro_usd(counts: Mapping[str, int]) -> int:
    """Add up what so many of each package cost."""
    return sum(count * PRICES_MICRO_USD[package] for package, count in counts.items())


def decimal_usd(micro_usd: int) -> str:
    """Write an amount as a decimal string with at least two places: 1992000 → "1.992", 2000000 → "2.00"."""
    amount = (Decimal(micro_usd) / 1_000_000).normalize()
    places = amount.as_tuple().exponent
    return f"{amount.quantize(_CENTS) if isinstance(places, int) and places > -2 else amount:f}"
