"""What a worker's process keeps of a run and an account never outlives a pause, a new address, or a defect."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from procrastinate import PsycopgConnector
from procrastinate.contrib.django import app
from receipts import assert_receipts_cover
from simulator_control import Simulator

if TYPE_CHECKING:
    from bulk_lookup.engine.lookups_process import LookupsProcess
    from bulk_lookup.models import Run

pytestmark = pytest.mark.django_db(transaction=True)

CALIFORNIA = [f"+1415{5_000_000 + place:07d}" for place in range(40)]


@pytest.fixture(autouse=True)
def _in_a_worker(db: None) -> Iterator[None]:
    from bulk_lookup.engine.database import connection_parameters

    with app.replace_connector(PsycopgConnector(kwargs=connection_parameters())):
        yield


def test_answers_of_before_a_halt_are_stored_while_the_run_goes_on(
    simulator: Callable[..., Simulator], order: Callable[..., "Run"]
) -> None:
    provider = simulator(latency="700ms")
    run = planned(order(CALIFORNIA, provider))

    async def work(process: "LookupsProcess") -> None:
        before = asyncio.create_task(ask(run))
        desk = await in_flight(process, run)
        desk.halt()
        await asyncio.wait_for(asyncio.gather(before, ask(run)), 20)
        await ask(run)  # the chunk that the first one has enqueued for what it gave back

    in_process(work)
    seen(run)
    assert (run.state, run.done, run.reserved_micros) == ("finished", 40, 0)
    assert_receipts_cover(run, provider.ledger())
    assert {entry["asked"] for entry in provider.ledger()["numbers"].values()} == {1}


def test_what_was_claimed_ahead_is_not_bought_once_the_run_is_cancelled(
    simulator: Callable[..., Simulator], order: Callable[..., "Run"]
) -> None:
    from bulk_lookup.models.scope import organization_scope

    provider = simulator(latency="3000ms")
    run = planned(order(CALIFORNIA, provider))

    async def work(process: "LookupsProcess") -> None:
        chunk = asyncio.create_task(ask(run))
        await in_flight(process, run)
        await in_thread(cancel)
        await asyncio.wait_for(chunk, 20)

    def cancel() -> None:
        with organization_scope(run.organization_id):
            run.refresh_from_db()
            run.cancel()

    in_process(work)
    seen(run)
    assert run.state == "cancelled"
    assert run.done < 25, "no more than what was in flight, and what a growing limit let start before it was noticed"
    assert_receipts_cover(run, provider.ledger())


def test_an_account_that_has_moved_is_asked_where_it_is_now(
    simulator: Callable[..., Simulator], order: Callable[..., "Run"]
) -> None:
    old, new = simulator(), simulator()

    async def work(process: "LookupsProcess") -> None:
        first = await in_thread(lambda: planned(order(CALIFORNIA[:20], old)))
        await ask(first)
        second = await in_thread(lambda: planned(order(CALIFORNIA[20:], new)))
        await ask(second)

    in_process(work)
    assert set(old.ledger()["numbers"]) == set(CALIFORNIA[:20])
    assert set(new.ledger()["numbers"]) == set(CALIFORNIA[20:])


def test_an_account_that_can_buy_nothing_is_halted_with_its_run(
    simulator: Callable[..., Simulator], order: Callable[..., "Run"]
) -> None:
    from bulk_lookup.models import ProviderAccount
    from bulk_lookup.models.scope import organization_scope

    provider = simulator(account_fault="20003")
    run = planned(order(CALIFORNIA, provider))

    in_process(lambda process: ask(run))

    seen(run)
    assert (run.state, run.reason, run.failed) == ("paused", "account_credentials", 0)
    assert "Twilio does not accept the credentials" in run.detail
    with organization_scope(run.organization_id):
        account = ProviderAccount.objects.get()
    assert (account.state, account.reason) == ("halted", "account_credentials")


def test_at_an_account_that_is_halted_not_one_request_more_is_sent(
    simulator: Callable[..., Simulator], order: Callable[..., "Run"]
) -> None:
    from bulk_lookup.models import ProviderAccount
    from bulk_lookup.models.scope import organization_scope

    provider = simulator()
    run = planned(order(CALIFORNIA, provider))
    with organization_scope(run.organization_id):
        ProviderAccount.objects.update(state="halted", reason="account_suspended")

    in_process(lambda process: ask(run))

    seen(run)
    assert (run.state, run.reason, run.settled) == ("paused", "account_suspended", 0)
    assert provider.ledger()["numbers"] == {}


@pytest.mark.parametrize("others", [[], ["line_status"]], ids=["alone", "with another"])
def test_a_package_that_cannot_be_bought_fails_no_number_where_it_is_the_only_one(
    simulator: Callable[..., Simulator], order: Callable[..., "Run"], others: list[str]
) -> None:
    from bulk_lookup.models import Contact, Lookup
    from bulk_lookup.models.scope import organization_scope

    provider = simulator(disabled_packages="line_type_intelligence", latency="50ms")
    run = planned(order(CALIFORNIA, provider, packages=["line_type_intelligence", *others]))

    in_process(lambda process: ask(run))

    seen(run)
    with organization_scope(run.organization_id):
        contacts = set(Contact.objects.values_list("status", "lookup_performed_at", "line_type"))
        states = set(Lookup.objects.values_list("state", flat=True))
    if others:
        assert run.failed + run.done == 40
        return
    assert run.dropped_packages == {"line_type_intelligence": "package_unavailable"}
    assert (run.state, run.reason, run.failed) == ("paused", "package_unavailable", 0)
    assert "not enabled for this Twilio account" in run.detail
    assert (contacts, states) == ({("pending", None, "")}, {"pending"})
    assert run.spent_micros == run.unknown_micros > 0, "nobody knows what the refusals cost"


def test_credentials_that_cannot_be_read_pause_the_run(
    simulator: Callable[..., Simulator], order: Callable[..., "Run"]
) -> None:
    from bulk_lookup.models import ProviderAccount
    from bulk_lookup.models.scope import organization_scope

    run = planned(order(CALIFORNIA, simulator()))
    with organization_scope(run.organization_id):
        ProviderAccount.objects.update(secret=b"encrypted with a key that is gone")

    in_process(lambda process: ask(run))

    seen(run)
    assert (run.state, run.reason) == ("paused", "account_credentials")
    assert "cannot be read" in run.detail


def test_a_defect_leaves_nothing_claimed(simulator: Callable[..., Simulator], order: Callable[..., "Run"]) -> None:
    from bulk_lookup.models import Claim, Lookup, Run
    from bulk_lookup.models.scope import organization_scope

    run = planned(order(CALIFORNIA, simulator()))
    with organization_scope(run.organization_id):
        Run.objects.update(quote={"prices": []})  # no prices at all: nobody could say what an answer costs

    async def work(process: "LookupsProcess") -> None:
        with pytest.raises(AttributeError):
            await ask(run)

    in_process(work)
    seen(run)
    with organization_scope(run.organization_id):
        assert {lookup.state for lookup in Lookup.objects.all()} == {"pending"}
        assert not Claim.objects.exists()
    assert run.reserved_micros == 0


def planned(run: "Run") -> "Run":
    """The run, running; its chunks wait in a queue that nobody works on."""
    from bulk_lookup.engine.plan_run import plan_run
    from bulk_lookup.models.scope import organization_scope

    with organization_scope(run.organization_id):
        run.start()
    plan_run(run.organization_id, run.pk)
    seen(run)
    return run


def seen(run: "Run") -> None:
    from bulk_lookup.models.scope import organization_scope

    with organization_scope(run.organization_id):
        run.refresh_from_db()


async def in_thread(work: Callable[[], Any]) -> Any:
    """Do `work` on a connection of its own, which is closed before the test's database goes."""
    from django.db import connection

    def do() -> Any:
        try:
            return work()
        finally:
            connection.close()

    return await asyncio.to_thread(do)


async def ask(run: "Run") -> None:
    from bulk_lookup.engine.process_lookups import process_lookups

    await process_lookups(run.organization_id, run.pk, 1, run.numbers)


async def in_flight(process: "LookupsProcess", run: "Run") -> Any:
    """The run's desk, as soon as it has requests out."""
    while True:
        desk = await process.desk(run.organization_id, run.pk)
        if desk is not None and desk.busy and desk._account.gate.in_flight:
            return desk
        await asyncio.sleep(0.05)


def in_process(work: Callable[["LookupsProcess"], Awaitable[None]]) -> None:
    """Do `work` in a lookups process of the test's own."""
    from bulk_lookup.engine.lookups_process import LookupsProcess

    async def run() -> None:
        async with LookupsProcess(uuid4()) as process:
            await work(process)

    asyncio.run(run())
