"""What is raised when the database goes is known as such, whoever was talking to it."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress

import psycopg
import pytest
from django.db import connection
from procrastinate import PsycopgConnector
from procrastinate.contrib.django import app

from bulk_lookup.engine.database import AWAY, connection_parameters, open_pool
from bulk_lookup.models import Organization
from bulk_lookup.queue import Job, adefer

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def in_a_worker() -> Iterator[None]:
    """The queue's connector is a worker's."""
    with app.replace_connector(PsycopgConnector(kwargs=connection_parameters())):
        yield


def test_a_connection_that_ends_while_a_job_is_enqueued_is_waited_for(
    organization: Organization, in_a_worker: None
) -> None:
    """The queue's library raises an error of its own, and what stores answers would take it for a defect."""

    async def work() -> None:
        async with open_pool(size=1) as pool, pool.connection() as cut:
            with psycopg.connect(**connection_parameters()) as other:
                other.execute("select pg_terminate_backend(%s)", [cut.info.backend_pid])
            with suppress(*AWAY):
                await adefer(cut, Job.FINISH_RUN, organization.pk, run_id=1)
                raise AssertionError("a job was enqueued on a connection that had ended")

    asyncio.run(work())

    with connection.cursor() as cursor:
        cursor.execute("select count(*) from procrastinate_jobs")
        assert cursor.fetchone() == (0,)
