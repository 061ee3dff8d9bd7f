"""`bulk-lookup number`: one number, now."""

from typing import Annotated

import typer

from bulk_lookup.cli.exits import said


def number(
    phone: Annotated[str, typer.Argument(metavar="NUMBER", help="The number, best as +14155550100.")],
    packages: Annotated[
        str, typer.Option(help="What to ask: basic, line_type_intelligence, caller_name, …")
    ] = "line_type_intelligence",
    region: Annotated[str, typer.Option(help="Its country, where it is written without one.")] = "",
    last_verified: Annotated[
        str,
        typer.Option(metavar="DATE", help="When it was known to be its owner's, for reassigned_number: 2026-01-31."),
    ] = "",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Spend without asking.")] = False,
    simulate: Annotated[
        bool, typer.Option("--simulate", help="Ask the built-in simulator: an invented answer, no cost.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object, and nothing else, on standard output.")
    ] = False,
) -> None:
    """Look up one number; like a list it leaves a receipt, and a fresh answer is not bought again."""
    from bulk_lookup.cli.number_order import NumberOrder, place_number_order, read_date, read_region
    from bulk_lookup.core.data_package import parse_packages

    with said():
        order = NumberOrder(
            phone=phone,
            packages=parse_packages(packages),
            region=read_region(region),
            last_verified=read_date(last_verified, "--last-verified"),
            yes=yes,
            simulate=simulate,
            as_json=as_json,
        )
        raise typer.Exit(place_number_order(order))
