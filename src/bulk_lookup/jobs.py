"""Procrastinate's tasks: one for each name in `queue.Job`, three lines each. The periodic ones stand at the end."""

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from bulk_lookup.queue import QUEUES, Job

# A job that raises is taken up again: the database was away, or a deploy cut it off. What is asked for stays asked for by the
# fencing of claims and by the state of the run, so asking again is always safe.
_AGAIN = RetryStrategy(max_attempts=20, wait=2, linear_wait=3)


@app.task(name=Job.IMPORT_FILE.value, queue=QUEUES[Job.IMPORT_FILE].value, retry=_AGAIN)
def import_file(organization_id: int, import_id: int) -> None:
    from bulk_lookup.engine.import_file import import_file as work
    from bulk_lookup.engine.import_stop import told_to_stop

    work(organization_id, import_id, should_stop=told_to_stop)


@app.task(name=Job.PLAN_RUN.value, queue=QUEUES[Job.PLAN_RUN].value, retry=_AGAIN)
def plan_run(organization_id: int, run_id: int) -> None:
    from bulk_lookup.engine.plan_run import plan_run as work

    work(organization_id, run_id)


@app.task(name=Job.PROCESS_LOOKUPS.value, queue=QUEUES[Job.PROCESS_LOOKUPS].value, retry=_AGAIN)
async def process_lookups(organization_id: int, run_id: int, first: int, last: int) -> None:
    from bulk_lookup.engine.process_lookups import process_lookups as work

    await work(organization_id, run_id, first, last)


@app.task(name=Job.FINISH_RUN.value, queue=QUEUES[Job.FINISH_RUN].value, retry=_AGAIN)
def finish_run(organization_id: int, run_id: int) -> None:
    from bulk_lookup.engine.finish_run import finish_run as work

    work(organization_id, run_id)


@app.task(name=Job.CHANGE_CONTACTS.value, queue=QUEUES[Job.CHANGE_CONTACTS].value, retry=_AGAIN)
def change_contacts(organization_id: int, change: str, parameters: dict[str, list[str]], region: str) -> None:
    from bulk_lookup.engine.change_contacts import change_contacts as work

    work(organization_id, change, parameters=parameters, region=region)


@app.task(name=Job.EXPORT_CONTACTS.value, queue=QUEUES[Job.EXPORT_CONTACTS].value, retry=_AGAIN)
def export_contacts(organization_id: int, export_id: int) -> None:
    from bulk_lookup.engine.export_contacts import export_contacts as work
    from bulk_lookup.engine.import_stop import told_to_stop

    work(organization_id, export_id, should_stop=told_to_stop)


@app.periodic(cron="17 3 * * *")
@app.task(name=Job.REMOVE_OLD_JOBS.value, queue=QUEUES[Job.REMOVE_OLD_JOBS].value, retry=_AGAIN)
async def remove_old_jobs(timestamp: int) -> None:
    from bulk_lookup.engine.upkeep import remove_old_jobs as work

    await work()


@app.periodic(cron="41 * * * *")
@app.task(name=Job.REMOVE_UPLOADS.value, queue=QUEUES[Job.REMOVE_UPLOADS].value, retry=_AGAIN)
def remove_uploads(timestamp: int) -> None:
    from bulk_lookup.engine.remove_uploads import remove_uploads as work

    work()


@app.periodic(cron="53 * * * *")
@app.task(name=Job.REMOVE_EXPORTS.value, queue=QUEUES[Job.REMOVE_EXPORTS].value, retry=_AGAIN)
def remove_exports(timestamp: int) -> None:
    from bulk_lookup.engine.remove_exports import remove_exports as work

    work()
