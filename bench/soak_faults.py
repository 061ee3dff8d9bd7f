"""Faults of the provider, and workers killed again and again: in the end the receipts agree with the simulator's ledger."""

import random
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from bench import orders
from bench.borrowed import Simulator, assert_receipts_cover
from bench.finding import Finding
from bench.stage import Stage

if TYPE_CHECKING:
    from bulk_lookup.models import Run

KILLS = 10
# Waits between tries that let it end within the hour.
SETTINGS = {
    "BULK_LOOKUP_WAIT_UNKNOWN": "5",
    "BULK_LOOKUP_WAIT_TRANSIENT": "0.5",
    "BULK_LOOKUP_WAITS_NETWORK": "0.5,1,2",
    "BULK_LOOKUP_READ_TIMEOUT": "5",
}
FAULTS = {
    "latency": "5ms",
    "error_rate": "1%",
    "reset_rate": "1%",
    "timeout_rate": "1%",
    "refuse_rate": "5%",
    "bill_invalid": "on",
}


def check(rows: int, *, bill_errors: str) -> Iterator[Finding]:
    """A tenth of the rows, with error answers billed (`on`) or free (`off`)."""
    count = rows // 10
    with Stage() as stage, stage.simulator(**FAULTS, bill_errors=bill_errors, seed="7") as simulator:
        organization = stage.empty()
        run = orders.order(organization.pk, simulator, count, folder=stage.folder)
        workers = [stage.start_worker(**SETTINGS) for _ in range(2)]
        orders.begin(run)
        chance = random.Random(3)
        for _ in range(KILLS):
            orders.until_settled(run, min(count, run.settled + int(count * chance.uniform(0.03, 0.08))), seconds=600)
            stage.kill(workers.pop(0))
            workers.append(stage.start_worker(**SETTINGS))
        ended = until_over(run, seconds=300 + count / 20)
        yield Finding(
            f"{run.done:,} done and {run.failed:,} failed of {count:,}, after {KILLS} kills of a worker", ended
        )
        yield receipts(run, simulator)


def until_over(run: "Run", *, seconds: float) -> bool:
    """Wait until a run has finished and nothing of it is in flight; False where it has not within so many seconds."""
    from bulk_lookup.models import Claim
    from bulk_lookup.models.scope import organization_scope

    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with organization_scope(run.organization_id):
            run.refresh_from_db()
            left = run.reserved_micros or Claim.objects.filter(run_id=run.pk).exists()
        if run.state == "finished" and not left:
            return bool(run.numbers == run.done + run.failed)
        time.sleep(0.5)
    return False


def receipts(run: "Run", simulator: Simulator) -> Finding:
    """billed + unknown ≥ ledger ≥ billed, in sum and number by number, and nothing knowingly bought twice."""
    ledger = simulator.ledger()
    try:
        assert_receipts_cover(run, ledger)
    except AssertionError as error:
        return Finding(f"the receipts and the ledger differ: {error}", False)
    billed = run.spent_micros - run.unknown_micros
    return Finding(
        f"receipts: {billed / 1e6:.3f} billed, {run.unknown_micros / 1e6:.3f} unknown; the ledger: {ledger['billed_total']}"
    )
