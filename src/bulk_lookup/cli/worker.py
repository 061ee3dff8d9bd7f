"""`bulk-lookup worker`: the jobs of all organizations."""

import typer

from bulk_lookup.cli.exits import said


def worker(
    queue: str = typer.Option("", help="Only this queue: quick, files or lookups."),
    leash: bool = typer.Option(False, hidden=True, help="End when idle after standard input has closed."),
    child: bool = typer.Option(False, hidden=True, help="Be the child process of one queue."),
) -> None:
    """Work: imports, plans and lookups. Start as many as you like, on as many machines; SIGTERM drains and ends."""
    from bulk_lookup.boot import boot

    with said():
        boot()
        from bulk_lookup.queue import Queue

        if child:
            from bulk_lookup.engine.worker_child import serve

            serve(Queue(queue))
            return
        from bulk_lookup.engine.worker_parent import WorkerParent

        WorkerParent((Queue(queue),) if queue else tuple(Queue), leash=leash).run()
