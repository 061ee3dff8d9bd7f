"""The end of an order: the file is written, and a summary says what happened in numbers that add up."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from bulk_lookup.cli.exits import BAD_INPUT, DONE, STOPPED, UNEXPECTED, Stop, console
from bulk_lookup.cli.summary import print_json, run_sentences, run_summary

if TYPE_CHECKING:
    from bulk_lookup.models import Export, Run


def conclude(organization_id: int, run_id: int, *, as_json: bool, rejects: str = "", output: str = "") -> int:
    """Write what there is, say how it went, and return the exit code."""
    from bulk_lookup.engine.build_export import CannotExport, build_export
    from bulk_lookup.models import Run
    from bulk_lookup.models.scope import organization_scope

    with organization_scope(organization_id):
        run = Run.objects.get(id=run_id)
        export = _export(run, output)
    if run.state == Run.State.DRAFT:
        sentence = "The list has changed and would cost more than was said; nothing was bought. Ask again."
        raise Stop(STOPPED, sentence, reason=run.reason)
    if export is not None:
        try:
            export = build_export(organization_id, export.pk)
        except CannotExport as error:
            raise Stop(
                BAD_INPUT, f"{error} The answers are kept: `bulk-lookup runs export {run_id} -o FILE`."
            ) from error
        rejects = rejects or export.options.get("rejects", "")
    with organization_scope(organization_id):
        run.refresh_from_db()
        summary = run_summary(run, export, rejects)
    for sentence in run_sentences(run, summary):
        console.print(sentence, markup=False)
    if as_json:
        print_json(summary)
    if run.state == Run.State.FAILED:
        return UNEXPECTED
    return DONE if run.state in (Run.State.FINISHED, Run.State.CANCELLED) else STOPPED


def unfinished_summary(run: "Run", reason: str) -> dict[str, Any]:
    """The figures of a run that was not seen through, for this reason; a file counts as written only where it was."""
    from bulk_lookup.cli.run_record import ordered_export
    from bulk_lookup.models.scope import organization_scope

    with organization_scope(run.organization_id):
        run.refresh_from_db()
        export = ordered_export(run)
        written = export if export is not None and export.state == export.State.READY else None
        return run_summary(run, written, "") | {"reason": reason or run.reason}


def _export(run: "Run", output: str) -> "Export | None":
    """The export ordered with the run, or the same to another file."""
    from bulk_lookup.models import Export

    export = Export.objects.filter(run_id=run.pk).order_by("id").first()
    if export is not None and output:
        export.pk = None
        export._state.adding = True
        export.path = output if output == "-" else str(Path(output).absolute())
        export.state = Export.State.WANTED
        export.save()
    return export
