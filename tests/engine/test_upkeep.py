"""Upkeep takes up what dead workers left, and keeps the window of every running run full."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from procrastinate import PsycopgConnector
from procrastinate.contrib.django import app

from bulk_lookup.engine import upkeep
from bulk_lookup.engine.database import connection_parameters, open_pool
from bulk_lookup.engine.upkeep import Upkeep, remove_old_jobs
from bulk_lookup.models import Claim, Contact, Import, Lookup, Organization, Run
from bulk_lookup.models.run import CHUNK_SIZE, WINDOW
from bulk_lookup.models.scope import organization_scope

pytestmark = pytest.mark.django_db(transaction=True)

ALIVE, DEAD = UUID(int=1), UUID(int=2)
LINE = "line_type_intelligence"


@pytest.fixture(autouse=True)
def _no_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the database had been there for long: whoever shows no life is dead."""
    monkeypatch.setattr(upkeep, "GRACE", 0.0)


@pytest.fixture
def go_round() -> Callable[[], None]:
    """One round of the upkeep, in a worker's surroundings."""

    async def work() -> None:
        with app.replace_connector(PsycopgConnector(kwargs=connection_parameters(), min_size=1, max_size=2)):
            async with app.open_async(), open_pool(size=4) as pool:
                await Upkeep(pool, unknown_tries=2)._round()

    return lambda: asyncio.run(work())


@pytest.fixture
def workers() -> None:
    """One worker that was seen just now and one that was seen a minute ago, to us and to the queue."""
    execute(
        "insert into worker (id, kind, host, pid, started_at, seen_at) values (%s, 'lookups', 'h', 1, now(), now())",
        ALIVE,
    )
    seen = "now() - interval '1 minute'"
    execute(
        f"insert into worker (id, kind, host, pid, started_at, seen_at) values (%s, 'lookups', 'h', 2, {seen}, {seen})",
        DEAD,
    )
    execute("insert into procrastinate_workers (last_heartbeat) values (now()), (now() - interval '1 minute')")


@pytest.fixture
def make(organization: Organization) -> Callable[..., Run]:
    """A running run over so many numbers, with a lookup for each of the first few."""

    def make(numbers: int, *, lookups: int = 0, owner: Organization | None = None, **fields: Any) -> Run:
        owner = owner or organization
        with organization_scope(owner.pk):
            from bulk_lookup.models import ContactList, ProviderAccount

            contact_list = ContactList.objects.create(organization=owner, name="list")
            account = ProviderAccount.objects.create(
                organization=owner, name="a", account_sid="AC", secret=b"", account_key="k", simulated=True
            )
            terms = {"state": "running", "numbers": numbers, "quote": {"prices": {"US": {LINE: 8_000}}}} | fields
            run = Run.objects.create(
                organization=owner,
                contact_list_id=contact_list.pk,
                provider_account_id=account.pk,
                packages=[LINE],
                simulated=True,
                **terms,
            )
            imported = Import.objects.create(organization=owner, contact_list_id=contact_list.pk, file_name="", path="")
            for position in range(1, lookups + 1):
                number = f"+1415200{position:04d}"
                values = {"organization": owner, "formatted_phone_number": number, "country_code": "US"}
                Lookup.objects.create(
                    run_id=run.pk, position=position, simulated=True, due=[LINE], price_micros=8_000, **values
                )
                Contact.objects.create(
                    contact_list_id=contact_list.pk, import_id=imported.pk, row_number=position, cells=[], **values
                )
            return run

    return make


def test_the_jobs_of_a_dead_worker_are_taken_up_and_no_others(workers: None, go_round: Callable[[], None]) -> None:
    alive, dead = [number for (number,) in execute("select id from procrastinate_workers order by id")]
    for worker in (alive, dead):
        execute(
            "insert into procrastinate_jobs (queue_name, task_name, status, worker_id) values ('files', 'plan_run', 'doing', %s)",
            worker,
        )

    go_round()

    found = execute("select worker_id, status::text from procrastinate_jobs order by id")
    assert found == [(alive, "doing"), (None, "todo")]


