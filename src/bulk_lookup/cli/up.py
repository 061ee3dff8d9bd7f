"""`bulk-lookup up`: database, pages and worker together, in one command that stops them together."""

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

        code = run_together(("web", "worker"), drain=values["BULK_LOOKUP_DRAIN"].value)
        raise typer.Exit(DONE if code in STOPPED_BY_SIGNAL else code or UNEXPECTED)
