"""Writing the list of a run once more: where it was asked for at first, or elsewhere."""

from pathlib import Path
from typing import TYPE_CHECKING

from bulk_lookup.cli.exits import BAD_INPUT, Stop, console
from bulk_lookup.cli.run_record import find_run, ordered_export
from bulk_lookup.cli.session import open_session
from bulk_lookup.cli.summary import print_json, run_summary
from bulk_lookup.cli.terminal import is_closed
from bulk_lookup.cli.words import counted

if TYPE_CHECKING:
    from bulk_lookup.models import Export, Run

_FORMATS = ("csv", "tsv", "xlsx", "jsonl", "parquet")


def export_run(run_id: int, *, output: str, force: bool, as_json: bool) -> None:
    """Write what there is."""
    organization = open_session()
    from bulk_lookup.engine.build_export import CannotExport, build_export
    from bulk_lookup.models import Run
    from bulk_lookup.models.scope import organization_scope

    with organization_scope(organization.pk):
        run = find_run(organization, run_id)
        if run.state in (Run.State.DRAFT, Run.State.PLANNING):
            raise Stop(BAD_INPUT, f"Run {run_id} has not begun yet, so there is nothing to write.")
        refuse_output(run, output, force=force, as_json=as_json)
        export = _export_to(run, output)
    try:
        export = build_export(organization.pk, export.pk)
    except CannotExport as error:
        raise Stop(BAD_INPUT, str(error)) from error
    with organization_scope(organization.pk):
        summary = run_summary(run, export, "")
    if export.path != "-":
        console.print(f"{counted(export.rows, 'row')} written to {export.path}.", markup=False)
    if as_json:
        print_json(summary)


def refuse_output(run: "Run", output: str, *, force: bool, as_json: bool) -> None:
    """Refuse a place that cannot be written, before anything is bought; call it inside the scope. Raises Stop."""
    ordered = ordered_export(run)
    target = output or (ordered.path if ordered is not None else "")
    if as_json and target == "-":
        raise Stop(BAD_INPUT, "The list and --json both want standard output; name a file with -o.")
    if target == "-" and is_closed(1):
        raise Stop(BAD_INPUT, "Standard output is closed; name a file with -o.")
    if not output or output == "-":
        return
    place = Path(output).absolute()
    if place.is_dir():
        raise Stop(BAD_INPUT, f"{output} is a folder; name a file.")
    if not place.parent.is_dir():
        raise Stop(BAD_INPUT, f"The folder of {output} does not exist.")
    if place.exists() and not force and str(place) != (ordered.path if ordered is not None else ""):
        raise Stop(BAD_INPUT, f"{output} exists already; add --force to write over it, or name another file.")


def _export_to(run: "Run", output: str) -> "Export":
    """The export ordered with the run, or one like it to another file, in the format that its name ends in."""
    from bulk_lookup.models import Export

    ordered = ordered_export(run)
    if not output:
        if ordered is None:
            raise Stop(BAD_INPUT, f"Run {run.pk} was made without an output; name a file with -o.")
        return ordered
    ending = Path(output).suffix.lower().lstrip(".")
    return Export.objects.create(
        organization_id=run.organization_id,
        contact_list_id=run.contact_list_id,
        run_id=run.pk,
        path=output if output == "-" else str(Path(output).absolute()),
        format=ending if ending in _FORMATS else ordered.format if ordered is not None else "csv",
        options=ordered.options if ordered is not None else {},
    )