def test_the_claim_of_a_dead_worker_is_released_as_unknown_and_asked_again(
    workers: None, make: Callable[..., Run], go_round: Callable[[], None]
) -> None:
    run = make(3, lookups=3, next_position=4, reserved_micros=24_000)
    held = {ALIVE: claim(run, ALIVE, 1, 1), DEAD: claim(run, DEAD, 2, 3)}

    go_round()  # its worker is buried
    go_round()

    with organization_scope(run.organization_id):
        alive, *released = Lookup.objects.order_by("position")
        assert (alive.state, alive.claim_id) == ("asking", held[ALIVE].pk)
        assert [(one.state, one.reason, one.unknown_micros) for one in released] == [
            ("pending", "connection_lost", 8_000)
        ] * 2
        assert list(Claim.objects.all()) == [held[ALIVE]]
        run.refresh_from_db()
        assert (run.reserved_micros, run.spent_micros, run.unknown_micros) == (8_000, 16_000, 16_000)
        assert list(Contact.objects.filter(reason="connection_lost").values_list("row_number", flat=True)) == [2, 3]
    assert chunks(run) == [(2, 3)]
    assert execute("select id from worker") == [(ALIVE,)]


def test_the_last_number_lost_for_good_finishes_its_run(
    workers: None, make: Callable[..., Run], go_round: Callable[[], None]
) -> None:
    run = make(1, lookups=1, next_position=2, reserved_micros=8_000)
    claim(run, DEAD, 1, 1, tries={"unknown": 1})

    go_round()  # its worker is buried
    go_round()

    with organization_scope(run.organization_id):
        run.refresh_from_db()
        assert (run.state, run.failed) == ("finished", 1)
        assert Contact.objects.get().status == "failed"
    assert execute("select task_name from procrastinate_jobs") == [("finish_run",)]


def test_nobody_is_dead_while_the_database_has_just_come_back(
    workers: None, make: Callable[..., Run], go_round: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "GRACE", 60.0)
    run = make(1, lookups=1, reserved_micros=8_000)
    held = claim(run, DEAD, 1, 1)

    go_round()

    with organization_scope(run.organization_id):
        assert Lookup.objects.get().claim_id == held.pk
    assert len(execute("select id from worker")) == 2


@pytest.mark.parametrize("next_position", [1, 2 * CHUNK_SIZE + 1])
def test_a_window_that_lost_its_chunks_is_filled_again(
    make: Callable[..., Run], go_round: Callable[[], None], next_position: int
) -> None:
    run = make(50 * CHUNK_SIZE, next_position=next_position)

    go_round()

    expected = [next_position + place * CHUNK_SIZE for place in range(WINDOW)]
    assert chunks(run) == [(first, first + CHUNK_SIZE - 1) for first in expected]
    go_round()
    assert len(chunks(run)) == WINDOW, "a full one stays as it is"


def test_only_what_is_missing_in_a_window_is_added(make: Callable[..., Run], go_round: Callable[[], None]) -> None:
    run = make(50 * CHUNK_SIZE, next_position=4 * CHUNK_SIZE + 1)
    enqueue(run, 1, CHUNK_SIZE)
    enqueue(run, CHUNK_SIZE + 1, 2 * CHUNK_SIZE, status="doing")
    enqueue(run, 2 * CHUNK_SIZE + 1, 3 * CHUNK_SIZE, at="now() + interval '1 minute'")  # waits for its retries

    go_round()

    assert len(chunks(run)) == 1 + WINDOW


def test_what_was_handed_out_and_lost_is_handed_out_again(
    make: Callable[..., Run], go_round: Callable[[], None]
) -> None:
    run = make(6, lookups=6, next_position=7, done=2)
    with organization_scope(run.organization_id):
        Lookup.objects.filter(position__lte=2).update(state="done")

    go_round()

    assert chunks(run) == [(3, 6)]


