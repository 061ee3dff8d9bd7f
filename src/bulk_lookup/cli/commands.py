"""The commands there are. Each is a file; its heavy imports happen when it runs, so that `--help` is quick."""

from typing import Annotated

import typer

from bulk_lookup.cli import prices, runs
from bulk_lookup.cli.config import config
from bulk_lookup.cli.doctor import doctor
from bulk_lookup.cli.lookup import lookup
from bulk_lookup.cli.manage import manage
from bulk_lookup.cli.number import number
from bulk_lookup.cli.sample import sample
from bulk_lookup.cli.simulator import simulator
from bulk_lookup.cli.up import up
from bulk_lookup.cli.web import web
from bulk_lookup.cli.worker import worker

app = typer.Typer(
    name="bulk-lookup",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"bulk-lookup {version('bulk-lookup')}")
        raise typer.Exit


@app.callback()
def bulk_lookup(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say which version this is, and end.")
    ] = False,
) -> None:
    """Look up a list of phone numbers: see the price, cap it, never pay twice."""


app.command()(lookup)
app.command()(number)
app.command()(up)
app.command()(web)
app.command()(worker)
app.add_typer(runs.app, name="runs")
app.add_typer(prices.app, name="prices")
app.command()(config)
app.command()(doctor)
app.command()(sample)
app.command()(simulator)
app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []})(
    manage
)
