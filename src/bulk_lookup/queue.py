"""The names of all jobs, the queue of each, and the only way to defer one.

A job is deferred in the transaction that causes it: from synchronous code on Django's connection, from the engine's
asynchronous code on the connection that it holds. `task.defer()` is never used: inside a worker it writes through a
connection of Procrastinate's own, so a rolled-back transaction would leave its job behind.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any

import procrastinate
import psycopg
from django.db import transaction
from procrastinate import tasks
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.manager import JobManager
from psycopg import AsyncConnection


class Queue(StrEnum):
    """By how long a job may wait, and by what it does to its process."""

    QUICK = "quick"  # webhooks, mail, checks
    FILES = "files"  # imports, plans, exports: they use the processor
    LOOKUPS = "lookups"  # asyncio only


class Job(StrEnum):
    """Every job of the product; jobs.py registers one task for each."""

    IMPORT_FILE = "import_file"
    PLAN_RUN = "plan_run"
    PROCESS_LOOKUPS = "process_lookups"
    FINISH_RUN = "finish_run"
    CHANGE_CONTACTS = "change_contacts"
    EXPORT_CONTACTS = "export_contacts"
    REMOVE_OLD_JOBS = "remove_old_jobs"
    REMOVE_UPLOADS = "remove_uploads"
    REMOVE_EXPORTS = "remove_exports"


QUEUES: dict[Job, Queue] = {
    Job.IMPORT_FILE: Queue.FILES,
    Job.PLAN_RUN: Queue.FILES,
    Job.PROCESS_LOOKUPS: Queue.LOOKUPS,
    Job.FINISH_RUN: Queue.QUICK,
    Job.CHANGE_CONTACTS: Queue.FILES,
    Job.EXPORT_CONTACTS: Queue.FILES,
    Job.REMOVE_OLD_JOBS: Queue.QUICK,
    Job.REMOVE_UPLOADS: Queue.QUICK,
    Job.REMOVE_EXPORTS: Queue.QUICK,
}

# Never app.job_manager: a worker replaces the app's connector for its whole process.
_django_jobs = JobManager(DjangoConnector())


def defer(job: Job, organization_id: int, /, *, queueing_lock: str | None = None, **arguments: Any) -> None:
    """Enqueue `job` in the present transaction (call it inside an organization scope).

    With a `queueing_lock` a second waiting job of that name is not added.
    """
    try:
        with transaction.atomic():  # a savepoint: AlreadyEnqueued must not poison the caller's transaction
            tasks.configure_task(
                name=job.value,
                job_manager=_django_jobs,
                queue=QUEUES[job].value,
                queueing_lock=queueing_lock,
                task_kwargs={"organization_id": organization_id, **arguments},
            ).defer()
    except procrastinate.exceptions.AlreadyEnqueued:
        if queueing_lock is None:
            raise


async def adefer(
    connection: AsyncConnection[Any], job: Job, organization_id: int, /, *, at: datetime | None = None, **arguments: Any
) -> None:
    """The same on an open asynchronous connection, in its transaction; `at` (aware) is the earliest time.

    Raises psycopg's own errors, as the statements around it do: whoever waits for an absent database knows them.
    """
    task = app.configure_task(
        job.value, allow_unknown=False, connection=connection, queue=QUEUES[job].value, schedule_at=at
    )
    try:
        await task.defer_async(organization_id=organization_id, **arguments)
    except procrastinate.exceptions.ConnectorException as error:
        if isinstance(error.__cause__, psycopg.Error):
            raise error.__cause__ from None
        raise
