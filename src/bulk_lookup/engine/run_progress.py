"""How a run goes at this moment: its speed, when it will end, what is in flight and what slows it.

Nothing of it is stored. Speed is measured between two looks at the run's counters, remembered by the process that looks; the
first look reads the last minute from the receipts. So every process may be asked at any time, and knows at once.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import connection
from django.db.models import Count
from django.db.models.functions import TruncSecond

from bulk_lookup.core import progress as rules
from bulk_lookup.core.progress import Band, Slowdown, Track
from bulk_lookup.core.renewal import ACCOUNT, AccountRow, WorkerRow
from bulk_lookup.core.retry import PauseReason
from bulk_lookup.core.shares import SHARE_LIFE
from bulk_lookup.models import AccountAllowance, AllowanceShare, Lookup, ProviderAccount, Run, Worker
from bulk_lookup.models.run import CHUNK_SIZE, WINDOW
from bulk_lookup.queue import Job, Queue

LOOK_BACK = timedelta(seconds=60)
POSITIONS_BACK = 20_000
"""How much of a run's end is read for its speed: so many receipts, by the primary key, and so long."""
FORGOTTEN_AFTER = 30.0
"""Seconds without a look after which a run is measured anew: it may have been paused meanwhile."""
MEASURED_AFTER = 2.0
"""Seconds of observation before a speed is told."""
MOST_REMEMBERED = 500
ALIVE = timedelta(seconds=20)
"""A worker without a sign of life for longer is taken for dead."""
SAMPLE = 2_000 + WINDOW * CHUNK_SIZE
"""The receipts that tell how long the provider takes: the last ones, and those that are handed out."""

_WORST_FIRST = (
    Slowdown.PROVIDER_DOWN,
    Slowdown.PROVIDER_SLOW,
    Slowdown.PACKAGE_LIMIT,
    Slowdown.ACCOUNT_LIMIT,
    Slowdown.OWN_CEILING,
)


@dataclass(frozen=True, slots=True)
class AccountUse:
    """Requests in flight on the run's account: `ours` of all its runs, `others` of programs that are not ours.

    `limit` is what the provider was found to accept at once, None before that was measured; it is never more than our own
    `ceiling`.
    """

    ours: int
    others: int
    ceiling: int
    limit: int | None = None
    measured_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RunProgress:
    """What a page shows of a run beside its own counters.

    `asking` are its numbers in flight. `rate` is per second, None before it was measured; `rates` the same from then to now,
    in parts of equal length. `latency_ms` is p50, p95 and p99 of the latest answers. `last_retry_in` are the seconds until the
    last repeat that already waits.
    """

    asking: int = 0
    rate: float | None = None
    rates: tuple[float, ...] = ()
    eta: Band | None = None
    account: AccountUse | None = None
    slowed_by: Slowdown = Slowdown.NOTHING
    latency_ms: tuple[float, float, float] | None = None
    last_retry_in: float = 0.0


class Tracks:
    """What this process has seen of the runs that somebody looks at."""

    def __init__(self) -> None:
        self._tracks: dict[tuple[int, int], Track] = {}
        self._turn = threading.Lock()

    def observe(self, run: Run, now: datetime) -> Track:
        """Note how much of a running run is done, and give back all that is known of its course."""
        key, at = (run.organization_id, run.pk), now.timestamp()
        with self._turn:
            known = self._tracks.pop(key, None)
        if known is None or at - known.at > FORGOTTEN_AFTER or run.settled < known.done:
            known = _last_minute(run, now)
        track = rules.observe(known, at, run.settled)
        with self._turn:
            self._tracks[key] = track  # last in order: the one that was looked at longest ago is the first to go
            while len(self._tracks) > MOST_REMEMBERED:
                del self._tracks[next(iter(self._tracks))]
        return track

    def forget(self, run: Run) -> None:
        """Begin anew with the next look: the run stands still."""
        with self._turn:
            self._tracks.pop((run.organization_id, run.pk), None)


TRACKS = Tracks()
"""The process's own."""


def run_progress(run: Run, *, now: datetime, tracks: Tracks = TRACKS) -> RunProgress:
    """How a run goes; call it inside the organization's scope. `now` is the database's time, or near it."""
    if run.state != Run.State.RUNNING:
        tracks.forget(run)
        return RunProgress(
            asking=_asking(run) if run.reserved_micros or run.state == Run.State.PAUSED else 0,
            slowed_by=_standing(run, now),
            latency_ms=_latency(run),
        )
    track = tracks.observe(run, now)
    use, slowed_by = _account(run, now)
    last_retry_in = _last_retry_in(run)
    seen = track.elapsed >= MEASURED_AFTER
    stands = slowed_by in (Slowdown.NO_WORKER, Slowdown.PROVIDER_DOWN)
    left = run.numbers - run.settled
    asking = _asking(run)
    return RunProgress(
        asking=asking if use is None else min(asking, max(use.ours, 1)),
        rate=track.rate if seen else None,
        rates=tuple(slot / track.width for slot in track.slots[:-1]),
        eta=rules.eta(track, left, retried=run.unknown_micros > 0, last_retry_in=last_retry_in)
        if seen and not stands
        else None,
        account=use,
        slowed_by=slowed_by,
        latency_ms=_latency(run),
        last_retry_in=last_retry_in,
    )


