"""The gate of one worker: what may start, who comes next, and what holds it back. Time is set, never waited for."""

import asyncio
import subprocess
import sys
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any

import pytest
from gate_world import run

from bulk_lookup.core.progress import Slowdown
from bulk_lookup.core.renewal import ACCOUNT, Grant, WorkerGrant
from bulk_lookup.engine.account_gate import AccountGate
from bulk_lookup.engine.outcome import ANSWERED, BROKEN, UNUSED, answered, refused
from bulk_lookup.engine.permit import Permit

LTI = frozenset({"line_type_intelligence"})
NAME = frozenset({"caller_name"})

type_ = Callable[[], Coroutine[Any, Any, None]]


def in_set_time(test: type_) -> Callable[[], None]:
    """Run a test on a loop whose clock moves only when nothing is left to do."""

    @wraps(test)
    def sync() -> None:
        run(test())

    return sync


def now() -> float:
    return asyncio.get_running_loop().time()


def gate_with(share: int, **more: Any) -> AccountGate:
    gate = AccountGate("worker", clock=asyncio.get_running_loop().time)
    renew(gate, share, **more)
    return gate


def renew(
    gate: AccountGate,
    share: int,
    *,
    limit: int = 50,
    ceiling: int = 100,
    packages: dict[str, int] | None = None,
    **more: Any,
) -> None:
    grants = {ACCOUNT: Grant(share, share, limit, ceiling)}
    grants |= {name: Grant(part, part, part, ceiling) for name, part in (packages or {}).items()}
    gate.renew(WorkerGrant(grants, **more), asked_at=now())


async def settle() -> None:
    """Let everything run that needs no time."""
    for _ in range(20):
        await asyncio.sleep(0)


async def take(gate: AccountGate, count: int, packages: frozenset[str] = LTI, run: int = 1) -> list[Permit]:
    return [await gate.take(packages, run) for _ in range(count)]


@in_set_time
async def test_no_request_starts_while_those_in_flight_reach_the_share() -> None:
    gate = gate_with(3)
    permits = await take(gate, 3)
    fourth = asyncio.ensure_future(gate.take(LTI))
    await settle()
    assert (gate.in_flight, gate.waiting, fourth.done()) == (3, 1, False)

    permits[0].done(ANSWERED)
    await settle()

    assert (gate.in_flight, gate.waiting, fourth.done()) == (3, 0, True)


@in_set_time
async def test_nothing_starts_before_the_first_renewal_nor_five_seconds_after_the_last() -> None:
    gate = AccountGate("worker", clock=now)
    waiting = asyncio.ensure_future(gate.take())
    await settle()
    assert not waiting.done()

    renew(gate, 2)
    await waiting
    await asyncio.sleep(4.9)
    (await gate.take()).done(ANSWERED)
    await asyncio.sleep(0.1)
    late = asyncio.ensure_future(gate.take())
    await settle()
    assert not late.done()
    assert gate.slowed_by() is Slowdown.NO_WORKER

    renew(gate, 2)
    await late


@in_set_time
async def test_the_five_seconds_count_from_before_the_renewal_was_asked_for() -> None:
    gate = gate_with(2)
    asked_at = now()
    await asyncio.sleep(4.0)
    gate.renew(WorkerGrant({ACCOUNT: Grant(2, 2, 50, 100)}), asked_at=asked_at)
    await asyncio.sleep(1.0)

    waiting = asyncio.ensure_future(gate.take())
    await settle()

    assert not waiting.done()


@in_set_time
async def test_runs_that_wait_get_their_turns_evenly_however_many_requests_they_have() -> None:
    gate = gate_with(1)
    first = await gate.take()
    order: list[str] = []

    async def ask(name: str) -> None:
        permit = await gate.take(LTI, name)
        order.append(name)
        await asyncio.sleep(0.1)
        permit.done(ANSWERED)

    tasks = [asyncio.ensure_future(ask(name)) for name in ["million"] * 1000 + ["hundred"] * 3 + ["ten"] * 2]
    await settle()
    first.done(ANSWERED)
    await asyncio.sleep(1.05)

    assert order[:9] == ["million", "hundred", "ten"] * 2 + ["million", "hundred", "million"]
    for task in tasks:
        task.cancel()


