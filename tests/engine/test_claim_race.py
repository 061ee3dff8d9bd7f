"""Two chunks that claim one range at once: who comes second is not told that the money is out."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from bulk_lookup.engine.database import connection_parameters
from bulk_lookup.models import ContactList, Lookup, Organization, ProviderAccount, Run
from bulk_lookup.models.queries import query
from bulk_lookup.models.scope import organization_scope

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("cap_micros", [None, 0])
def test_what_costs_nothing_is_never_beyond_a_cap(organization: Organization, cap_micros: int | None) -> None:
    run = free_run(organization, cap_micros=cap_micros)
    with connect(run) as first, connect(run) as second, ThreadPoolExecutor(1) as pool:
        assert [row["position"] for row in claim(first, run, claim_id=1)["taken"]] == [1, 2]
        waiting = pool.submit(claim, second, run, claim_id=2)
        wait_for_lock(first)
        first.commit()
        found = waiting.result(10)

    assert (found["taken"], found["seen"], found["beyond"]) == ([], 2, 0)


def free_run(organization: Organization, **terms: Any) -> Run:
    with organization_scope(organization.pk):
        contact_list = ContactList.objects.create(organization=organization, name="list")
        account = ProviderAccount.objects.create(
            organization=organization, name="a", account_sid="AC", secret=b"", account_key="k", simulated=True
        )
        run = Run.objects.create(
            organization=organization,
            contact_list_id=contact_list.pk,
            provider_account_id=account.pk,
            packages=["basic"],
            simulated=True,
            state="running",
            numbers=2,
            **terms,
        )
        for position in (1, 2):
            Lookup.objects.create(
                organization=organization,
                run_id=run.pk,
                position=position,
                formatted_phone_number=f"+1415200000{position}",
                country_code="US",
                simulated=True,
                due=["basic"],
            )
        return run


def connect(run: Run) -> psycopg.Connection[dict[str, Any]]:
    connection = psycopg.connect(**connection_parameters(), row_factory=dict_row)
    connection.execute("select set_config('app.organization_id', %s, true)", [str(run.organization_id)])
    return connection


def claim(connection: psycopg.Connection[dict[str, Any]], run: Run, *, claim_id: int) -> dict[str, Any]:
    place = {"organization_id": run.organization_id, "run_id": run.pk, "first": 1, "last": 2, "want": 10}
    head = connection.execute(query("claim_lookups"), place | {"claim_id": claim_id}).fetchone()
    assert head is not None
    return head | {"taken": json.loads(head["taken"])}


def wait_for_lock(holder: psycopg.Connection[dict[str, Any]]) -> None:
    """Until somebody waits for a lock of this connection's."""
    with psycopg.connect(**connection_parameters(), autocommit=True) as watcher:
        for _ in range(100_000):
            found = watcher.execute(
                "select count(*) from pg_stat_activity where %s = any(pg_blocking_pids(pid))",
                [holder.info.backend_pid],
            ).fetchone()
            if found and found[0]:
                return
        pytest.fail("nobody waits")