def test_a_run_that_only_waits_for_the_time_of_its_retries_is_left_alone(
    make: Callable[..., Run], go_round: Callable[[], None]
) -> None:
    run = make(2, lookups=2, next_position=3)
    enqueue(run, 1, 2, at="now() + interval '1 minute'")

    go_round()

    assert chunks(run) == [(1, 2)]


def test_a_run_that_was_through_and_never_told_is_finished(
    make: Callable[..., Run], go_round: Callable[[], None]
) -> None:
    run = make(2, done=1, failed=1, next_position=3)

    go_round()

    with organization_scope(run.organization_id):
        run.refresh_from_db()
        assert run.state == "finished"
    assert execute("select task_name, queue_name from procrastinate_jobs") == [("finish_run", "quick")]


@pytest.mark.parametrize("state", ["draft", "planning", "paused", "finished", "cancelled", "failed"])
def test_nothing_is_handed_out_of_a_run_that_does_not_run(
    make: Callable[..., Run], go_round: Callable[[], None], state: str
) -> None:
    run = make(10, lookups=1, state=state, reason="user" if state == "paused" else "")

    go_round()

    assert chunks(run) == []


def test_every_organization_is_tended(
    make: Callable[..., Run], go_round: Callable[[], None], other_organization: Organization
) -> None:
    mine, theirs = make(5), make(5, owner=other_organization)

    go_round()

    assert chunks(mine) == chunks(theirs) == [(1, 5)]


def test_what_goes_wrong_in_one_organization_stops_no_other(
    workers: None, make: Callable[..., Run], go_round: Callable[[], None], other_organization: Organization
) -> None:
    broken, well = make(1, lookups=1, reserved_micros=0), make(5, owner=other_organization)
    claim(broken, DEAD, 1, 1)  # gives back more than the run has reserved, which the database refuses

    go_round()  # its worker is buried
    execute("truncate procrastinate_jobs cascade")
    with organization_scope(well.organization_id):
        Run.objects.update(next_position=1)
    go_round()

    with organization_scope(broken.organization_id):
        assert Claim.objects.count() == 1, "or nothing went wrong"
    assert chunks(well) == [(1, 5)]


def test_a_job_that_cannot_be_taken_up_stops_no_other(
    workers: None, make: Callable[..., Run], go_round: Callable[[], None]
) -> None:
    run = make(5)
    dead = execute("select max(id) from procrastinate_workers")[0][0]
    for status, worker, name in (("todo", None, "one"), ("doing", dead, "one"), ("doing", dead, None)):
        execute(
            "insert into procrastinate_jobs (queue_name, task_name, status, worker_id, queueing_lock)"
            " values ('files', 'import_file', %s, %s, %s)",
            status,
            worker,
            name,
        )

    go_round()

    found = execute("select status::text from procrastinate_jobs where queue_name = 'files' order by id")
    assert found == [("todo",), ("doing",), ("todo",)]
    assert chunks(run) == [(1, 5)]


@pytest.mark.parametrize(("status", "state"), [("todo", "planning"), ("doing", "planning"), ("failed", "failed")])
def test_a_run_whose_plan_was_tried_for_the_last_time_has_failed(
    make: Callable[..., Run], go_round: Callable[[], None], status: str, state: str
) -> None:
    run = make(0, state="planning")
    execute(
        """
        insert into procrastinate_jobs (queue_name, task_name, status, args)
        values ('files', 'plan_run', %s, jsonb_build_object('organization_id', %s::bigint, 'run_id', %s::bigint))
        """,
        status,
        run.organization_id,
        run.pk,
    )

    go_round()

    with organization_scope(run.organization_id):
        run.refresh_from_db()
    assert (run.state, run.reason) == (state, "planning_failed" if state == "failed" else "")


def test_one_worker_at_a_time_does_it(make: Callable[..., Run], go_round: Callable[[], None]) -> None:
    import psycopg

    run = make(5)
    with psycopg.connect(**connection_parameters()) as other:
        other.execute("select pg_advisory_xact_lock(%s)", [upkeep._LOCK])
        go_round()
        assert chunks(run) == []

    go_round()
    assert chunks(run) == [(1, 5)]


