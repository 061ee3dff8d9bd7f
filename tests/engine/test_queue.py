"""Jobs are enqueued in the transaction that causes them, in the web process and inside workers, from sync and async code."""

import asyncio
import inspect
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from procrastinate import PsycopgConnector, exceptions
from procrastinate.contrib.django import app as django_app
from procrastinate.worker import Worker

from bulk_lookup.engine.database import connection_parameters, open_pool
from bulk_lookup.models import ContactList, Organization
from bulk_lookup.models.scope import async_organization_scope, organization_scope
from bulk_lookup.queue import QUEUES, Job, Queue, adefer, defer

TEST_QUEUE = "tests"


def jobs() -> list[tuple[str, str, dict[str, Any]]]:
    """What is enqueued: name, queue and arguments, without the tests' own jobs and those that the clock has caused."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select task_name, queue_name, args::text::json from procrastinate_jobs
            where queue_name <> %s and not args ? 'timestamp' order by id
            """,
            [TEST_QUEUE],
        )
        return list(cursor.fetchall())


@pytest.fixture
def app() -> Any:
    """Procrastinate's app as workers have it, with all our tasks."""
    django_app.perform_import_paths()  # type: ignore[no-untyped-call]
    return django_app


class TestNames:
    def test_every_name_is_registered_and_nothing_else(self, app: Any) -> None:
        ours = {name for name, task in app.tasks.items() if task.func.__module__ == "bulk_lookup.jobs"}

        assert ours == {job.value for job in Job}

    @pytest.mark.parametrize("job", list(Job))
    def test_each_job_waits_in_its_own_queue_and_says_how_it_is_tried_again(self, app: Any, job: Job) -> None:
        task = app.tasks[job.value]

        assert task.queue == QUEUES[job].value
        assert task.retry_strategy is not None
        assert task.retry_strategy.max_attempts, "none means without end"

    @pytest.mark.parametrize("job", list(Job))
    def test_the_organization_is_the_first_argument(self, app: Any, job: Job) -> None:
        task = app.tasks[job.value]
        periodic = {one.task.name for one in app.periodic_registry.periodic_tasks.values()}
        first = next(iter(inspect.signature(task.func).parameters))

        # What the clock causes is for all organizations; it is told the time instead.
        assert first == ("timestamp" if job.value in periodic else "organization_id")

    def test_no_job_uses_the_processor_where_lookups_are_asked(self, app: Any) -> None:
        """A function that is not asynchronous would run in a thread beside the loop and slow it 77 times."""
        asking = [job for job, queue in QUEUES.items() if queue is Queue.LOOKUPS]

        assert asking
        assert all(inspect.iscoroutinefunction(app.tasks[job.value].func) for job in asking)

    def test_every_job_has_a_queue(self) -> None:
        assert set(QUEUES) == set(Job)

    @pytest.mark.django_db
    def test_an_unknown_name_is_refused(self) -> None:
        with pytest.raises((KeyError, AttributeError)):
            defer("proces_lookups", 1)  # type: ignore[arg-type]
        assert jobs() == []

    @pytest.mark.django_db(transaction=True)
    async def test_an_unknown_name_is_refused_in_asynchronous_code_too(self, app: Any) -> None:
        removed = app.tasks.pop(Job.FINISH_RUN.value)
        try:
            async with open_pool(size=1) as pool, pool.connection() as open_connection:
                with pytest.raises((KeyError, AttributeError)):
                    await adefer(open_connection, "proces_lookups", 1)  # type: ignore[arg-type]
                with pytest.raises(exceptions.TaskNotFound):
                    await adefer(open_connection, Job.FINISH_RUN, 1, run_id=1)
        finally:
            app.tasks[Job.FINISH_RUN.value] = removed


@pytest.mark.django_db(transaction=True)
class TestTransactions:
    def test_a_job_is_there_when_its_transaction_is_committed(self, organization: Organization) -> None:
        with organization_scope(organization.pk):
            defer(Job.FINISH_RUN, organization.pk, run_id=7)

        assert jobs() == [("finish_run", "quick", {"run_id": 7, "organization_id": organization.pk})]

    def test_a_job_goes_with_its_transaction(self, organization: Organization) -> None:
        with pytest.raises(ZeroDivisionError), organization_scope(organization.pk):
            defer(Job.FINISH_RUN, organization.pk, run_id=7)
            raise ZeroDivisionError

        assert jobs() == []

    def test_a_job_that_waits_already_is_not_added_and_poisons_nothing(self, organization: Organization) -> None:
        with organization_scope(organization.pk):
            for _ in range(3):
                defer(Job.PLAN_RUN, organization.pk, queueing_lock="once", run_id=7)
            ContactList.objects.create(organization=organization, name="stored in the same transaction")

        assert len(jobs()) == 1
        with organization_scope(organization.pk):
            assert ContactList.objects.count() == 1

    def test_the_lock_of_one_job_holds_no_other_up(self, organization: Organization) -> None:
        with organization_scope(organization.pk):
            defer(Job.PLAN_RUN, organization.pk, queueing_lock="one", run_id=7)
            defer(Job.PLAN_RUN, organization.pk, queueing_lock="other", run_id=8)
            defer(Job.PLAN_RUN, organization.pk, run_id=9)
            defer(Job.PLAN_RUN, organization.pk, run_id=9)

        assert [arguments["run_id"] for _, _, arguments in jobs()] == [7, 8, 9, 9]

    async def test_asynchronous_code_enqueues_on_the_connection_that_it_holds(
        self, app: Any, organization: Organization
    ) -> None:
        later = datetime.now(UTC) + timedelta(hours=1)
        with app.replace_connector(PsycopgConnector()):  # never opened: what counts is the connection at hand
            async with open_pool(size=2) as pool:
                async with async_organization_scope(pool, organization.pk) as held:
                    await adefer(held, Job.PROCESS_LOOKUPS, organization.pk, at=later, run_id=7, first=1, last=2)
                    async with pool.connection() as other:
                        assert await _waiting(other) == []
                with pytest.raises(ZeroDivisionError):
                    async with async_organization_scope(pool, organization.pk) as held:
                        await adefer(held, Job.FINISH_RUN, organization.pk, run_id=8)
                        raise ZeroDivisionError
                async with pool.connection() as other:
                    assert await _waiting(other) == [("process_lookups", "lookups", later)]