@in_set_time
async def test_a_request_that_was_called_off_while_waiting_takes_nobodys_place() -> None:
    gate = gate_with(1)
    first = await gate.take()
    waiting = [asyncio.ensure_future(gate.take()) for _ in range(3)]
    await settle()
    waiting[0].cancel()
    await settle()
    assert gate.waiting == 2

    first.done(ANSWERED)
    # Called off in the very moment in which its turn has come.
    waiting[1].cancel()
    await settle()

    assert waiting[2].done()
    assert (gate.in_flight, gate.waiting) == (1, 0)


@in_set_time
async def test_a_measured_refusal_takes_effect_at_once_and_is_reported() -> None:
    gate = gate_with(10)
    permits = await take(gate, 10)
    for permit in permits[:6]:
        permit.done(ANSWERED)
    permits[6:] = [*permits[6:], *await take(gate, 6)]
    renew(gate, 11)
    one_more = await gate.take()

    assert one_more.done(refused()) == 0.0

    blocked = asyncio.ensure_future(gate.take())
    await settle()
    assert not blocked.done()
    report = gate.report().reports[ACCOUNT]
    assert (report.measured, report.share, report.in_flight, report.refused) == (10, 10, 10, 1)


@in_set_time
async def test_what_was_measured_while_the_renewal_was_on_its_way_still_holds() -> None:
    gate = gate_with(2)
    permits = await take(gate, 2)
    permits.pop().done(ANSWERED)
    gate.report()
    renew(gate, 3)
    gate.report()
    permits += await take(gate, 2)
    permits.pop().done(refused())

    renew(gate, 3)

    blocked = asyncio.ensure_future(gate.take())
    await settle()
    assert (gate.in_flight, blocked.done()) == (2, False)
    assert gate.report().reports[ACCOUNT].measured == 2
    renew(gate, 3)
    await blocked


@in_set_time
async def test_a_random_refusal_makes_only_its_own_request_wait() -> None:
    gate = gate_with(5)
    for permit in await take(gate, 5):
        permit.done(ANSWERED)
    permits = await take(gate, 3)

    assert permits[1].done(refused()) == 1.0
    assert permits[2].done(refused(retry_after=7.0)) == 7.0

    await take(gate, 4)
    assert gate.in_flight == 5
    assert gate.report().reports[ACCOUNT].measured is None


@in_set_time
async def test_retry_after_of_a_flood_of_refusals_holds_every_start_back() -> None:
    gate = gate_with(20)
    for permit in await take(gate, 20):
        permit.done(refused(retry_after=3.0))
    begin = now()
    waiting = asyncio.ensure_future(gate.take())
    await settle()
    assert gate.slowed_by() is Slowdown.ACCOUNT_LIMIT
    assert gate.report().reports[ACCOUNT].hold == pytest.approx(3.0)

    await waiting

    assert now() - begin == pytest.approx(3.0)


@in_set_time
async def test_another_workers_hold_is_obeyed() -> None:
    gate = gate_with(5)
    gate.renew(WorkerGrant({ACCOUNT: Grant(5, 5, 50, 100, resume_in=2.5)}), asked_at=now())
    begin = now()

    await gate.take()

    assert now() - begin == pytest.approx(2.5)


