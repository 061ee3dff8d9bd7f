"""What asking again for the failed packages of a run would cost at most."""

from dataclasses import dataclass

from django.db import connection

from bulk_lookup.models import Run
from bulk_lookup.models.queries import query


@dataclass(frozen=True, slots=True)
class RetryQuote:
    """So many numbers would be asked again, for so much in micro-units."""

    numbers: int
    cost_micros: int


def quote_retry(run: Run) -> RetryQuote:
    """The quote of `run.retry_failed`; call it inside the scope."""
    with connection.cursor() as cursor:
        cursor.execute(query("quote_retry"), {"organization_id": run.organization_id, "run_id": run.pk})
        row = cursor.fetchone()
    assert row is not None
    return RetryQuote(numbers=row[0], cost_micros=int(row[1]))
