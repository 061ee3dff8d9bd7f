"""What follows the end of a run, in a fixed order of cases."""

import structlog
from django.db import connection

from bulk_lookup.models import Run
from bulk_lookup.models.scope import organization_scope

log = structlog.get_logger()


def finish_run(organization_id: int, run_id: int) -> None:
    """Tell whoever listens that the run has ended; doing it twice is harmless."""
    with organization_scope(organization_id):
        run = Run.objects.get(id=run_id)
        if not run.over:
            return  # it was opened again by retry_failed
        with connection.cursor() as cursor:
            cursor.execute("select pg_notify('run_changed', %s)", [f"{organization_id}:{run_id}"])
    log.info("The run has ended", action="run_ended", run_id=run_id, state=run.state, done=run.done, failed=run.failed)