@pytest.mark.django_db(transaction=True)
class TestInsideAWorker:
    """A worker replaces the app's connector for its whole process: what holds outside proves nothing about inside."""

    @pytest.fixture
    def work(self, app: Any) -> Iterator[Callable[[Callable[[], Any]], str]]:
        """Let a worker, opened as ours are, do one job with this body; returns what became of the job."""
        names: list[str] = []

        def work(body: Callable[[], Any]) -> str:
            name = f"test_{len(names)}"
            app.task(name=name, queue=TEST_QUEUE)(body)
            names.append(name)
            app.configure_task(name, queue=TEST_QUEUE).defer()
            connection.close()
            asyncio.run(_one_worker(app))
            with connection.cursor() as cursor:
                cursor.execute("select status::text from procrastinate_jobs where task_name = %s", [name])
                return str(cursor.fetchone()[0])

        yield work
        for name in names:
            del app.tasks[name]

    def test_a_job_goes_with_its_transaction(self, organization: Organization, work: Callable[..., str]) -> None:
        def body() -> None:
            with _closing(), organization_scope(organization.pk):
                defer(Job.FINISH_RUN, organization.pk, run_id=7)
                raise ZeroDivisionError

        assert work(body) == "failed"

        assert jobs() == []

    def test_a_job_is_there_when_its_transaction_is_committed(
        self, organization: Organization, work: Callable[..., str]
    ) -> None:
        def body() -> None:
            with _closing(), organization_scope(organization.pk):
                defer(Job.FINISH_RUN, organization.pk, run_id=7)

        assert work(body) == "succeeded"

        assert [name for name, *_ in jobs()] == ["finish_run"]

    def test_a_job_goes_with_the_transaction_of_asynchronous_code(
        self, organization: Organization, work: Callable[..., str]
    ) -> None:
        async def body() -> None:
            async with open_pool(size=1) as pool, async_organization_scope(pool, organization.pk) as held:
                await adefer(held, Job.FINISH_RUN, organization.pk, run_id=7)
                raise ZeroDivisionError

        assert work(body) == "failed"

        assert jobs() == []

    def test_a_job_of_asynchronous_code_is_there_when_its_transaction_is_committed(
        self, organization: Organization, work: Callable[..., str]
    ) -> None:
        async def body() -> None:
            async with open_pool(size=1) as pool, async_organization_scope(pool, organization.pk) as held:
                await adefer(held, Job.FINISH_RUN, organization.pk, run_id=7)

        assert work(body) == "succeeded"

        assert [name for name, *_ in jobs()] == ["finish_run"]

    def test_the_librarys_own_way_would_leave_the_job_behind(
        self, app: Any, organization: Organization, work: Callable[..., str]
    ) -> None:
        """The trap that the tests above would fall into; where this fails, they prove nothing any more."""

        def body() -> None:
            with _closing(), transaction.atomic():
                app.configure_task(Job.FINISH_RUN.value, queue="quick").defer(organization_id=organization.pk, run_id=7)
                raise ZeroDivisionError

        assert work(body) == "failed"

        assert [name for name, *_ in jobs()] == ["finish_run"]


async def _one_worker(app: Any) -> None:
    """A worker of the tests' queue, on a connector of its own as `engine/worker_child.py` gives it, until nothing is left."""
    with app.replace_connector(PsycopgConnector(kwargs=connection_parameters(), min_size=1, max_size=2)):
        async with app.open_async():
            worker = Worker(
                app, queues=[TEST_QUEUE], wait=False, listen_notify=False, install_signal_handlers=False, name="test"
            )
            await worker.run()  # type: ignore[no-untyped-call]


class _closing:
    """A worker runs what is not asynchronous in a thread, whose connection of Django's ends with it."""

    def __enter__(self) -> None: ...

    def __exit__(self, *_: object) -> None:
        connection.close()


async def _waiting(other: Any) -> list[tuple[Any, ...]]:
    cursor = await other.execute("select task_name, queue_name, scheduled_at from procrastinate_jobs")
    return list(await cursor.fetchall())
