"""How a run goes: its speed from receipts and from looks, its end, what is in flight, what slows it; and another cap."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from bulk_lookup.core.allowance import Allowance
from bulk_lookup.core.progress import Slowdown
from bulk_lookup.core.renewal import ACCOUNT, AccountRow, Share, WorkerRow
from bulk_lookup.engine.run_cap import CapTooLow, change_cap
from bulk_lookup.engine.run_progress import FORGOTTEN_AFTER, Tracks, run_progress, worst
from bulk_lookup.models import (
    AccountAllowance,
    AllowanceShare,
    Claim,
    ContactList,
    Lookup,
    Organization,
    ProviderAccount,
    Run,
    RunMoved,
    Worker,
)
from bulk_lookup.models.scope import organization_scope
from bulk_lookup.queue import Job, defer

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _inside(organization: Organization) -> Iterator[None]:
    with organization_scope(organization.pk):
        yield


@pytest.fixture
def run(organization: Organization) -> Run:
    """1,000 numbers, nothing settled yet."""
    account = ProviderAccount.objects.create(
        organization=organization, account_sid="AC1", name="A", secret=b"x", account_key="key"
    )
    one = ContactList.objects.create(organization=organization, name="Spring")
    return Run.objects.create(
        organization=organization,
        contact_list_id=one.pk,
        provider_account_id=account.pk,
        packages=["line_type_intelligence"],
        simulated=False,
        state="running",
        numbers=1_000,
        next_position=1_001,
    )


def add_receipts(run: Run, count: int, *, state: str = "done", first: int = 1, **fields: Any) -> None:
    Lookup.objects.bulk_create(
        Lookup(
            organization_id=run.organization_id,
            run_id=run.pk,
            position=position,
            formatted_phone_number=f"+1202555{position:04d}",
            simulated=False,
            state=state,
            **fields,
        )
        for position in range(first, first + count)
    )


def at_work(now: datetime, *slowdowns: str, ours: int = 10) -> None:
    """As many workers as slowdowns, each with so many requests in flight."""
    allowance = Allowance(limit=40, ceiling=60, moved_at=now.timestamp())
    AccountAllowance.objects.create(
        account_key="key", state=AccountRow({ACCOUNT: allowance}).as_json(), foreign_in_flight=7
    )
    for slowed_by in slowdowns:
        worker = uuid4()
        Worker.objects.create(id=worker, kind="lookups", host="here", pid=1, seen_at=now)
        row = WorkerRow(str(worker), now.timestamp(), shares={ACCOUNT: Share(share=ours, held=ours, peak=ours)})
        AllowanceShare.objects.create(
            account_key="key", worker_id=worker, state=row.as_json(), slowed_by=slowed_by, seen_at=now
        )


class TestSpeed:
    def test_the_first_look_knows_the_speed_from_the_receipts(self, run: Run) -> None:
        now = timezone.now().replace(microsecond=500_000)
        for second in range(10):
            # Ten a second, the last of them half a second ago.
            at = now - timedelta(seconds=second, milliseconds=100)
            add_receipts(run, 10, first=1 + 10 * second, answered_at=at)
        run.done = 100
        at_work(now, "nothing")
        found = run_progress(run, now=now, tracks=Tracks())

        assert found.rate == pytest.approx(10, rel=0.2)
        assert found.eta is not None
        assert found.eta.low < 90 < found.eta.high

    def test_what_is_reused_without_being_asked_is_no_speed(self, run: Run) -> None:
        now = timezone.now()
        add_receipts(run, 500, state="reused", answered_at=now - timedelta(seconds=20))
        run.reused = 500
        at_work(now, "nothing")

        assert run_progress(run, now=now, tracks=Tracks()).rate is None

    def test_between_looks_the_counters_tell(self, run: Run) -> None:
        tracks, begun = Tracks(), timezone.now()
        at_work(begun, "nothing")
        assert run_progress(run, now=begun, tracks=tracks).rate is None
        for second in range(1, 6):
            run.done = 20 * second
            found = run_progress(run, now=begun + timedelta(seconds=second), tracks=tracks)

        assert found.rate == pytest.approx(20)
        assert found.rates == pytest.approx([20] * 5)
        assert found.eta is not None
        assert found.eta.low < 45 < found.eta.high

    def test_after_a_pause_it_is_measured_anew(self, run: Run) -> None:
        tracks, begun = Tracks(), timezone.now()
        for second in range(5):
            run.done = 20 * second
            tracks.observe(run, begun + timedelta(seconds=second))
        run.state = "paused"
        run_progress(run, now=begun + timedelta(seconds=6), tracks=tracks)

        assert tracks.observe(run, begun + timedelta(seconds=9)).elapsed == 0

    def test_a_long_time_without_a_look_is_not_taken_for_slowness(self, run: Run) -> None:
        tracks, begun = Tracks(), timezone.now()
        tracks.observe(run, begun)
        run.done = 500

        assert tracks.observe(run, begun + timedelta(seconds=FORGOTTEN_AFTER + 1)).elapsed == 0

    def test_counters_that_fell_begin_anew(self, run: Run) -> None:
        """What failed is asked again."""
        tracks, begun = Tracks(), timezone.now()
        run.failed = 100
        tracks.observe(run, begun)
        run.failed = 0

        assert tracks.observe(run, begun + timedelta(seconds=1)).done == 0

    def test_the_latest_answers_tell_how_long_they_take(self, run: Run) -> None:
        add_receipts(run, 99, response_time_ms=100)
        add_receipts(run, 1, first=100, response_time_ms=900)
        p50, p95, p99 = run_progress(run, now=timezone.now(), tracks=Tracks()).latency_ms or (0, 0, 0)

        assert (p50, p95) == (100, 100)
        assert 100 <= p99 <= 900

    def test_without_an_answer_nothing_is_made_up(self, run: Run) -> None:
        found = run_progress(run, now=timezone.now(), tracks=Tracks())

        assert (found.rate, found.eta, found.latency_ms, found.account) == (None, None, None, None)


class TestEnd:
    def test_a_repeat_that_waits_moves_the_end(self, run: Run) -> None:
        tracks, begun = Tracks(), timezone.now()
        at_work(begun, "nothing")
        run_progress(run, now=begun, tracks=tracks)
        run.done = 990
        defer(Job.PROCESS_LOOKUPS, run.organization_id, run_id=run.pk, first=1, last=10)
        with connection.cursor() as cursor:
            cursor.execute("update procrastinate_jobs set scheduled_at = clock_timestamp() + interval '50 seconds'")
        found = run_progress(run, now=begun + timedelta(seconds=5), tracks=tracks)

        assert found.last_retry_in == pytest.approx(50, abs=2)
        assert found.eta is not None
        assert found.eta.low >= found.last_retry_in

    @pytest.mark.parametrize("slowed_by", ["provider_down"])
    def test_while_it_stands_still_nobody_knows_the_end(self, run: Run, slowed_by: str) -> None:
        tracks, begun = Tracks(), timezone.now()
        at_work(begun, slowed_by)
        run_progress(run, now=begun, tracks=tracks)
        run.done = 100
        found = run_progress(run, now=begun + timedelta(seconds=5), tracks=tracks)

        assert (found.slowed_by, found.eta) == (Slowdown.PROVIDER_DOWN, None)


class TestAccount:
    def test_what_is_in_flight_is_summed_over_the_workers(self, run: Run) -> None:
        now = timezone.now()
        at_work(now, "nothing", "nothing")
        use = run_progress(run, now=now, tracks=Tracks()).account

        assert use is not None
        assert (use.ours, use.others, use.limit, use.ceiling) == (20, 7, 40, 60)
        assert use.measured_at == datetime.fromtimestamp(now.timestamp(), UTC)

    def test_shares_of_workers_that_are_gone_do_not_count(self, run: Run) -> None:
        now = timezone.now()
        at_work(now, "nothing", "provider_down")
        AllowanceShare.objects.filter(slowed_by="provider_down").update(seen_at=now - timedelta(seconds=11))
        found = run_progress(run, now=now, tracks=Tracks())

        assert found.account is not None
        assert (found.account.ours, found.slowed_by) == (10, Slowdown.NOTHING)

    def test_the_numbers_being_asked_are_those_of_the_living_claims(self, run: Run) -> None:
        claim = Claim.objects.create(
            organization_id=run.organization_id, run_id=run.pk, worker_id=uuid4(), first=1, last=1_000
        )
        add_receipts(run, 5, state="asking", claim_id=claim.pk)
        add_receipts(run, 5, state="asking", first=6, claim_id=claim.pk + 1)

        assert run_progress(run, now=timezone.now(), tracks=Tracks()).asking == 5


class TestSlowdown:
    @pytest.mark.parametrize("slowdown", [*Slowdown])
    def test_one_worker_s_cause_is_the_run_s(self, run: Run, slowdown: Slowdown) -> None:
        if slowdown in (Slowdown.CAP, Slowdown.BUDGET):
            run.state, run.reason = "paused", slowdown.value
        elif slowdown is not Slowdown.NO_WORKER:
            at_work(timezone.now(), slowdown.value)

        assert run_progress(run, now=timezone.now(), tracks=Tracks()).slowed_by is slowdown

    def test_of_several_the_worst_is_told(self) -> None:
        assert worst(["nothing", "own_ceiling", "provider_down"]) is Slowdown.PROVIDER_DOWN
        assert worst(["own_ceiling", "account_limit"]) is Slowdown.ACCOUNT_LIMIT
        assert worst([]) is Slowdown.NOTHING

    def test_a_worker_that_shows_no_life_is_none(self, run: Run) -> None:
        now = timezone.now()
        at_work(now, "account_limit")
        Worker.objects.update(seen_at=now - timedelta(seconds=21))

        assert run_progress(run, now=now, tracks=Tracks()).slowed_by is Slowdown.NO_WORKER

    def test_a_plan_waits_for_a_worker_of_its_own_kind(self, run: Run) -> None:
        now = timezone.now()
        at_work(now, "nothing")
        run.state = "planning"
        assert run_progress(run, now=now, tracks=Tracks()).slowed_by is Slowdown.NO_WORKER

        Worker.objects.create(id=uuid4(), kind="files", host="here", pid=1, seen_at=now)
        assert run_progress(run, now=now, tracks=Tracks()).slowed_by is Slowdown.NOTHING


class TestCap:
    def test_another_cap_holds_and_the_run_goes_on_as_it_went(self, run: Run) -> None:
        change_cap(run, cap_micros=5_000_000)

        assert (run.cap_micros, run.state) == (5_000_000, "running")

    def test_a_cap_below_what_is_spent_or_reserved_is_refused(self, run: Run) -> None:
        Run.objects.filter(pk=run.pk).update(spent_micros=1_000, reserved_micros=500)
        with pytest.raises(CapTooLow):
            change_cap(run, cap_micros=1_499)
        change_cap(run, cap_micros=1_500)

        assert run.cap_micros == 1_500

    def test_a_run_that_is_over_needs_none(self, run: Run) -> None:
        Run.objects.filter(pk=run.pk).update(state="finished")
        with pytest.raises(RunMoved):
            change_cap(run, cap_micros=5)