@in_set_time
async def test_after_twenty_broken_requests_in_a_row_one_probe_goes_out_every_five_seconds() -> None:
    gate = gate_with(50)
    for _ in range(20):
        (await gate.take()).done(BROKEN)
    probes: list[float] = []

    async def ask() -> None:
        permit = await gate.take()
        probes.append(now() - begin)
        permit.done(BROKEN)

    begin = now()
    tasks = [asyncio.ensure_future(ask()) for _ in range(100)]
    for _ in range(17):
        await asyncio.sleep(1.0)
        assert gate.slowed_by() is Slowdown.PROVIDER_DOWN
        # The account's row is not read here, so that the worker keeps its own time.
        gate._until = now() + 5.0

    assert probes == [pytest.approx(5.0), pytest.approx(10.0), pytest.approx(15.0)]
    assert gate.report().down
    for task in tasks:
        task.cancel()


@in_set_time
async def test_one_answer_ends_the_outage_at_once() -> None:
    gate = gate_with(50)
    for _ in range(20):
        (await gate.take()).done(BROKEN)
    waiting = [asyncio.ensure_future(gate.take()) for _ in range(10)]
    renew(gate, 50, down=True, probe=True)
    await settle()
    assert [task.done() for task in waiting].count(True) == 1

    waiting[0].result().done(ANSWERED)
    await settle()

    assert all(task.done() for task in waiting)
    assert gate.report().answered


@in_set_time
async def test_nineteen_broken_requests_and_an_answer_are_no_outage() -> None:
    gate = gate_with(50)
    for _ in range(3):
        for _ in range(19):
            (await gate.take()).done(BROKEN)
        (await gate.take()).done(ANSWERED)

    assert not gate.report().down


@in_set_time
async def test_in_an_outage_only_the_worker_that_was_told_to_probes() -> None:
    gate = gate_with(50)
    renew(gate, 50, down=True)
    waiting = [asyncio.ensure_future(gate.take()) for _ in range(3)]
    await asyncio.sleep(4.0)
    assert not any(task.done() for task in waiting)

    renew(gate, 50, down=True, probe=True)
    await settle()
    assert [task.done() for task in waiting] == [True, False, False]
    waiting[0].result().done(UNUSED)
    await settle()
    # The probe was never sent, so the next one takes its place.
    assert [task.done() for task in waiting] == [True, True, False]

    renew(gate, 50, down=False)
    await settle()
    # Another worker got an answer: one more try, alone.
    assert all(task.done() for task in waiting)


@in_set_time
async def test_the_ceiling_in_requests_per_second_is_kept() -> None:
    gate = gate_with(50, per_second=20.0)
    begin, started = now(), list[float]()
    for _ in range(60):
        (await gate.take()).done(ANSWERED)
        started.append(now() - begin)
        if len(started) % 20 == 0:
            renew(gate, 50, per_second=20.0)

    assert started[-1] == pytest.approx(59 / 20, abs=0.11)


@in_set_time
async def test_the_ceiling_in_requests_per_second_is_named_as_our_own() -> None:
    gate = gate_with(50, per_second=1.0)
    (await gate.take()).done(ANSWERED)
    waiting = asyncio.ensure_future(gate.take())
    await settle()

    assert gate.slowed_by() is Slowdown.OWN_CEILING
    await waiting


@in_set_time
async def test_a_packages_limit_holds_back_only_requests_for_this_package() -> None:
    gate = gate_with(10, packages={"caller_name": 2})
    await take(gate, 2, NAME | LTI, run=1)
    held = [asyncio.ensure_future(gate.take(NAME, 1)) for _ in range(3)]
    await settle()
    assert not any(task.done() for task in held)
    assert gate.slowed_by() is Slowdown.PACKAGE_LIMIT

    await take(gate, 4, LTI, run=1)
    await take(gate, 4, LTI, run=2)

    assert gate.in_flight == 10


@in_set_time
async def test_a_refused_package_is_measured_apart_from_the_account() -> None:
    gate = gate_with(20)
    permits = await take(gate, 20, NAME)
    others = permits[8:]
    for permit in permits[:8]:
        permit.done(ANSWERED)
    # Eight were accepted and the other twelve are refused for the package; the account took all of them in.
    for permit in others:
        permit.done(answered(NAME))

    reports = gate.report().reports
    assert reports[ACCOUNT].measured is None
    assert reports["caller_name"].measured is not None
    assert 5 <= reports["caller_name"].measured <= 8
    await take(gate, 20, LTI)


