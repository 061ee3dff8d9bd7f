"""One run as it is told of afterwards: found by its id, as a row of the list, as one JSON object."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from bulk_lookup.cli.exits import BAD_INPUT, Stop
from bulk_lookup.cli.summary import run_summary

if TYPE_CHECKING:
    from bulk_lookup.models import Export, Organization, Run


def find_run(organization: "Organization", run_id: int) -> "Run":
    """The run of this id; call it inside the scope. Raises Stop where there is none."""
    from bulk_lookup.models import Run

    run = Run.objects.filter(organization=organization, id=run_id).first()
    if run is None:
        raise Stop(BAD_INPUT, f"There is no run {run_id}; `bulk-lookup runs` lists those there are.")
    return run


def ordered_export(run: "Run") -> "Export | None":
    """The file that was asked for with the run, None where there was none; call it inside the scope."""
    from bulk_lookup.models import Export

    return Export.objects.filter(run_id=run.pk).order_by("id").first()


def record(run: "Run", list_name: str) -> dict[str, Any]:
    """Everything there is to say of a run, for programs; call it inside the scope. Times are ISO 8601, UTC."""
    export = ordered_export(run)
    summary = run_summary(run, export, export.options.get("rejects", "") if export else "")
    return {
        "id": run.pk,
        "list": list_name,
        "packages": run.packages,
        **summary,
        "cap": _money(run.cap_micros),
        "created_at": _moment(run.created_at),
        "started_at": _moment(run.started_at),
        "finished_at": _moment(run.finished_at),
    }


def local_time(moment: datetime) -> str:
    """A moment on this machine's clock, to the minute."""
    return moment.astimezone().strftime("%Y-%m-%d %H:%M")


def _moment(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _money(micros: int | None) -> str | None:
    from bulk_lookup.core.pricing import to_decimal_string

    return None if micros is None else to_decimal_string(micros)
