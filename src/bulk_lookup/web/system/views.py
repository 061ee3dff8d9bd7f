"""The operator's page: workers, queues, jobs in trouble, the database, allowances, memory. It names no organization's rows."""

import os
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from bulk_lookup.core.renewal import ACCOUNT, AccountRow, WorkerRow
from bulk_lookup.models import AccountAllowance, AllowanceShare, ProviderAccount, Worker
from bulk_lookup.models.queue_state import (
    DEAD_AFTER,
    QueueDepth,
    database_bytes,
    queue_depths,
    retry_job,
    table_sizes,
    troubled_jobs,
)
from bulk_lookup.web.access import WRITES, PageRequest, found, is_fragment, page
from bulk_lookup.web.system.memory import resident_bytes

SHARE_LIFE = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class WorkerLine:
    """A worker process, and in words what it does."""

    worker: Worker
    state: str
    does: str


@dataclass(frozen=True, slots=True)
class AllowanceLine:
    """An account by name where it is one of the organization that looks, else by the beginning of its key."""

    name: str
    limit: int
    ours: int
    others: int
    workers: int
    down: bool
    slowed_by: str
    seen_at: datetime

    @property
    def room(self) -> int:
        """What the bar of requests in flight is drawn against."""
        return max(self.limit, self.ours + self.others)


@page(staff=True)
def system(request: PageRequest) -> HttpResponse:
    """All of it, or the part that is refreshed."""
    depths = queue_depths()
    shares = _shares()
    context = {
        "workers": _workers(depths, shares),
        "queues": depths,
        "jobs": troubled_jobs(),
        "database_bytes": database_bytes(),
        "tables": table_sizes(),
        "allowances": _allowances(shares),
        "memory": resident_bytes(),
        "pid": os.getpid(),
    }
    return render(request, "system/state.html" if is_fragment(request) else "system/page.html", context)


@page(staff=True, methods=WRITES)
def job_retry(request: PageRequest, job_id: int) -> HttpResponse:
    """Give a failed or stalled job back to its queue."""
    try:
        with transaction.atomic():
            found(retry_job(job_id) or None)
    except IntegrityError:
        messages.warning(request, "A job of this name waits already")
    else:
        messages.success(request, f"Job {job_id} waits to be done again")
    return redirect("system")


def _shares() -> list[AllowanceShare]:
    return list(AllowanceShare.objects.filter(seen_at__gt=timezone.now() - SHARE_LIFE))


def _workers(depths: list[QueueDepth], shares: list[AllowanceShare]) -> list[WorkerLine]:
    doing = {depth.queue: depth.doing for depth in depths}
    asked = {share.worker_id: _in_flight(share) for share in shares}
    dead = timezone.now() - timedelta(seconds=DEAD_AFTER)
    lines = []
    for worker in Worker.objects.order_by("kind", "started_at"):
        jobs = doing.get(worker.kind, 0)
        alive = worker.seen_at > dead
        if not alive:
            does = "what it did is taken up by another"
        elif worker.pk in asked:
            does = f"{asked[worker.pk]:,} requests at once at most in the last second"
        else:
            does = f"{jobs:,} job{'' if jobs == 1 else 's'} of its queue being done" if jobs else "waits for jobs"
        lines.append(WorkerLine(worker, "alive" if alive else "stale", does))
    return lines


def _allowances(shares: list[AllowanceShare]) -> list[AllowanceLine]:
    names = dict(ProviderAccount.objects.values_list("account_key", "name"))
    lines = []
    for row in AccountAllowance.objects.order_by("-updated_at")[:50]:
        account = AccountRow.from_json(row.state)
        own = [share for share in shares if share.account_key == row.account_key]
        slow = sorted({share.slowed_by for share in own if share.slowed_by not in ("", "nothing")})
        lines.append(
            AllowanceLine(
                name=names.get(row.account_key, f"{row.account_key[:8]}…"),
                limit=account.allowances[ACCOUNT].limit,
                ours=sum(map(_in_flight, own)),
                others=row.foreign_in_flight,
                workers=len(own),
                down=account.down,
                slowed_by=", ".join(word.replace("_", " ") for word in slow),
                seen_at=row.updated_at,
            )
        )
    return lines


def _in_flight(share: AllowanceShare) -> int:
    row = WorkerRow.from_json(str(share.worker_id), 0.0, share.state)
    return row.shares[ACCOUNT].peak if ACCOUNT in row.shares else 0
