"""Watching what the worker does: a progress bar with rate, time left and money, until it ends; Ctrl-C pauses."""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, TypeVar

from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from bulk_lookup.cli.exits import BAD_INPUT, INTERRUPTED, Stop, console
from bulk_lookup.cli.pace import Pace
from bulk_lookup.cli.processes import Processes

if TYPE_CHECKING:
    from bulk_lookup.models import Import, Run

_Looked = TypeVar("_Looked")

# What a run that was stopped at once leaves behind, by its state.
_STOPPED = {
    "cancelled": "The run is cancelled; nothing was bought.",
    "paused": "The run is paused, and nothing was written. Go on with `bulk-lookup runs resume {0}`, or write what there is "
    "with `bulk-lookup runs export {0}`.",
}

LOOK_EVERY = 0.25  # seconds
LINE_EVERY = 10.0  # seconds between two lines of progress where there is no terminal


def watch_import(organization_id: int, import_id: int, processes: Processes) -> "Import":
    """Wait for an import; Ctrl-C cancels it. Raises Stop with its sentence where it failed."""
    from bulk_lookup.models import Import
    from bulk_lookup.models.scope import organization_scope

    def look() -> "Import":
        with organization_scope(organization_id):
            return Import.objects.get(id=import_id)

    one = look()
    try:
        with _interruptible() as interrupted, _bar("Reading the list") as show:
            while True:
                one = _steadily(look, processes)
                show(one.bytes_read, one.bytes_total, f"{one.rows:,} rows")
                if one.state == Import.State.FAILED:
                    raise Stop(BAD_INPUT, one.problem)
                if one.state == Import.State.CANCELLED:
                    raise Stop(INTERRUPTED, "The import was cancelled; nothing was bought.", reason="interrupted")
                if one.state == Import.State.FINISHED:
                    if interrupted():  # too late to cancel, early enough not to spend
                        raise Stop(INTERRUPTED, "Interrupted; nothing was bought.", reason="interrupted")
                    return one
                if interrupted():
                    _cancel(one)
                time.sleep(LOOK_EVERY)
    except KeyboardInterrupt:
        _cancel(one)
        raise


def _cancel(one: "Import") -> None:
    from django.db import InterfaceError, OperationalError

    from bulk_lookup.models.imports import ImportMoved
    from bulk_lookup.models.scope import organization_scope

    # Where it has ended meanwhile, or the database is away, nothing is lost: an import alone buys nothing.
    with suppress(ImportMoved, OperationalError, InterfaceError), organization_scope(one.organization_id):
        one.cancel()


def watch_run(organization_id: int, run_id: int, processes: Processes) -> bool:
    """Wait until a run stands or ends; True where Ctrl-C paused it.

    A second Ctrl-C does not wait for the requests in flight, but leaves no run behind that the next worker would go on with.
    """
    try:
        return _watch_run(organization_id, run_id, processes)
    except KeyboardInterrupt:
        console.print(_stop_at_once(organization_id, run_id), markup=False)  # now: the worker's end may take a while
        raise Stop(INTERRUPTED, "", reason="interrupted") from None


def _watch_run(organization_id: int, run_id: int, processes: Processes) -> bool:
    from bulk_lookup.models import Run, RunMoved
    from bulk_lookup.models.scope import organization_scope

    pace = Pace()

    def look() -> tuple["Run", str]:
        with organization_scope(organization_id):
            run = Run.objects.get(id=run_id)
            return run, pace.of(run)

    paused_here = False
    with _interruptible() as interrupted, _bar("Looking up") as show:
        while True:
            run, line = _steadily(look, processes)
            show(run.settled, run.numbers, line)
            if run.over or run.state == Run.State.DRAFT:
                return paused_here
            if run.state == Run.State.PAUSED and not run.reserved_micros and not _asking(run):
                return paused_here
            if interrupted() and not paused_here and run.state in (Run.State.RUNNING, Run.State.PLANNING):
                paused_here = _pause(run, organization_id, RunMoved)
            time.sleep(LOOK_EVERY)


def _pause(run: "Run", organization_id: int, moved: type[Exception]) -> bool:
    from bulk_lookup.core.retry import PauseReason
    from bulk_lookup.models.scope import organization_scope

    try:
        with organization_scope(organization_id):
            run.pause(PauseReason.INTERRUPTED)
    except moved:
        return False  # it was just ending, or is still being planned: look again
    console.print("Pausing: waiting for the requests in flight; Ctrl-C once more does not wait.")
    return True


def _stop_at_once(organization_id: int, run_id: int) -> str:
    """Pause the run, or cancel its plan, without waiting for anything; returns a sentence that says so."""
    from django.db import InterfaceError, OperationalError

    from bulk_lookup.core.retry import PauseReason
    from bulk_lookup.models import Run, RunMoved
    from bulk_lookup.models.scope import organization_scope

    moved = True
    try:
        while moved:
            with organization_scope(organization_id), suppress(RunMoved):
                run = Run.objects.get(id=run_id)
                if run.state == Run.State.PLANNING:
                    run.cancel()
                elif run.state == Run.State.RUNNING:
                    run.pause(PauseReason.INTERRUPTED)
                moved = False  # else it began or ended just now: look again
    except (OperationalError, InterfaceError):
        return f"Interrupted. The database does not answer, so run {run_id} could not be paused."
    return _STOPPED.get(run.state, "Interrupted. Run {0} has ended; `bulk-lookup runs export {0}` writes it.").format(
        run_id
    )


def _asking(run: "Run") -> bool:
    """Whether requests of the run are still out."""
    from bulk_lookup.models import Claim
    from bulk_lookup.models.scope import organization_scope

    with organization_scope(run.organization_id):
        return Claim.objects.filter(run_id=run.pk).exists()


def _steadily(look: Callable[[], _Looked], processes: Processes) -> _Looked:
    """Look once more after the database was away, healing our own; keep the worker alive."""
    from django.db import InterfaceError, OperationalError, connection

    from bulk_lookup import database

    processes.keep_worker()
    while True:
        try:
            return look()
        except (OperationalError, InterfaceError):
            connection.close()
            database.heal()
            time.sleep(1.0)


@contextmanager
def _interruptible() -> Iterator[Callable[[], bool]]:
    """Turn Ctrl-C into an answer to `interrupted()`; pressed twice it ends the command."""
    presses = 0

    def press(number: int, frame: object) -> None:
        nonlocal presses
        presses += 1
        if presses > 1:
            raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, press)
    try:
        yield lambda: presses > 0
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def _bar(title: str) -> Iterator[Callable[[int, int, str], None]]:
    """A progress bar on a terminal, a line now and then elsewhere."""
    if not console.is_terminal:
        last = time.monotonic()

        def line(done: int, total: int, text: str) -> None:
            nonlocal last
            if time.monotonic() - last >= LINE_EVERY:
                last = time.monotonic()
                share = f"{100 * done // total} % " if total else ""
                console.print(f"{title}: {share}{text}", markup=False)

        yield line
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TextColumn("{task.fields[text]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(title, total=None, text="")

        def move(done: int, total: int, text: str) -> None:
            progress.update(task, completed=done, total=total or None, text=text)

        yield move
