"""Another cap for a run that is not over."""

from django.db import connection
from django.utils import timezone

from bulk_lookup.models import Run, RunMoved

_OPEN = (Run.State.DRAFT, Run.State.PLANNING, Run.State.RUNNING, Run.State.PAUSED)


class CapTooLow(ValueError):
    """The cap is below what the run has spent or may have spent; the message is a sentence."""


def change_cap(run: Run, *, cap_micros: int) -> None:
    """Give a run another cap, in micro-units; it holds from the next claim on. Call it inside the scope.

    A run that the old cap has paused stays paused: `run.resume` lets it go on. Raises CapTooLow, and RunMoved where the run is
    over.
    """
    now = Run.objects.select_for_update().get(pk=run.pk)
    if now.state not in _OPEN:
        raise RunMoved(f"The run is {now.state}, so it needs no other cap.")
    if cap_micros < now.spent_micros + now.reserved_micros:
        raise CapTooLow("The run has spent more than that already, with what is in flight.")
    Run.objects.filter(pk=run.pk).update(cap_micros=cap_micros, updated_at=timezone.now())
    run.refresh_from_db()
    with connection.cursor() as cursor:
        cursor.execute("select pg_notify('run_changed', %s)", [f"{run.organization_id}:{run.pk}"])
