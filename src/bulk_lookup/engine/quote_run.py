"""A quote: what a run over a list would buy, reuse and skip, and what it would cost at most."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.db import connection

from bulk_lookup.engine.offers import (
    Offer,
    currencies,
    make_offers,
    origins,
    price_book,
    prices_by_country,
    unknown_prices,
)
from bulk_lookup.models import Contact, Lookup
from bulk_lookup.models.queries import query


class CannotQuote(Exception):
    """No quote can be made; the message is a sentence for the user."""


@dataclass(slots=True)
class PackageQuote:
    """One package of a quote: how many numbers are bought, reused and skipped, and the highest cost in micro-units."""

    package: str
    to_buy: int = 0
    reused: int = 0
    skipped: int = 0
    cost_micros: int = 0
    origin: str = ""


@dataclass(slots=True)
class Quote:
    """An upper bound for one answer each; what repeats after unknown attempts may add is not in it.

    `numbers` = to_buy + reused + skipped: each number counts once. `unknown_prices` names packages that nobody knows the
    price of: their part is not in `cost_micros`, and a cap refuses them. `saved_micros` counts duplicates and reuse.
    """

    rows: int = 0
    valid: int = 0
    invalid: int = 0
    duplicates: int = 0
    numbers: int = 0
    to_buy: int = 0
    reused: int = 0
    skipped: int = 0
    cost_micros: int = 0
    saved_micros: int = 0
    currency: str = "USD"
    unknown_prices: list[str] = field(default_factory=list)
    packages: list[PackageQuote] = field(default_factory=list)
    countries: dict[str, dict[str, int]] = field(default_factory=dict)
    prices: dict[str, dict[str, int]] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """`shapes.Quote`, as a run stores it."""
        return asdict(self)


def quote_run(
    organization_id: int,
    contact_list_id: int,
    packages: Sequence[str],
    *,
    simulated: bool,
    reuse_days: int | None = None,
) -> Quote:
    """The quote of a list; call it inside the scope. Raises CannotQuote where prices are in several currencies."""
    offers = offers_for(contact_list_id, packages, reuse_days=reuse_days)
    quote = Quote(prices=prices_by_country(offers), unknown_prices=unknown_prices(offers))
    quote.currency = _one_currency(offers)
    parts = {name: PackageQuote(name, origin=origins(offers).get(name, "")) for name in packages}
    with connection.cursor() as cursor:
        cursor.execute(
            query("due_lookups") + query("quote_run"),
            due_parameters(organization_id, contact_list_id, offers, simulated=simulated),
        )
        for country, due, reused, numbers, cost, saved in cursor.fetchall():
            _count(quote, parts, country, due, reused, numbers)
            quote.cost_micros += cost
            quote.saved_micros += saved
    quote.packages = list(parts.values())
    _count_rows(quote, contact_list_id)
    return quote


def offers_for(contact_list_id: int, packages: Sequence[str], *, reuse_days: int | None) -> list[Offer]:
    """What can be bought for the countries of a list."""
    countries = Contact.objects.of_list(contact_list_id).exclude(status="invalid").order_by("country_code")
    present = list(countries.values_list("country_code", flat=True).distinct())
    return make_offers(packages, present, price_book(), now=datetime.now(UTC), reuse_days=reuse_days)


def due_parameters(
    organization_id: int, contact_list_id: int, offers: Sequence[Offer], *, simulated: bool
) -> dict[str, Any]:
    """The parameters of `due_lookups.sql`."""
    reusable = any(offer.fresh_after for offer in offers) and Lookup.objects.filter(simulated=simulated).exists()
    return {
        "organization_id": organization_id,
        "contact_list_id": contact_list_id,
        "offers": json.dumps([offer.as_row() for offer in offers]),
        "simulated": simulated,
        "reusable": reusable,
    }


def _count(
    quote: Quote, parts: dict[str, PackageQuote], country: str, due: list[str], reused: list[str], numbers: int
) -> None:
    """Take in one group of numbers: same country, same packages to buy, same packages to reuse."""
    quote.numbers += numbers
    kind = "to_buy" if due else "reused" if reused else "skipped"
    setattr(quote, kind, getattr(quote, kind) + numbers)
    by_country = quote.countries.setdefault(country, {"to_buy": 0, "reused": 0, "skipped": 0})
    by_country[kind] += numbers
    for name, part in parts.items():
        if name in due:
            part.to_buy += numbers
            part.cost_micros += numbers * quote.prices.get(country, {}).get(name, 0)
        elif name in reused:
            part.reused += numbers
        else:
            part.skipped += numbers


def _count_rows(quote: Quote, contact_list_id: int) -> None:
    """Rows by what they are, and what the duplicates save."""
    rows = Contact.objects.of_list(contact_list_id)
    quote.rows = rows.count()
    quote.invalid = rows.invalid().count()
    quote.valid = quote.numbers
    quote.duplicates = quote.rows - quote.invalid - quote.valid
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select country_code, count(*) from contact
            where organization_id = current_setting('app.organization_id')::bigint and contact_list_id = %s
                and status = 'duplicate'
            group by country_code
            """,
            [contact_list_id],
        )
        for country, number in cursor.fetchall():
            quote.saved_micros += number * sum(quote.prices.get(country, {}).values())


def _one_currency(offers: Sequence[Offer]) -> str:
    found = currencies(offers)
    if len(found) > 1:
        raise CannotQuote(
            f"The prices of these packages are in several currencies ({', '.join(sorted(found))}); set them in one."
        )
    return next(iter(found), "USD")