def worst(slowdowns: Sequence[str]) -> Slowdown:
    """Of what slows several workers, that which slows the run most."""
    return next((one for one in _WORST_FIRST if one in slowdowns), Slowdown.NOTHING)


def _last_minute(run: Run, now: datetime) -> Track:
    """The run's course as its latest receipts tell it."""
    counts = (
        Lookup.objects.filter(
            run_id=run.pk,
            position__gte=run.next_position - POSITIONS_BACK,
            position__lt=run.next_position,
            answered_at__gt=now - LOOK_BACK,
            answered_at__lte=now,
            state__in=[Lookup.State.DONE, Lookup.State.FAILED, Lookup.State.SKIPPED],
        )
        .annotate(second=TruncSecond("answered_at"))
        .values_list("second")
        .annotate(Count("position"))
        .order_by("second")
    )
    # The first second was cut off somewhere, and the last one goes on: the next look counts it.
    seconds = [(second.timestamp(), count) for second, count in counts][1:]
    whole = [one for one in seconds if one[0] < now.timestamp() - 1.0]
    if not whole:
        return rules.begin(now.timestamp(), run.settled)
    done = run.settled - sum(count for _, count in seconds)
    track = rules.begin(whole[0][0], done)
    for second, count in whole:
        done += count
        track = rules.observe(track, second + 1.0, done)
    return track


def _standing(run: Run, now: datetime) -> Slowdown:
    """Why a run that does not run stands still, where the cause is in the closed list."""
    if run.state == Run.State.PAUSED:
        return {PauseReason.CAP.value: Slowdown.CAP, PauseReason.BUDGET.value: Slowdown.BUDGET}.get(
            run.reason, Slowdown.NOTHING
        )
    waits = run.state == Run.State.PLANNING and not _is_alive(Queue.FILES, now)
    return Slowdown.NO_WORKER if waits else Slowdown.NOTHING


def _is_alive(queue: Queue, now: datetime) -> bool:
    return Worker.objects.filter(kind=queue.value, seen_at__gt=now - ALIVE).exists()


def _account(run: Run, now: datetime) -> tuple[AccountUse | None, Slowdown]:
    """What is in flight on the run's account, and what slows the workers that ask there."""
    account = ProviderAccount.objects.filter(pk=run.provider_account_id).only("account_key", "ceiling").first()
    if not _is_alive(Queue.LOOKUPS, now) or account is None:
        return None, Slowdown.NO_WORKER
    fresh = now - timedelta(seconds=SHARE_LIFE)
    kept = AccountAllowance.objects.filter(account_key=account.account_key, updated_at__gt=fresh).first()
    if kept is None:
        return None, Slowdown.NOTHING  # its worker has just begun
    shares = list(AllowanceShare.objects.filter(account_key=account.account_key, seen_at__gt=fresh))
    rows = [WorkerRow.from_json(str(one.worker_id), one.seen_at.timestamp(), one.state) for one in shares]
    allowance = AccountRow.from_json(kept.state).allowances[ACCOUNT]
    return AccountUse(
        ours=sum(row.shares[ACCOUNT].peak for row in rows if ACCOUNT in row.shares),
        others=kept.foreign_in_flight,
        ceiling=allowance.ceiling,
        limit=allowance.limit if allowance.moved_at else None,
        measured_at=datetime.fromtimestamp(allowance.moved_at, UTC) if allowance.moved_at else None,
    ), worst([one.slowed_by for one in shares])


def _asking(run: Run) -> int:
    return Lookup.objects.being_asked().filter(run_id=run.pk).count()


def _last_retry_in(run: Run) -> float:
    """Repeats that wait for their time are jobs of that time."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select extract(epoch from max(scheduled_at) - clock_timestamp())::float8
            from procrastinate_jobs
            where status = 'todo' and task_name = %s and scheduled_at > clock_timestamp()
                and (args ->> 'organization_id')::bigint = %s and (args ->> 'run_id')::bigint = %s
            """,
            [Job.PROCESS_LOOKUPS.value, run.organization_id, run.pk],
        )
        row = cursor.fetchone()
    return float(row[0]) if row and row[0] is not None else 0.0


def _latency(run: Run) -> tuple[float, float, float] | None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select percentile_cont(array[0.5, 0.95, 0.99]) within group (order by response_time_ms)
            from lookup
            where organization_id = %(organization_id)s and run_id = %(run_id)s
                and position >= %(end)s - %(sample)s and position < %(end)s and response_time_ms is not null
            """,
            {"organization_id": run.organization_id, "run_id": run.pk, "end": run.next_position, "sample": SAMPLE},
        )
        row = cursor.fetchone()
    return (float(row[0][0]), float(row[0][1]), float(row[0][2])) if row and row[0] else None
