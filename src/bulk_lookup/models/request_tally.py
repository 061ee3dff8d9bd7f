"""How often somebody has asked lately, shared by all web processes. Part of the directory.

The table is unlogged: a write waits for no disk, and what a crash empties is a minute of counting.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import connection, models

# One statement, so that requests of one key in many processes take turns at its row: each sees what the one before it
# wrote. A request that is refused writes nothing, so whoever goes on knocking does not move the end of the wait.
_HIT = """
    insert into request_tally as kept (key, moments, stale_at)
    values (%(key)s, array[%(now)s]::float8[], %(now)s + %(seconds)s)
    on conflict (key) do update set
        moments = array(select moment from unnest(kept.moments) as moment where moment > %(now)s - %(seconds)s)
            || %(now)s::float8,
        stale_at = %(now)s + %(seconds)s
    where (select count(*) from unnest(kept.moments) as moment where moment > %(now)s - %(seconds)s) < %(count)s
    returning true
"""

_WAIT = """
    select min(moment) + %(seconds)s - %(now)s from request_tally, unnest(moments) as moment
    where key = %(key)s and moment > %(now)s - %(seconds)s
"""


class RequestTally(models.Model):
    """The moments of the requests that were let through, in seconds since 1970."""

    key = models.TextField(primary_key=True)
    moments = ArrayField(models.FloatField())
    stale_at = models.FloatField()

    class Meta:
        db_table = "request_tally"


def hit(key: str, *, count: int, seconds: float, now: float) -> float:
    """Let one more request through if fewer than `count` were in the last `seconds`; the seconds to wait, else 0."""
    values: dict[str, str | int | float] = {"key": key, "count": count, "seconds": seconds, "now": now}
    with connection.cursor() as cursor:
        cursor.execute(_HIT, values)
        if cursor.fetchone() is not None:
            return 0.0
        cursor.execute(_WAIT, values)
        row = cursor.fetchone()
    # Between the two statements the row may have been forgotten: then there is nothing to wait for but the next try.
    return max(float(row[0]), 0.001) if row is not None and row[0] is not None else 0.001


def forget(key: str) -> None:
    """Begin to count anew."""
    RequestTally.objects.filter(key=key).delete()


def forget_stale(now: float) -> None:
    """Remove the tallies that count nothing any more."""
    RequestTally.objects.filter(stale_at__lt=now).delete()