def test_a_claim_that_holds_nothing_goes_when_it_is_old(
    workers: None, make: Callable[..., Run], go_round: Callable[[], None]
) -> None:
    run = make(2, lookups=2, reserved_micros=8_000)
    held, young, old = (
        claim(run, ALIVE, 1, 1),
        claim(run, ALIVE, 2, 2, asking=False),
        claim(run, ALIVE, 2, 2, asking=False),
    )
    with organization_scope(run.organization_id):
        execute("update claim set created_at = now() - interval '2 minutes' where id <> %s", young.pk)

    go_round()

    with organization_scope(run.organization_id):
        assert set(Claim.objects.all()) == {held, young}
        assert not Claim.objects.filter(pk=old.pk).exists()


def test_old_jobs_are_removed_and_waiting_ones_stay(
    run_in_queue: Callable[[Callable[[], Awaitable[None]]], None],
) -> None:
    for number, status in enumerate(("succeeded", "succeeded", "todo"), 1):
        execute(
            "insert into procrastinate_jobs (id, queue_name, task_name, status) values (%s, 'q', 't', %s)",
            number,
            status,
        )
        age = "2 days" if number != 2 else "1 hour"
        execute("update procrastinate_events set at = now() - %s::interval where job_id = %s", age, number)
        execute(
            "insert into procrastinate_events (job_id, type, at) values (%s, 'succeeded', now() - %s::interval)",
            number,
            age,
        )

    run_in_queue(remove_old_jobs)

    assert execute("select id from procrastinate_jobs order by id") == [(2,), (3,)]


@pytest.fixture
def run_in_queue() -> Iterator[Callable[[Callable[[], Awaitable[None]]], None]]:
    async def work(job: Callable[[], Awaitable[None]]) -> None:
        with app.replace_connector(PsycopgConnector(kwargs=connection_parameters(), min_size=1, max_size=1)):
            async with app.open_async():
                await job()

    yield lambda job: asyncio.run(work(job))


def claim(run: Run, worker: UUID, first: int, last: int, *, asking: bool = True, **fields: Any) -> Claim:
    """A claim of this worker, with the lookups of its range being asked for."""
    with organization_scope(run.organization_id):
        one = Claim.objects.create(
            organization_id=run.organization_id, run_id=run.pk, worker_id=worker, first=first, last=last
        )
        if asking:
            Lookup.objects.filter(position__range=(first, last)).update(
                state="asking", claim_id=one.pk, reserved_micros=8_000, attempts=1, asked_at=one.created_at, **fields
            )
        return one


def enqueue(run: Run, first: int, last: int, *, status: str = "todo", at: str = "null") -> None:
    """A chunk job of a run, as the chain of chunks would have left it."""
    execute(
        f"""
        insert into procrastinate_jobs (queue_name, task_name, status, scheduled_at, args)
        values ('lookups', 'process_lookups', %s, {at}, jsonb_build_object(
            'organization_id', %s::bigint, 'run_id', %s::bigint, 'first', %s::bigint, 'last', %s::bigint))
        """,
        status,
        run.organization_id,
        run.pk,
        first,
        last,
    )


def chunks(run: Run) -> list[tuple[int, int]]:
    """The ranges of a run that wait or are at work, in the order in which they were enqueued."""
    found = execute(
        """
        select (args ->> 'first')::bigint, (args ->> 'last')::bigint from procrastinate_jobs
        where task_name = 'process_lookups' and status in ('todo', 'doing')
            and (args ->> 'organization_id')::bigint = %s and (args ->> 'run_id')::bigint = %s
        order by id
        """,
        run.organization_id,
        run.pk,
    )
    return [(first, last) for first, last in found]


def execute(statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters or None)
        return list(cursor.fetchall()) if cursor.description else []