@in_set_time
async def test_a_package_that_is_no_longer_limited_needs_no_place_of_its_own() -> None:
    gate = gate_with(10, packages={"caller_name": 1})
    kept = await gate.take(NAME)
    renew(gate, 10)

    await take(gate, 9, NAME)

    assert kept.done(ANSWERED) == 0.0
    assert set(gate.report().reports) == {ACCOUNT}


@in_set_time
async def test_the_report_sums_up_the_time_since_the_last_one() -> None:
    gate = gate_with(4)
    permits = await take(gate, 4)
    waiting = [asyncio.ensure_future(gate.take()) for _ in range(6)]
    await settle()
    for permit in permits[:3]:
        permit.done(ANSWERED)
    await settle()

    report = gate.report()
    first = report.reports[ACCOUNT]
    again = gate.report().reports[ACCOUNT]

    assert (report.worker, report.answered, report.down) == ("worker", True, False)
    assert (first.share, first.in_flight, first.peak, first.wants, first.asked) == (4, 4, 4, 10, 7)
    assert first.accepted_high == 3
    assert (again.wants, again.asked) == (7, 0)
    for task in waiting:
        task.cancel()


@pytest.mark.parametrize(
    ("limit", "latency", "word"),
    [(50, 0.2, Slowdown.ACCOUNT_LIMIT), (100, 0.2, Slowdown.OWN_CEILING), (50, 20.0, Slowdown.PROVIDER_SLOW)],
)
def test_what_slows_us_is_said_with_a_word_of_the_closed_list(limit: int, latency: float, word: Slowdown) -> None:
    async def main() -> None:
        gate = gate_with(2, limit=limit)
        for _ in range(4):
            permit = await gate.take()
            await asyncio.sleep(latency)
            permit.done(ANSWERED)
            renew(gate, 2, limit=limit)
        assert gate.slowed_by() is Slowdown.NOTHING
        await take(gate, 2)
        waiting = asyncio.ensure_future(gate.take())
        await settle()
        assert gate.slowed_by() is word
        waiting.cancel()

    run(main())


@in_set_time
async def test_a_permit_is_given_back_once_and_by_itself_when_its_block_ends() -> None:
    gate = gate_with(2)
    with await gate.take() as permit:
        permit.done(ANSWERED)
        permit.done(ANSWERED)
    assert gate.in_flight == 0

    with pytest.raises(ValueError, match="odd"), await gate.take():
        raise ValueError("odd")
    assert gate.in_flight == 0


@in_set_time
async def test_the_next_renewal_is_due_in_a_second_or_soon_after_something_new() -> None:
    gate = gate_with(2)
    gate.report()
    begin = now()
    await gate.renewal_due()
    assert now() - begin == pytest.approx(1.0)

    begin = now()
    due = asyncio.ensure_future(gate.renewal_due())
    await asyncio.sleep(0.5)
    permits = await take(gate, 2)
    permits[0].done(ANSWERED)
    renew(gate, 3)
    permits += await take(gate, 2)
    permits[-1].done(refused())
    await due
    assert now() - begin == pytest.approx(0.5)


@in_set_time
async def test_closing_calls_off_whoever_waits() -> None:
    gate = gate_with(1)
    await gate.take()
    waiting = [asyncio.ensure_future(gate.take()) for _ in range(5)]
    await settle()

    gate.close()
    await settle()

    assert all(task.cancelled() for task in waiting)
    assert gate.waiting == 0


def test_the_gate_needs_no_django() -> None:
    code = "import bulk_lookup.engine.account_gate, sys; print([m for m in sys.modules if m.startswith(('django', 'psycopg'))])"

    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"
