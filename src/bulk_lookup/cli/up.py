"""`bulk-lookup up`: database, pages and worker together, in one command that stops them together."""

import os

import typer

from bulk_lookup.cli.exits import DONE, UNEXPECTED, console, said

STOPPED_BY_SIGNAL = (130, 143)  # what the process manager returns after SIGINT and SIGTERM


def up() -> None:
    """Start everything and serve the pages until Ctrl-C or SIGTERM; what runs is paused by nothing, and goes on then."""
    from bulk_lookup import database
    from bulk_lookup.boot import data_dir
    from bulk_lookup.environment import read_environment

    with said():
        values = read_environment()
        # Joined here too, so that the server stays while one of the others ends or starts anew.
        if not values["DATABASE_URL"].value:
            database.join_embedded(data_dir(), say=lambda sentence: console.print(sentence, style="dim", markup=False))
        from bulk_lookup.cli.together import run_together

        if not values["BULK_LOOKUP_SIMULATOR_URL"].value:
            os.environ["BULK_LOOKUP_SIMULATOR_URL"] = _start_simulator()
        code = run_together(("web", "worker"), drain=values["BULK_LOOKUP_DRAIN"].value)
        raise typer.Exit(DONE if code in STOPPED_BY_SIGNAL else code or UNEXPECTED)


def _start_simulator() -> str:
    """A simulator to try everything with: as quick as the real thing, and gone with this process. Its address."""
    from bulk_lookup.cli.processes import Processes
    from bulk_lookup.simulator.accounts import SIMULATED_ACCOUNT_SID, SIMULATED_AUTH_TOKEN

    scheme, _, place = Processes().start_simulator(["--latency", "250ms", "--max-in-flight", "50"]).partition("://")
    return f"{scheme}://{SIMULATED_ACCOUNT_SID}:{SIMULATED_AUTH_TOKEN}@{place}"
