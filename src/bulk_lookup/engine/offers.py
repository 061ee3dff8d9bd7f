"""What can be bought for a list: each package in each of its countries, at its price, and how fresh an answer may be reused."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bulk_lookup.core.coverage import why_not_ask
from bulk_lookup.core.data_package import CATALOGUE, LAST_VERIFIED_DATE
from bulk_lookup.core.pricing import LIST_PRICES, PriceBook, PriceEntry, PriceKind
from bulk_lookup.core.pricing import Price as KnownPrice
from bulk_lookup.models import Price


@dataclass(frozen=True, slots=True)
class Offer:
    """One package in one country; `price` None is unknown, `fresh_after` None means never reused."""

    country_code: str
    package: str
    rank: int
    price: KnownPrice | None
    fresh_after: datetime | None
    needs_date: bool

    def as_row(self) -> dict[str, Any]:
        """A row of `due_lookups.sql`'s offers."""
        return {
            "country_code": self.country_code,
            "package": self.package,
            "rank": self.rank,
            "price_micros": self.price.micros if self.price else None,
            "fresh_after": self.fresh_after.isoformat() if self.fresh_after else None,
            "needs_date": self.needs_date,
        }


def make_offers(
    packages: Sequence[str], countries: Iterable[str], book: PriceBook, *, now: datetime, reuse_days: int | None
) -> list[Offer]:
    """All that is worth asking, by country ("" for numbers of no country).

    `reuse_days` None leaves each package its own age; 0 reuses nothing. What must never be replayed never is.
    """
    asked_for = None if reuse_days is None else timedelta(days=reuse_days)
    offers = []
    for country in countries:
        for rank, name in enumerate(packages):
            package = CATALOGUE[name]
            if why_not_ask(name, country or None, inputs=package.inputs) is not None:
                continue
            age = package.reuse_age(asked_for)
            offers.append(
                Offer(
                    country_code=country,
                    package=name,
                    rank=rank,
                    price=book.price(name, country or None, now.date()),
                    fresh_after=now - age if age else None,
                    needs_date=LAST_VERIFIED_DATE in package.inputs,
                )
            )
    return offers


def price_book() -> PriceBook:
    """The organization's price book over the published list; call it inside the scope."""
    own = [
        PriceEntry(
            package=price.package,
            micros=price.amount_micros,
            valid_from=price.valid_from,
            currency=price.currency,
            country=price.country_code or None,
            kind=PriceKind(price.source),
        )
        for price in Price.objects.all()
    ]
    return PriceBook([*LIST_PRICES, *own])


def prices_by_country(offers: Iterable[Offer]) -> dict[str, dict[str, int]]:
    """Micro-units by country and package, as a run keeps them; an unknown price is left out."""
    prices: dict[str, dict[str, int]] = {}
    for offer in offers:
        country = prices.setdefault(offer.country_code, {})
        if offer.price is not None:
            country[offer.package] = offer.price.micros
    return prices


def unknown_prices(offers: Iterable[Offer]) -> list[str]:
    """The packages of which nobody knows what they cost."""
    return sorted({offer.package for offer in offers if offer.price is None})


def currencies(offers: Iterable[Offer]) -> set[str]:
    """The currencies of the prices; a run has exactly one."""
    return {offer.price.currency for offer in offers if offer.price is not None}


def origins(offers: Iterable[Offer]) -> Mapping[str, str]:
    """Where each package's price comes from, in words."""
    return {offer.package: offer.price.origin for offer in offers if offer.price is not None}
