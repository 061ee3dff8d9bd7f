"""`bulk-lookup web`: the pages, served by one process of its own."""

import typer

from bulk_lookup.cli.exits import console, said


def web(
    leash: bool = typer.Option(False, hidden=True, help="End after standard input has closed."),
) -> None:
    """Serve the pages; BULK_LOOKUP_BIND and PORT say where. A worker beside it does the work, or `up` for all."""
    from bulk_lookup.boot import boot

    with said():
        boot(say=_say)
        from django.conf import settings
        from django.db import connections

        from bulk_lookup.cli.page_server import collect_static_files, listen, serve

        collect_static_files(settings.STATIC_ROOT)
        listener = listen(settings.VALUES["BULK_LOOKUP_BIND"].value, settings.VALUES["PORT"])
        connections.close_all()
        serve(listener, settings.VALUES, leash=leash)


def _say(sentence: str) -> None:
    console.print(sentence, style="dim", markup=False)
