"""The list of runs, and one run in full."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

import typer

from bulk_lookup.cli.plain_table import print_table
from bulk_lookup.cli.run_record import find_run, local_time, ordered_export, record
from bulk_lookup.cli.session import open_session
from bulk_lookup.cli.summary import print_json, run_sentences
from bulk_lookup.core.pricing import to_decimal_string

if TYPE_CHECKING:
    from bulk_lookup.models import Run

_HEADER = ("ID", "STATE", "LIST", "NUMBERS", "DONE", "FAILED", "COST", "WHEN")


def list_runs(*, as_json: bool) -> None:
    """All runs, newest first."""
    organization = open_session()
    from bulk_lookup.models import ContactList, Run
    from bulk_lookup.models.scope import organization_scope

    with organization_scope(organization.pk):
        names = dict(ContactList.objects.values_list("id", "name"))
        newest = list(Run.objects.order_by("-created_at", "-id"))
        records = [record(run, names.get(run.contact_list_id, "")) for run in newest] if as_json else []
    if as_json:
        typer.echo(json.dumps(records, ensure_ascii=False))
    elif newest:
        print_table(_HEADER, (_row(run, names.get(run.contact_list_id, "")) for run in newest), right=(0, 3, 4, 5))
    else:
        typer.echo("There is no run yet; `bulk-lookup lookup LIST.csv` makes one.")


def show_run(run_id: int, *, as_json: bool) -> None:
    """One run in full."""
    organization = open_session()
    from bulk_lookup.models import ContactList
    from bulk_lookup.models.scope import organization_scope

    with organization_scope(organization.pk):
        run = find_run(organization, run_id)
        name = ContactList.objects.get(id=run.contact_list_id).name
        shown = record(run, name) | {"failures": _failures(run), "dropped_packages": run.dropped_packages}
        if not as_json:
            for sentence in _sentences(run, name, shown["failures"]):
                typer.echo(sentence)
    if as_json:
        print_json(shown)


def _row(run: "Run", name: str) -> tuple[str, ...]:
    cost = f"{to_decimal_string(run.spent_micros)} {run.currency}"
    return (
        str(run.pk),
        _state(run),
        name,
        f"{run.numbers:,}",
        f"{run.settled:,}",
        f"{run.failed:,}",
        f"{cost} (simulated)" if run.simulated else cost,
        local_time(run.created_at),
    )


def _state(run: "Run") -> str:
    return f"{run.state}: {run.reason}" if run.reason else run.state


def _sentences(run: "Run", name: str, failures: dict[str, int]) -> Iterator[str]:
    """What `show` says; call it inside the scope."""
    simulated = " (simulated)" if run.simulated else ""
    yield f"Run {run.pk} over {name!r}{simulated}: {_state(run)}, ordered {local_time(run.created_at)}."
    yield f"Asked for: {', '.join(run.packages)}."
    if run.cap_micros is not None:
        yield f"Cap: {to_decimal_string(run.cap_micros)} {run.currency}."
    export = ordered_export(run)
    written = export is not None and export.state == export.State.READY
    summary = record(run, name) | ({} if written else {"output": None})
    yield from run_sentences(run, summary)
    if failures:
        yield "Failed: " + ", ".join(f"{count:,} {reason}" for reason, count in failures.items()) + "."
    for package, reason in run.dropped_packages.items():
        yield f"{package} was left out: {reason}."


def _failures(run: "Run") -> dict[str, int]:
    """How many numbers failed, by reason word, most first."""
    from django.db.models import Count

    from bulk_lookup.models import Lookup

    if not run.failed:
        return {}
    failed = Lookup.objects.filter(run_id=run.pk, state=Lookup.State.FAILED)
    counted = failed.values_list("reason").annotate(count=Count("position")).order_by("-count", "reason")
    return dict(counted)
