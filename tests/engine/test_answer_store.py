"""Answers are stored before anybody is told that they are, whatever holds the database up."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from procrastinate import PsycopgConnector
from procrastinate.contrib.django import app

from bulk_lookup.core.billing import Billing
from bulk_lookup.core.failure import Failure, FailureReason
from bulk_lookup.core.settlement import Asked, settle_failure
from bulk_lookup.engine.answer_row import answer_row
from bulk_lookup.engine.answer_store import AnswerStore
from bulk_lookup.engine.claimed import Claimed, RunTerms
from bulk_lookup.engine.database import connection_parameters, open_pool
from bulk_lookup.models import ContactList, Lookup, Organization, ProviderAccount, Run
from bulk_lookup.models.scope import organization_scope

pytestmark = pytest.mark.django_db(transaction=True)

LINE = "line_type_intelligence"
CLAIM = 7


@pytest.fixture(autouse=True)
def _in_a_worker() -> Iterator[None]:
    """The end of a run enqueues a job, on the worker's kind of connection."""
    with app.replace_connector(PsycopgConnector(kwargs=connection_parameters())):
        yield


@pytest.fixture
def run(organization: Organization) -> Run:
    """A running run with two numbers in flight."""
    with organization_scope(organization.pk):
        contact_list = ContactList.objects.create(organization=organization, name="list")
        account = ProviderAccount.objects.create(
            organization=organization, name="a", account_sid="AC", secret=b"", account_key="k", simulated=True
        )
        run = Run.objects.create(
            organization=organization,
            contact_list_id=contact_list.pk,
            provider_account_id=account.pk,
            packages=[LINE],
            simulated=True,
            state="running",
            numbers=2,
            reserved_micros=16_000,
            quote={"prices": {"US": {LINE: 8_000}}},
        )
        for position in (1, 2):
            Lookup.objects.create(
                organization=organization,
                run_id=run.pk,
                position=position,
                formatted_phone_number=f"+1415200000{position}",
                country_code="US",
                simulated=True,
                due=[LINE],
                price_micros=8_000,
                state="asking",
                claim_id=CLAIM,
                reserved_micros=8_000,
                attempts=1,
                asked_at=datetime.now(UTC),
            )
        return run


def test_what_is_just_being_stored_is_waited_for(run: Run) -> None:
    async def work() -> tuple[bool, list[str]]:
        async with open_pool(size=2) as pool:
            store = AnswerStore(terms(run), pool, lambda rate: None)
            other = await psycopg.AsyncConnection.connect(**connection_parameters())
            async with other, other.transaction():
                await other.execute("select set_config('app.organization_id', %s, true)", [str(run.organization_id)])
                await other.execute("select from run where id = %s for update", [run.pk])
                store.put(row(1))
                await waiting(other)
                told = asyncio.create_task(store.stored())
                await asyncio.sleep(0.05)
                early = told.done()
            await told
            states = await asyncio.to_thread(stored_states, run)
            await store.close()
            return early, states

    early, states = asyncio.run(work())

    assert not early, "told that an answer is stored while it waits for the run's row"
    assert states == ["failed", "asking"]


def test_an_answer_that_the_database_refuses_for_good_does_not_stop_the_others(run: Run) -> None:
    async def work() -> None:
        async with open_pool(size=2) as pool:
            store = AnswerStore(terms(run), pool, lambda rate: None)
            store.put(row(1) | {"state": "no such state"})
            store.put(row(2))
            await asyncio.wait_for(store.stored(), 10)
            await asyncio.wait_for(store.close(), 10)

    asyncio.run(work())

    assert stored_states(run) == ["failed", "failed"]
    with organization_scope(run.organization_id):
        assert list(Lookup.objects.order_by("position").values_list("reason", flat=True)) == ["no_answer", "not_found"]
        run.refresh_from_db()
    assert (run.state, run.reserved_micros, run.spent_micros) == ("finished", 0, 0)


def terms(run: Run) -> RunTerms:
    return RunTerms(
        organization_id=run.organization_id,
        run_id=run.pk,
        contact_list_id=run.contact_list_id,
        provider_account_id=run.provider_account_id,
        simulated=True,
        currency="USD",
        prices={"US": {LINE: 8_000}},
    )


def row(position: int) -> dict[str, Any]:
    claimed = Claimed(
        position=position,
        number=f"+1415200000{position}",
        country_code="US",
        last_verified_date="",
        claim_id=CLAIM,
        reserved_micros=8_000,
        asked=Asked(due=(LINE,), prices={LINE: 8_000}),
    )
    failure = Failure(reason=FailureReason.NOT_FOUND, billing=Billing.NOT_PROCESSED)
    return answer_row(claimed, settle_failure(claimed.asked, failure, now=datetime.now(UTC), jitter=0.0))


async def waiting(other: psycopg.AsyncConnection[Any]) -> None:
    """Until somebody waits for a lock of ours."""
    me = other.info.backend_pid
    while True:
        cursor = await other.execute(
            "select count(*) from pg_stat_activity where %s = any(pg_blocking_pids(pid))", [me]
        )
        found = await cursor.fetchone()
        if found and found[0]:
            return
        await asyncio.sleep(0.02)


def stored_states(run: Run) -> list[str]:
    with organization_scope(run.organization_id):
        return list(Lookup.objects.order_by("position").values_list("state", flat=True))
