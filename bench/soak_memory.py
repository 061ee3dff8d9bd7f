"""One worker and a million lookups: the memory of its processes at the end, against that after a tenth of them."""

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from bench import orders
from bench.finding import Finding
from bench.memory import children, resident_mb
from bench.stage import Stage, wait_for

if TYPE_CHECKING:
    from bulk_lookup.models import Run

GROWTH = 1.1
LOOK_EVERY = 1.0  # seconds


def check(rows: int) -> Iterator[Finding]:
    """A worker with all its children imports, plans and looks up a list; no child may have been started anew."""
    with Stage() as stage, stage.simulator() as simulator:
        from bulk_lookup.engine.import_file import start_import
        from bulk_lookup.engine.import_reading import inspect_file
        from bulk_lookup.models import Import
        from bulk_lookup.models.scope import organization_scope

        organization = stage.empty()
        path = stage.folder / "list.csv"
        path.write_text("phone\n" + "\n".join(orders.numbers(rows)) + "\n")
        worker = stage.start_worker()
        one = start_import(
            organization.pk,
            list_name="list",
            file_name="list.csv",
            path=path,
            mapping=inspect_file(path, region="US").mapping,
        )

        def imported() -> bool:
            with organization_scope(organization.pk):
                one.refresh_from_db()
            return one.state == Import.State.FINISHED

        wait_for(imported, seconds=120 + rows / 5_000, what="the import's end")
        run = orders.draft(organization.pk, one.contact_list_id, simulator)
        with organization_scope(organization.pk):
            run.start()
        early = _memory_at(run, rows // 10, worker.pid)
        at = time.monotonic()
        late = _memory_at(run, rows, worker.pid)
        yield Finding(
            f"{run.settled:,} lookups, {run.failed} failed, {0.9 * rows / (time.monotonic() - at):,.0f} a second",
            run.done == rows,
        )
        yield Finding(f"no process of the worker was started anew ({len(early)})", early.keys() == late.keys())
        for pid, (name, before) in early.items():
            after = late.get(pid, (name, 0.0))[1]
            yield Finding(
                f"{name}: {before:.1f} MB after {rows // 10:,} lookups, {after:.1f} MB after {rows:,} ({after / before:.2f} ×)",
                after <= before * GROWTH,
            )
        complaints = stage.log.splitlines()
        yield Finding(
            f"the worker complained {len(complaints)} times" + "".join(f"\n        {x}" for x in complaints[:5])
        )


def _memory_at(run: "Run", settled: int, pid: int) -> dict[int, tuple[str, float]]:
    """By process, when so many are settled: what it is, and its resident megabytes."""
    orders.until_settled(run, settled, seconds=120 + settled / 100, every=LOOK_EVERY)
    processes = {pid: "the worker's parent"} | {
        child: f"its {line.split('--queue ')[-1].split()[0]} process" for child, line in children(pid).items()
    }
    return {one: (name, resident_mb(one)) for one, name in processes.items()}
