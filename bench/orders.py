"""Lists and runs for the benchmarks, made by the product's own functions, and how fast a run goes."""

import time
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from bench.borrowed import Simulator

if TYPE_CHECKING:
    from bulk_lookup.models import Run

PACKAGE = "line_type_intelligence"
LOOK_EVERY = 0.05  # seconds


def numbers(count: int, *, first: int = 0) -> Iterable[str]:
    """So many different valid numbers: 7.9 million of each of several area codes of California."""
    areas = (415, 213, 310, 408, 510, 619, 650, 707, 714, 818, 916, 925)
    for place in range(first, first + count):
        area, line = divmod(place, 7_900_000)
        yield f"+1{areas[area]}{2_000_000 + line:07d}"


def order(organization_id: int, simulator: Simulator, count: int, *, folder: Path, first: int = 0) -> "Run":
    """A run over so many new numbers at a simulator: imported, quoted and planned, and not yet seen by any worker."""
    from bulk_lookup.engine.import_file import import_file, start_import
    from bulk_lookup.engine.import_reading import inspect_file

    path = folder / "list.csv"
    path.write_text("phone\n" + "\n".join(numbers(count, first=first)) + "\n")
    mapping = inspect_file(path, region="US").mapping
    imported = start_import(organization_id, list_name="list", file_name="list.csv", path=path, mapping=mapping)
    import_file(organization_id, imported.pk)
    return draft(organization_id, imported.contact_list_id, simulator)


def draft(organization_id: int, contact_list_id: int, simulator: Simulator) -> "Run":
    """A run over a list at a simulator, in draft."""
    from bulk_lookup.engine.credentials import keep_account
    from bulk_lookup.engine.quote_run import quote_run
    from bulk_lookup.models import Run
    from bulk_lookup.models.scope import organization_scope

    with organization_scope(organization_id):
        account = keep_account(organization_id, simulator.environment(), simulated=True, name="Simulator")
        quote = quote_run(organization_id, contact_list_id, [PACKAGE], simulated=True)
        return Run.objects.create(
            organization_id=organization_id,
            contact_list_id=contact_list_id,
            provider_account_id=account.pk,
            packages=[PACKAGE],
            simulated=True,
            quote=quote.as_json(),
            quoted_micros=quote.cost_micros,
        )


def begin(run: "Run") -> float:
    """Plan a run and let the workers have it; returns the seconds that the planning took."""
    from bulk_lookup.engine.plan_run import plan_run
    from bulk_lookup.models.scope import organization_scope

    with organization_scope(run.organization_id):
        run.start()
    began = time.monotonic()
    plan_run(run.organization_id, run.pk)
    return time.monotonic() - began


def settled(run: "Run") -> int:
    """How many numbers of a run need nothing more."""
    from bulk_lookup.models.scope import organization_scope

    with organization_scope(run.organization_id):
        run.refresh_from_db()
    return int(run.settled)


def until_settled(run: "Run", target: int, *, seconds: float, every: float = LOOK_EVERY) -> list[tuple[float, int]]:
    """Wait until so many numbers are settled; returns what was seen on the way, as (monotonic time, settled).

    Raises TimeoutError after so many seconds.
    """
    until = time.monotonic() + seconds
    seen = [(time.monotonic(), settled(run))]
    while seen[-1][1] < target:
        if time.monotonic() > until:
            raise TimeoutError(f"after {seconds:.0f} s {seen[-1][1]:,} of {target:,} numbers are settled ({run.state})")
        time.sleep(every)
        now = settled(run)
        if now != seen[-1][1]:
            seen.append((time.monotonic(), now))
    return seen


def stop(run: "Run") -> None:
    """Cancel a run that has served its purpose."""
    from bulk_lookup.models.scope import organization_scope

    with organization_scope(run.organization_id):
        run.refresh_from_db()
        if not run.over:
            run.cancel()
