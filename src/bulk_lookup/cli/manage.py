"""`bulk-lookup manage …`: Django's own commands."""

import typer

from bulk_lookup.cli.exits import said


def manage(context: typer.Context) -> None:
    """Run one of Django's commands, for example `bulk-lookup manage dbshell`."""
    from bulk_lookup.boot import boot

    with said():
        boot()
    from django.core.management import execute_from_command_line

    execute_from_command_line(["bulk-lookup manage", *context.args])
