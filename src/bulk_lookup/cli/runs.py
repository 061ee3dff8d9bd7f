"""`bulk-lookup runs …`: what was bought before, and what may go on."""

from typing import Annotated

import typer

from bulk_lookup.cli.exits import said

app = typer.Typer(
    help="The runs there were, newest first; with a verb: look at one, let it go on, end it, write it out."
)

RunId = Annotated[int, typer.Argument(metavar="ID", min=1, max=2**63 - 1, help="The run's number, from the list.")]
Output = Annotated[
    str, typer.Option("--output", "-o", help="Write the list here, not where it was asked for at first.")
]
MaxCost = Annotated[str, typer.Option(help="Another cap, over all that the run costs, such as 40.00.")]
Force = Annotated[bool, typer.Option("--force", help="Write over an existing file.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, and nothing else, on standard output.")]


@app.callback(invoke_without_command=True)
def runs(context: typer.Context, as_json: AsJson = False) -> None:
    """The runs there were, newest first; with a verb: look at one, let it go on, end it, write it out."""
    if context.invoked_subcommand is not None:
        return
    from bulk_lookup.cli.run_listing import list_runs

    with said():
        list_runs(as_json=as_json)


@app.command()
def show(run_id: RunId, as_json: AsJson = False) -> None:
    """Say everything about one run."""
    from bulk_lookup.cli.run_listing import show_run

    with said():
        show_run(run_id, as_json=as_json)


@app.command()
def resume(
    run_id: RunId, max_cost: MaxCost = "", output: Output = "", force: Force = False, as_json: AsJson = False
) -> None:
    """Let a paused run go on, watch one that is running, write the list of one that has ended."""
    from bulk_lookup.cli.run_verbs import resume_run

    with said():
        raise typer.Exit(resume_run(run_id, max_cost=max_cost, output=output, force=force, as_json=as_json))


@app.command("retry-failed")
def retry_failed(
    run_id: RunId,
    max_cost: MaxCost = "",
    output: Output = "",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Spend without asking.")] = False,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Ask again for the packages that failed, and only those."""
    from bulk_lookup.cli.run_verbs import retry_run

    with said():
        raise typer.Exit(retry_run(run_id, max_cost=max_cost, output=output, yes=yes, force=force, as_json=as_json))


@app.command()
def cancel(run_id: RunId, as_json: AsJson = False) -> None:
    """End a run for good; what was bought stays and can be written out."""
    from bulk_lookup.cli.run_verbs import cancel_run

    with said():
        cancel_run(run_id, as_json=as_json)


@app.command()
def export(run_id: RunId, output: Output = "", force: Force = False, as_json: AsJson = False) -> None:
    """Write the list with what was found out so far."""
    from bulk_lookup.cli.run_export import export_run

    with said():
        export_run(run_id, output=output, force=force, as_json=as_json)
