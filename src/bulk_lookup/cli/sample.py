"""`bulk-lookup sample`: an invented list to play with."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from bulk_lookup.cli.exits import BAD_INPUT, Stop, console, said

if TYPE_CHECKING:
    from bulk_lookup.lib.tables.writers import OutputKind


def sample(
    rows: Annotated[int, typer.Option(min=0, help="How many rows.")] = 1000,
    output: Annotated[
        str,
        typer.Option(
            "--output",
            "-o",
            help="Where to; the ending says how: csv, tsv, xlsx, jsonl, parquet. - is standard output.",
        ),
    ] = "-",
    seed: Annotated[int, typer.Option(help="Another seed is another list.")] = 1,
    force: Annotated[bool, typer.Option("--force", help="Write over an existing file.")] = False,
) -> None:
    """Invent a messy customer list to try things with: nobody in it exists, and its numbers are films' and books'."""
    import sys

    from bulk_lookup.cli.sample_list import HEADER, invent_rows
    from bulk_lookup.lib.tables.writers import open_writer

    with said():
        path = Path(output)
        kind = "csv" if output == "-" else path.name.removesuffix(".gz").rpartition(".")[2].lower()
        if kind not in ("csv", "tsv", "xlsx", "jsonl", "parquet"):
            raise Stop(
                BAD_INPUT,
                f"{output} does not say in which format; end its name in .csv, .tsv, .xlsx, .jsonl or .parquet.",
            )
        if output != "-" and path.exists() and not force:
            raise Stop(BAD_INPUT, f"{output} exists already; add --force to write over it, or name another file.")
        target = sys.stdout.buffer if output == "-" else path
        with open_writer(
            target,
            kind=cast("OutputKind", kind),
            header=HEADER,
            gzip=output.endswith(".gz"),
            rows=rows,
            overwrite=force,
        ) as writer:
            writer.write(invent_rows(rows, seed=seed))
        if output != "-":
            console.print(f"{rows:,} rows written to {output}.", markup=False)
