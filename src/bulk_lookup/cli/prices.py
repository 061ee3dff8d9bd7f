"""`bulk-lookup prices`: what a lookup is taken to cost, and by whose word."""

from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from bulk_lookup.cli.exits import BAD_INPUT, Stop, console, said

if TYPE_CHECKING:
    from bulk_lookup.core.pricing import PriceBook

app = typer.Typer(help="What one answer of each package is taken to cost; with `set`: say what you pay.")

_HEADER = ("PACKAGE", "COUNTRY", "AMOUNT", "CURRENCY", "BY", "SINCE")


@app.callback(invoke_without_command=True)
def prices(context: typer.Context) -> None:
    """What one answer of each package is taken to cost; with `set`: say what you pay."""
    if context.invoked_subcommand is not None:
        return
    from bulk_lookup.cli.plain_table import print_table
    from bulk_lookup.cli.session import open_session

    with said():
        organization = open_session()
        from bulk_lookup.engine.offers import price_book
        from bulk_lookup.models.scope import organization_scope

        with organization_scope(organization.pk):
            book = price_book()
        print_table(_HEADER, _rows(book, date.today()), right=(2,))
        console.print(
            "List prices are published ones that nobody confirmed. Say what you pay with "
            "`bulk-lookup prices set PACKAGE AMOUNT`.",
            style="dim",
        )


@app.command("set")
def set_price(
    package: Annotated[str, typer.Argument(metavar="PACKAGE", help="The package, such as caller_name.")],
    amount: Annotated[str, typer.Argument(metavar="AMOUNT", help="What one answer costs, such as 0.0085.")],
    country: Annotated[str, typer.Option(help="Only for numbers of this country; without it for all others.")] = "",
    valid_from: Annotated[
        str, typer.Option("--from", metavar="DATE", help="From this day on, such as 2026-12-01; without it from today.")
    ] = "",
    currency: Annotated[str, typer.Option(help="What Twilio bills you in.")] = "USD",
) -> None:
    """Say what you pay for one answer of a package; quotes and caps go by it from then on."""
    from bulk_lookup.core.country import region_of
    from bulk_lookup.core.data_package import parse_packages
    from bulk_lookup.core.pricing import to_decimal_string, to_micros

    with said():
        names = parse_packages(package)
        if len(names) != 1:
            raise Stop(BAD_INPUT, "Name one package; each has a price of its own.")
        micros = to_micros(amount)
        if micros < 0:
            raise Stop(BAD_INPUT, "A price cannot be negative.")
        region = region_of(country) if country else ""
        if region is None:
            raise Stop(BAD_INPUT, f"--country {country!r} is no country; write it like US, DE or GB.")
        if not (len(currency) == 3 and currency.isascii() and currency.isalpha()):
            raise Stop(BAD_INPUT, f"--currency {currency!r} is no currency; write it like USD or EUR.")
        since = _day(valid_from)
        _keep(names[0], micros, region, since, currency.upper())
        where = f" in {region}" if region else ""
        price = f"{to_decimal_string(micros)} {currency.upper()}"
        console.print(f"{names[0]}{where} costs {price} from {since.isoformat()} on.", markup=False)


def _rows(book: "PriceBook", today: date) -> list[tuple[str, ...]]:
    """What is in force, by package and country, and below it what will be."""
    from bulk_lookup.core.data_package import buyable_packages
    from bulk_lookup.core.pricing import PriceKind, to_decimal_string

    rows: list[tuple[str, ...]] = []
    words = {PriceKind.LIST: "published list", PriceKind.YOURS: "you"}
    for package in buyable_packages():
        entries = [entry for entry in book.entries if entry.package == package]
        in_force = {entry.country for entry in entries if entry.valid_from <= today}
        for country in sorted({None, *in_force}, key=lambda one: one or ""):
            price = book.price(package, country, today)
            cells = (
                (to_decimal_string(price.micros), price.currency, words[price.kind], price.valid_from.isoformat())
                if price
                else ("not known", "", "", "")
            )
            rows.append((package, country or "all others", *cells))
        for entry in sorted(entries, key=lambda one: one.valid_from):
            if entry.valid_from > today:
                cells = (
                    to_decimal_string(entry.micros),
                    entry.currency,
                    words[entry.kind],
                    entry.valid_from.isoformat(),
                )
                rows.append((package, entry.country or "all others", *cells))
    return rows


def _day(text: str) -> date:
    if not text:
        return date.today()
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Stop(BAD_INPUT, f"--from {text!r} is no date; write it like 2026-12-01.") from None


def _keep(package: str, micros: int, region: str, since: date, currency: str) -> None:
    """The price of that day, made or corrected."""
    from bulk_lookup.cli.session import open_session

    organization = open_session()
    from bulk_lookup.models import Price
    from bulk_lookup.models.scope import organization_scope

    with organization_scope(organization.pk):
        Price.objects.update_or_create(
            organization=organization,
            package=package,
            country_code=region,
            valid_from=since,
            defaults={"amount_micros": micros, "currency": currency, "source": Price.Source.YOURS},
        )
