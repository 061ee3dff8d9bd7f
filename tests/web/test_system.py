"""The operator's page: workers, queues, jobs in trouble, the database, allowances; for staff alone."""

import asyncio
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from web_types import ClientOf

from bulk_lookup.core.allowance import Allowance
from bulk_lookup.core.renewal import ACCOUNT, AccountRow
from bulk_lookup.engine.database import open_pool
from bulk_lookup.engine.note_failure import in_a_line, note_failures
from bulk_lookup.models import AccountAllowance, JobFailure, Organization, Worker
from bulk_lookup.queue import Job, defer

pytestmark = pytest.mark.django_db


def sql(text: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(text, values)


def make_job(status: str = "todo", *, lock: str | None = None) -> int:
    """A job that plans run 7; one that is being done is in the hands of a worker without a sign of life."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            insert into procrastinate_jobs (queue_name, task_name, args, status, attempts, queueing_lock)
            values ('files', 'plan_run', '{"organization_id": 1, "run_id": 7}', %s, 3, %s) returning id
            """,
            [status, lock],
        )
        row = cursor.fetchone()
    assert row is not None
    return int(row[0])


def status_of(job_id: int) -> str:
    with connection.cursor() as cursor:
        cursor.execute("select status::text from procrastinate_jobs where id = %s", [job_id])
        row = cursor.fetchone()
    assert row is not None
    return str(row[0])


@pytest.fixture
def operator(client_of: ClientOf) -> Client:
    return client_of("owner", staff=True)


def page_of(client: Client) -> str:
    return client.get("/system").content.decode().split("<main", 1)[1]


def test_an_installation_at_rest_says_so(operator: Client) -> None:
    page = page_of(operator)

    for words in ("No worker is alive", "No job is in trouble.", "Nothing was asked yet.", "of memory"):
        assert words in page, words


def test_workers_say_whether_they_live_and_what_they_do(operator: Client) -> None:
    now = timezone.now()
    for kind, seen_at in (("files", now), ("quick", now - timezone.timedelta(minutes=5))):  # type: ignore[attr-defined]
        Worker.objects.create(id=uuid4(), kind=kind, host="box", pid=41, seen_at=seen_at)
    make_job("doing")

    page = page_of(operator)

    for words in (
        "1 job of its queue being done",
        "taken up by another",
        "Alive",
        "No sign of life",
        "box, process 41",
    ):
        assert words in page, words


def test_queues_say_how_much_waits_and_how_long(operator: Client, organization: Organization) -> None:
    defer(Job.PLAN_RUN, organization.pk, run_id=7)
    sql("update procrastinate_events set at = now() - interval '90 s'")

    assert "1\N{NO-BREAK SPACE}min 30\N{NO-BREAK SPACE}s" in page_of(operator)


def test_a_failed_job_says_why_and_is_retried(operator: Client) -> None:
    job_id = make_job("failed")
    JobFailure.objects.create(job_id=job_id, error="ValueError: <b>no such column</b>", at=timezone.now())
    page = page_of(operator)
    assert "ValueError: &lt;b&gt;no such column&lt;/b&gt;" in page and "run 7" in page

    answer = operator.post(f"/system/jobs/{job_id}/retry")

    assert (answer.status_code, answer["Location"]) == (302, "/system")
    assert status_of(job_id) == "todo"


def test_a_stalled_job_is_retried(operator: Client) -> None:
    job_id = make_job("doing")
    assert "Stalled" in page_of(operator)

    operator.post(f"/system/jobs/{job_id}/retry")

    assert status_of(job_id) == "todo"


@pytest.mark.parametrize("status", ["todo", "succeeded"])
def test_what_is_not_in_trouble_is_not_retried(operator: Client, status: str) -> None:
    job_id = make_job(status)

    assert operator.post(f"/system/jobs/{job_id}/retry").status_code == 404
    assert operator.post("/system/jobs/999999/retry").status_code == 404
    assert status_of(job_id) == status


def test_a_job_whose_like_waits_already_stays_failed(operator: Client) -> None:
    make_job("todo", lock="once")
    job_id = make_job("failed", lock="once")

    answer = operator.post(f"/system/jobs/{job_id}/retry", follow=True)

    assert "waits already" in answer.content.decode() and status_of(job_id) == "failed"


def test_allowances_are_those_that_were_measured(operator: Client) -> None:
    row = AccountRow(allowances={ACCOUNT: Allowance(limit=52)})
    AccountAllowance.objects.create(account_key="ab12cd34" * 4, state=row.as_json(), foreign_in_flight=14)

    page = page_of(operator)

    assert "0 ours, 14 others, limit 52" in page and "ab12cd34…" in page and "ab12cd34ab" not in page


def test_the_refreshed_part_is_the_same_without_the_frame(operator: Client) -> None:
    part = operator.get("/system", headers={"HX-Request": "true"}).content.decode()

    assert 'id="system"' in part and "<html" not in part


def test_it_is_for_staff_alone(client: Client, client_of: ClientOf) -> None:
    job_id = make_job("failed")

    assert client.get("/system").status_code == 302
    for role in ("viewer", "operator", "admin", "owner"):
        assert client_of(role).get("/system").status_code == 403
        assert client_of(role).post(f"/system/jobs/{job_id}/retry").status_code == 403
    assert status_of(job_id) == "failed"


def test_it_is_read_by_a_get_and_retried_by_a_post(operator: Client) -> None:
    assert operator.post("/system").status_code == 405
    assert operator.get(f"/system/jobs/{make_job('failed')}/retry").status_code == 405


def test_it_asks_the_database_as_often_for_many_as_for_few(
    operator: Client, django_assert_max_num_queries: object
) -> None:
    for number in range(20):
        make_job("failed")
        Worker.objects.create(id=uuid4(), kind="files", host="box", pid=number, seen_at=timezone.now())
        AccountAllowance.objects.create(account_key=f"{number:032x}", state=AccountRow().as_json())

    with django_assert_max_num_queries(20):  # type: ignore[operator]
        operator.get("/system")


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (ValueError("no such column"), "ValueError: no such column"),
        (ValueError(""), "ValueError"),
        (KeyError("+14155550123"), "KeyError: '…'"),
        (ValueError("first (415) 555-0123 line\nsecond"), "ValueError: first (… line"),
    ],
)
def test_an_error_is_one_line_without_a_phone_number(error: Exception, line: str) -> None:
    assert in_a_line(error) == line


@pytest.mark.django_db(transaction=True)
def test_a_job_that_raises_leaves_its_error_and_fails_all_the_same() -> None:
    from procrastinate.contrib.django import app
    from procrastinate.job_context import JobContext
    from procrastinate.jobs import Job as QueuedJob
    from procrastinate.worker import Worker as QueueWorker

    job_id = make_job("doing")
    queued = QueuedJob(id=job_id, queue="files", lock=None, queueing_lock=None, task_name="plan_run")

    async def fail() -> None:
        raise ValueError("no such column")

    async def work() -> None:
        async with open_pool(size=1) as pool:
            context = JobContext(app=app, job=queued, start_timestamp=0.0, abort_reason=lambda: None)
            with pytest.raises(ValueError, match="no such column"):
                await note_failures(pool)(fail, context, QueueWorker(app))

    asyncio.run(work())

    assert JobFailure.objects.get(job_id=job_id).error == "ValueError: no such column"
