"""Letting a run go on, asking again for what failed, ending it."""

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from bulk_lookup.cli.conclude import conclude, unfinished_summary
from bulk_lookup.cli.exits import BAD_INPUT, DONE, INTERRUPTED, STOPPED, Stop, console
from bulk_lookup.cli.one_object import one_object
from bulk_lookup.cli.processes import Processes
from bulk_lookup.cli.run_account import renew_account
from bulk_lookup.cli.run_export import refuse_output
from bulk_lookup.cli.run_record import find_run, record
from bulk_lookup.cli.session import open_session
from bulk_lookup.cli.summary import print_json
from bulk_lookup.cli.terminal import is_attended
from bulk_lookup.cli.words import amount, counted
from bulk_lookup.core.pricing import to_decimal_string, to_micros

if TYPE_CHECKING:
    from bulk_lookup.engine.quote_retry import RetryQuote
    from bulk_lookup.models import Organization, Run


def resume_run(run_id: int, *, max_cost: str, output: str, force: bool, as_json: bool) -> int:
    """Go on with a paused run, attach to a running one, write the list of a finished one; returns the exit code."""
    organization = open_session()
    from bulk_lookup.models import Run
    from bulk_lookup.models.scope import organization_scope

    cap = to_micros(max_cost) if max_cost else None
    with organization_scope(organization.pk):
        run = find_run(organization, run_id)
        if run.state in (Run.State.CANCELLED, Run.State.FAILED):
            raise Stop(
                BAD_INPUT,
                f"Run {run_id} is {run.state} and cannot go on; `bulk-lookup runs export {run_id}` writes what there is.",
            )
        if cap is not None and run.state != Run.State.PAUSED:
            raise Stop(BAD_INPUT, f"Run {run_id} is {run.state}; only a paused run can be given another cap.")
        _refuse_cap(run, cap)
        refuse_output(run, output, force=force, as_json=as_json)
    processes = Processes()
    try:
        with one_object(as_json, lambda reason: unfinished_summary(run, reason)):
            if run.state in (Run.State.PLANNING, Run.State.RUNNING, Run.State.PAUSED):
                if run.simulated or run.state == Run.State.PAUSED:
                    renew_account(organization, run, processes)
                processes.start_worker()
            if run.state == Run.State.PAUSED:
                _move(organization, run, "go on", lambda: run.resume(cap_micros=cap))
            return _see_through(organization, run, processes, output=output, as_json=as_json)
    finally:
        processes.stop()


def retry_run(run_id: int, *, max_cost: str, output: str, yes: bool, force: bool, as_json: bool) -> int:
    """Ask again for what failed in a finished run; returns the exit code."""
    organization = open_session()
    from bulk_lookup.engine.quote_retry import quote_retry
    from bulk_lookup.models import Run
    from bulk_lookup.models.scope import organization_scope

    cap = to_micros(max_cost) if max_cost else None
    with organization_scope(organization.pk):
        run = find_run(organization, run_id)
        if run.state != Run.State.FINISHED:
            raise Stop(BAD_INPUT, f"Run {run_id} is {run.state}; what failed can be asked again when it is finished.")
        _refuse_cap(run, cap)
        refuse_output(run, output, force=force, as_json=as_json)
        quote = quote_retry(run)
    processes = Processes()
    try:
        with one_object(as_json, lambda reason: unfinished_summary(run, reason)):
            if quote.numbers:
                _agree_to_spend(run, quote, yes=yes)
                renew_account(organization, run, processes)
                processes.start_worker()
                _move(organization, run, "ask again", lambda: run.retry_failed(cap_micros=cap))
            else:
                console.print(f"Nothing in run {run_id} can be asked again.")
            return _see_through(organization, run, processes, output=output, as_json=as_json)
    finally:
        processes.stop()


def cancel_run(run_id: int, *, as_json: bool) -> None:
    """End a run for good."""
    organization = open_session()
    from bulk_lookup.models import ContactList
    from bulk_lookup.models.scope import organization_scope

    with organization_scope(organization.pk):
        run = find_run(organization, run_id)
    _move(organization, run, "be cancelled", run.cancel)
    console.print(
        f"Run {run_id} is cancelled. What was bought stays: `bulk-lookup runs export {run_id}` writes it.", markup=False
    )
    if as_json:
        with organization_scope(organization.pk):
            print_json(record(run, ContactList.objects.get(id=run.contact_list_id).name))


def _see_through(organization: "Organization", run: "Run", processes: Processes, *, output: str, as_json: bool) -> int:
    from bulk_lookup.cli.watch import watch_run

    interrupted = watch_run(organization.pk, run.pk, processes)
    code = conclude(organization.pk, run.pk, as_json=as_json, output=output)
    return INTERRUPTED if interrupted else code


def _move(organization: "Organization", run: "Run", verb: str, move: Callable[[], object]) -> None:
    """Call a verb of the run; where somebody was quicker, say so."""
    from bulk_lookup.models import RunMoved
    from bulk_lookup.models.run import AccountHalted
    from bulk_lookup.models.scope import organization_scope

    try:
        with organization_scope(organization.pk):
            move()
    except AccountHalted as error:  # since it was checked just now: another run has met the next trouble
        raise Stop(STOPPED, str(error), reason=error.reason) from error
    except RunMoved:
        with organization_scope(organization.pk):
            run.refresh_from_db()
        raise Stop(BAD_INPUT, f"Run {run.pk} is {run.state}, so it cannot {verb}.") from None


def _refuse_cap(run: "Run", cap: int | None) -> None:
    """The cap is over all that the run costs, what it has cost already included."""
    if cap is None:
        return
    gone = run.spent_micros + run.reserved_micros
    if cap < gone:
        raise Stop(
            BAD_INPUT,
            f"Run {run.pk} has cost {to_decimal_string(gone)} {run.currency} already, so a cap of "
            f"{to_decimal_string(cap)} cannot hold; the cap is over all of it, not over what is still to come.",
        )
    if run.quote.get("unknown_prices"):
        raise Stop(
            BAD_INPUT,
            f"Nobody knows what {run.quote['unknown_prices'][0]} costs, so a cap cannot hold; leave --max-cost out.",
        )


def _agree_to_spend(run: "Run", quote: "RetryQuote", *, yes: bool) -> None:
    unknown: list[str] = run.quote.get("unknown_prices", [])
    cost = amount(quote.cost_micros, run.currency, unknown)
    simulated = " (simulated, nothing is charged)" if run.simulated else ""
    console.print(f"{counted(quote.numbers, 'number')} failed; asking again may cost {cost}{simulated}.", markup=False)
    if yes or run.simulated or not (quote.cost_micros or unknown):
        return
    if not is_attended():
        raise Stop(BAD_INPUT, "This would spend money: add --yes to agree.")
    console.print("Buy this? [y/N] ", end="", markup=False)
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise Stop(DONE, "Nothing was bought.", reason="declined")
