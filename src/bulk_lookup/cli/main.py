"""The command line. Each command is a file; its heavy imports happen when it runs, so that `--help` is quick."""

import atexit
import os
import sys
import threading
from typing import Annotated, NoReturn

import typer

from bulk_lookup.cli import prices, runs
from bulk_lookup.cli.config import config
from bulk_lookup.cli.doctor import doctor
from bulk_lookup.cli.exits import INTERRUPTED, UNEXPECTED, console
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


def main() -> None:
    """Run the command line; what nobody foresaw is one sentence and exit code 1."""
    code = UNEXPECTED
    try:
        app()
    except SystemExit as end:  # the usual way out of a command
        code = end.code if isinstance(end.code, int) else 0 if end.code is None else UNEXPECTED
    except KeyboardInterrupt:
        console.print("Interrupted.")
        code = INTERRUPTED
    except Exception as error:
        if os.environ.get("BULK_LOOKUP_DEBUG"):
            raise
        console.print(f"Something unexpected happened: {type(error).__name__}: {error}", markup=False)
        console.print("Set BULK_LOOKUP_DEBUG=1 to see where.", style="dim")
    _leave(code)


def _leave(code: int) -> NoReturn:
    """End the process at once, after all that an end owes.

    The HTTP library's own thread may still let go of Python objects for some milliseconds after an answer. Where the
    interpreter was taken down meanwhile, Python aborted the process ("PyGILState_Release", exit code -6): 2 of 6 calls of
    `doctor` with wrong credentials.
    """
    # What Python itself does first: end the pools' threads, wait for those that are no daemons, call what is registered.
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            code = code or UNEXPECTED
    os._exit(code)
