"""`bulk-lookup lookup`: a list in, the same list looked up out."""

import os
from pathlib import Path
from typing import Annotated

import typer

from bulk_lookup.cli.exits import BAD_INPUT, Stop, said
from bulk_lookup.cli.terminal import is_closed

FORMATS = ("csv", "tsv", "xlsx", "jsonl", "parquet")


def lookup(
    source: Annotated[
        str,
        typer.Argument(
            metavar="INPUT", help="The list: CSV, TSV, XLSX, JSON Lines, each also .gz; - is standard input."
        ),
    ],
    output: Annotated[
        str, typer.Option("--output", "-o", help="Where the enriched list goes; - is standard output.")
    ] = "",
    packages: Annotated[
        str, typer.Option(help="What to ask: basic, line_type_intelligence, caller_name, …")
    ] = "line_type_intelligence",
    region: Annotated[str, typer.Option(help="Country of numbers written without one, such as US or DE.")] = "",
    country_column: Annotated[str, typer.Option(help="Column that says each row's country.")] = "",
    phone_column: Annotated[str, typer.Option(help="Column of the phone numbers, by name or number from 1.")] = "",
    sheet: Annotated[str, typer.Option(help="Sheet of an XLSX file.")] = "",
    max_cost: Annotated[str, typer.Option(help="Cap: the run pauses before it costs more, such as 25.00.")] = "",
    last_verified_column: Annotated[str, typer.Option(help="Column of dates for reassigned_number.")] = "",
    reuse_days: Annotated[
        int | None, typer.Option(min=0, help="Use answers so many days old again; 0 buys all anew.")
    ] = None,
    format: Annotated[str, typer.Option(help="csv, tsv, xlsx, jsonl or parquet; the input's by default.")] = "",
    rejects: Annotated[str, typer.Option(help="Write the rows without a usable number to this file.")] = "",
    quote_only: Annotated[bool, typer.Option("--quote-only", help="Say what it would cost, and stop.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Spend without asking.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Write over an existing file.")] = False,
    simulate: Annotated[
        bool, typer.Option("--simulate", help="Ask the built-in simulator: invented answers, no cost.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object, and nothing else, on standard output.")
    ] = False,
) -> None:
    """Look up a list of phone numbers: see what is wrong with it and what it costs, buy, and get it back enriched."""
    from bulk_lookup.cli.order import Order, place_order
    from bulk_lookup.core.data_package import parse_packages
    from bulk_lookup.core.pricing import to_micros

    with said():
        if format and format not in FORMATS:
            raise Stop(BAD_INPUT, f"There is no format {format!r}; there are {', '.join(FORMATS)}.")
        if source == "-" and as_json and not output:
            raise Stop(
                BAD_INPUT, "With standard input --json needs -o FILE, as standard output carries the JSON object."
            )
        if as_json and output == "-":
            raise Stop(BAD_INPUT, "--json and -o - both want standard output; name a file with -o.")
        if is_closed(1) and (as_json or (output or source) == "-"):
            raise Stop(
                BAD_INPUT, "Standard output is closed, and something would be written to it; name a file with -o."
            )
        order = Order(
            source=source,
            output=output or _default_output(source, format),
            packages=parse_packages(packages),
            region=_region(region),
            country_column=country_column or None,
            phone_column=phone_column or None,
            sheet=sheet or None,
            cap_micros=_cap(to_micros(max_cost)) if max_cost else None,
            last_verified_column=last_verified_column or None,
            reuse_days=reuse_days,
            format=format,
            rejects=rejects,
            quote_only=quote_only,
            yes=yes,
            simulate=simulate,
            as_json=as_json,
        )
        _refuse_overwriting(order.output, order.rejects, source, force=force, quote_only=quote_only)
        raise typer.Exit(place_order(order))


def _default_output(source: str, format: str) -> str:
    """`list.csv` → `list.looked-up.csv`; standard input → standard output."""
    if source == "-":
        return "-"
    path = Path(source)
    name = path.name.removesuffix(".gz")
    stem, dot, ending = name.rpartition(".")
    if not dot or not stem:
        stem, ending = name, "csv"
    return str(path.with_name(f"{stem}.looked-up.{format or ending}"))


def _region(text: str) -> str | None:
    if not text:
        return None
    from bulk_lookup.core.country import region_of

    found = region_of(text)
    if found is None:
        raise Stop(BAD_INPUT, f"--region {text!r} is no country; write it like US, DE or GB.")
    return found


def _cap(micros: int) -> int:
    if micros < 0:
        raise Stop(BAD_INPUT, "--max-cost cannot be negative.")
    return micros


def _refuse_overwriting(output: str, rejects: str, source: str, *, force: bool, quote_only: bool) -> None:
    """Nothing is written over unasked; a quote writes the rejects alone."""
    if rejects == "-":
        raise Stop(BAD_INPUT, "--rejects needs the name of a file; it cannot go to standard output.")
    if rejects and output != "-" and not quote_only and Path(rejects).resolve() == Path(output).resolve():
        raise Stop(BAD_INPUT, f"The output and the rejects would both be written to {rejects}; name two files.")
    for path in (rejects,) if quote_only else (output, rejects):
        if not path or path == "-":
            continue
        place = Path(path)
        if place.is_dir():
            raise Stop(BAD_INPUT, f"{path} is a folder; name a file.")
        if not place.absolute().parent.is_dir():
            raise Stop(BAD_INPUT, f"The folder of {path} does not exist.")
        plain = place.is_file() or not place.exists()  # a device is written to, and needs no room beside it
        if plain and not os.access(place.absolute().parent, os.W_OK):
            raise Stop(BAD_INPUT, f"The folder of {path} cannot be written to; name another one.")
        if source != "-" and place.exists() and Path(source).exists() and place.samefile(source):
            raise Stop(BAD_INPUT, f"{path} is the input itself; it is never written over. Name another file.")
        if place.exists() and not force:
            raise Stop(BAD_INPUT, f"{path} exists already; add --force to write over it, or name another file.")
