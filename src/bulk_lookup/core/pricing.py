"""What packages cost: dated prices, by country where they differ, and money as whole micro-units of a currency."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from bulk_lookup.core.data_package import BASIC, CALLER_NAME, LINE_STATUS, LINE_TYPE_INTELLIGENCE, REASSIGNED_NUMBER

MICROS = 1_000_000

# What a bigint column holds; no price, cap or sum may pass it.
_LARGEST_MICROS = 2**63 - 1


class BadAmount(ValueError):
    """A text that is no amount of money; its text is a sentence for the user."""


class PriceKind(StrEnum):
    """Who says so: the published list, or the person who pays the bill."""

    LIST = "list"
    YOURS = "yours"


@dataclass(frozen=True, slots=True)
class PriceEntry:
    """The price of one answer of a package in micro-units, from a date on; `country` None is everywhere else."""

    package: str
    micros: int
    valid_from: date
    currency: str = "USD"
    country: str | None = None
    kind: PriceKind = PriceKind.LIST


@dataclass(frozen=True, slots=True)
class Price:
    """What one answer costs in micro-units, and how sure that is."""

    micros: int
    currency: str
    kind: PriceKind
    valid_from: date

    def __str__(self) -> str:
        return f"{to_decimal_string(self.micros)} {self.currency}"

    @property
    def origin(self) -> str:
        """Where the price comes from, in words that promise no more than is known."""
        if self.kind is PriceKind.YOURS:
            return f"your price since {self.valid_from.isoformat()}"
        return f"published list price as of {self.valid_from.isoformat()}, not confirmed"


# First-tier prices that several pages of 2026 quote from Twilio's own price page, which was not at hand. There is none
# for SMS pumping risk, and none for what cannot be bought yet: an unknown price is unknown, not zero.
LIST_PRICES_AS_OF = date(2026, 10, 3)
LIST_PRICES = (
    PriceEntry(BASIC, 0, LIST_PRICES_AS_OF),
    PriceEntry(LINE_TYPE_INTELLIGENCE, 8_000, LIST_PRICES_AS_OF),
    PriceEntry(CALLER_NAME, 10_000, LIST_PRICES_AS_OF),
    PriceEntry(LINE_STATUS, 7_000, LIST_PRICES_AS_OF),
    PriceEntry(REASSIGNED_NUMBER, 20_000, LIST_PRICES_AS_OF),
)


class PriceBook:
    """All known prices; answers what a package costs in a country on a day.

    The payer's own price wins over the list, then a country's own over the general one, then the newest that is in
    force. An entry dated after `on` is not in force, except that list prices hold for the days before they were read.
    """

    def __init__(self, entries: Iterable[PriceEntry] = LIST_PRICES) -> None:
        self.entries = tuple(entries)
        self._known: dict[tuple[str, str | None, date], Price | None] = {}

    def price(self, package: str, country: str | None, on: date) -> Price | None:
        """The price of one answer, None where nobody knows it."""
        key = (package, country, on)
        if key not in self._known:
            self._known[key] = self._find(package, country, on)
        return self._known[key]

    def total(self, packages: Sequence[str], country: str | None, on: date) -> int | None:
        """Micro-units for one answer with all these packages, None where one of the prices is unknown."""
        prices = [self.price(package, country, on) for package in packages]
        return sum(price.micros for price in prices if price) if all(prices) else None

    def _find(self, package: str, country: str | None, on: date) -> Price | None:
        def rank(entry: PriceEntry) -> tuple[bool, bool, date]:
            return entry.kind is PriceKind.YOURS, entry.country is not None, entry.valid_from

        fitting = [e for e in self.entries if e.package == package and e.country in (None, country)]
        in_force = [e for e in fitting if e.valid_from <= on] or [e for e in fitting if e.kind is PriceKind.LIST]
        if not in_force:
            return None
        best = max(in_force, key=rank)
        return Price(best.micros, best.currency, best.kind, best.valid_from)


def to_micros(amount: Decimal | str | int) -> int:
    """Whole micro-units of an amount written in units, as "1.992" is 1,992,000.

    Raises BadAmount for what is no finite number, is finer than a micro-unit, or passes what a database's bigint holds.
    """
    try:
        number = Decimal(amount.strip() if isinstance(amount, str) else amount)
    except InvalidOperation:
        raise BadAmount(f"{str(amount)[:40]!r} is not an amount of money. Write it like 25.00.") from None
    if not number.is_finite():
        raise BadAmount(f"{str(amount)[:40]!r} is not an amount of money. Write it like 25.00.")
    if number.copy_abs() > _LARGEST_MICROS // MICROS:
        raise BadAmount(f"{str(amount)[:40]!r} is more money than can be counted here.")
    micros = number * MICROS
    if micros != micros.to_integral_value():
        raise BadAmount(f"{str(amount)[:40]!r} has more than six digits after the point.")
    return int(micros)


def to_decimal(micros: int) -> Decimal:
    """An amount in units, exact."""
    return Decimal(micros).scaleb(-6)


def to_decimal_string(micros: int) -> str:
    """An amount in units as a decimal string, exact, with two digits after the point or as many as it needs.

    2,000,000 is "2.00", 8,000 is "0.008", 1,992,000 is "1.992".
    """
    sign = "-" if micros < 0 else ""
    whole, rest = divmod(abs(micros), MICROS)
    digits = f"{rest:06d}".rstrip("0").ljust(2, "0")
    return f"{sign}{whole}.{digits}"
