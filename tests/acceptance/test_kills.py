"""Nothing is lost and nothing is knowingly bought twice, whatever dies: real workers, real kills, the provider's own ledger."""

import random
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from acceptance_stage import Workers, wait_until
from receipts import assert_receipts_cover
from simulator_control import Simulator

if TYPE_CHECKING:
    from bulk_lookup.models import Run

ROWS = 20_000


@pytest.mark.parametrize("bill_errors", ["on", "off"])
def test_twenty_thousand_rows_survive_faults_and_three_kills(
    simulator: Callable[..., Simulator], workers: Workers, order: Callable[..., "Run"], bill_errors: str
) -> None:
    from bulk_lookup.models import Contact, Lookup
    from bulk_lookup.models.scope import organization_scope

    provider = simulator(
        latency="5ms",
        error_rate="1%",
        reset_rate="1%",
        timeout_rate="1%",
        refuse_rate="5%",
        bill_errors=bill_errors,
        bill_invalid="on",
        seed="7",
    )
    run = order(numbers(ROWS), provider)
    with organization_scope(run.organization_id):
        run.start()
    workers.start("--queue", "files")
    running = [workers.start("--queue", "lookups") for _ in range(2)]

    chance = random.Random(3)
    for _ in range(3):
        wait_for_progress(run, chance.randint(1500, 4000))
        workers.kill(running.pop(0))
        running.append(workers.start("--queue", "lookups"))
    wait_until(run, "finished", seconds=300)

    assert run.numbers == ROWS == run.done + run.failed
    with organization_scope(run.organization_id):
        assert Contact.objects.completed().count() == run.done
        failed = list(Lookup.objects.filter(run_id=run.pk, state="failed"))
        assert {one.reason for one in failed} <= {"no_answer"}
        assert all(one.tries["unknown"] >= 2 and one.earlier_attempts for one in failed)
        assert Contact.objects.failed().filter(reason="no_answer").count() == len(failed)
    assert_receipts_cover(run, provider.ledger())


def numbers(count: int) -> list[str]:
    """So many different valid numbers of California."""
    return [f"+1415{2_000_000 + place * 37 % 7_000_000 + 0:07d}" for place in range(count)]


def wait_for_progress(run: "Run", rows: int) -> None:
    """Wait until so many more numbers are settled."""
    from bulk_lookup.models.scope import organization_scope

    start = None
    until = time.monotonic() + 120
    while time.monotonic() < until:
        with organization_scope(run.organization_id):
            run.refresh_from_db()
        start = run.settled if start is None else start
        if run.settled - start >= rows or run.state == "finished":
            return
        time.sleep(0.05)
    pytest.fail(f"no progress: {run.state}, {run.settled} of {run.numbers}")
