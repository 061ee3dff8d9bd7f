"""The renewal of shares: never more in all than the limit, at any interleaving; and what one worker learns all obey."""

import json
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from bulk_lookup.core.allowance import Allowance
from bulk_lookup.core.renewal import (
    ACCOUNT,
    AccountRow,
    Renewal,
    Report,
    Share,
    WorkerReport,
    WorkerRow,
    renew,
)
from bulk_lookup.core.shares import ACT_WITHOUT_RENEWAL, SHARE_LIFE

NOW = 5_000.0
BUSY = Report(wants=900)


def account(limit: int = 20, **more: object) -> AccountRow:
    return AccountRow(allowances={ACCOUNT: Allowance(limit=limit, proven=limit, quiet_since=NOW, **more)})  # type: ignore[arg-type]


def row(worker: str, share: int, *, seen_at: float = NOW, held: int = 0, wants: int = 900) -> WorkerRow:
    return WorkerRow(worker, seen_at, False, {ACCOUNT: Share(share=share, held=held or share, peak=share, wants=wants)})


def told(worker: str, report: Report = BUSY, **more: bool) -> WorkerReport:
    return WorkerReport(worker, {ACCOUNT: report}, **more)


def share_of(renewal: Renewal, key: str = ACCOUNT) -> int:
    return renewal.grant.grants[key].share


def test_the_first_worker_gets_everything_and_the_second_what_the_first_gave_up() -> None:
    first = renew(account(), [], told("a"), NOW)
    assert share_of(first) == 20

    second = renew(first.account, [first.worker], told("b"), NOW)
    assert (share_of(second), second.grant.grants[ACCOUNT].settled) == (0, False)

    shrunk = renew(second.account, [first.worker, second.worker], told("a", replace(BUSY, share=20)), NOW)
    assert share_of(shrunk) == 10
    # Until it is heard of again it may still have twenty in flight.
    waits = renew(shrunk.account, [shrunk.worker, second.worker], told("b"), NOW)
    assert share_of(waits) == 0

    acts = renew(waits.account, [shrunk.worker, waits.worker], told("a", replace(BUSY, share=10, in_flight=13)), NOW)
    partly = renew(acts.account, [acts.worker, waits.worker], told("b"), NOW)
    assert (share_of(acts), share_of(partly)) == (10, 7)


def test_the_share_of_a_worker_that_is_not_heard_of_is_free_after_ten_seconds_and_its_row_may_go() -> None:
    alive, gone = row("a", 10), row("b", 10, seen_at=NOW - SHARE_LIFE)

    renewal = renew(account(), [alive, gone], told("a", replace(BUSY, share=10)), NOW)

    assert (share_of(renewal), renewal.expired) == (20, ("b",))
    assert share_of(renew(account(), [alive, row("b", 10, seen_at=NOW - 9.9)], told("a", BUSY), NOW)) == 10


def test_what_one_worker_measured_lowers_the_limit_of_all_to_the_sum_in_flight() -> None:
    rows = [row("a", 25), row("b", 25)]

    renewal = renew(account(50), rows, told("a", Report(share=11, in_flight=11, peak=11, wants=900, measured=11)), NOW)

    assert renewal.account.limit == 11 + 25
    assert renewal.account.allowances[ACCOUNT].generation == 1


def test_a_probe_is_used_at_once_by_the_worker_that_wants_more() -> None:
    saturated = Report(share=10, in_flight=10, peak=10, wants=900, accepted_high=10, asked=40)
    quiet = replace(account(20).allowances[ACCOUNT], quiet_since=NOW - 60, step=16)

    renewal = renew(AccountRow({ACCOUNT: quiet}), [row("a", 10), row("b", 10)], told("a", saturated), NOW)

    grant = renewal.grant.grants[ACCOUNT]
    assert (renewal.account.limit, grant.share, grant.proven) == (36, 26, 10)


def test_a_limit_that_not_all_workers_together_use_up_is_not_tried_upwards() -> None:
    quiet = replace(account(20).allowances[ACCOUNT], quiet_since=NOW - 60)
    one_of_two = Report(share=10, in_flight=10, peak=10, wants=900, accepted_high=10, asked=40)
    idle = WorkerRow("b", NOW, False, {ACCOUNT: Share(share=10, held=10, peak=2, wants=2)})

    assert renew(AccountRow({ACCOUNT: quiet}), [row("a", 10), idle], told("a", one_of_two), NOW).account.limit == 20


def test_a_hold_that_the_provider_asked_for_holds_every_worker() -> None:
    held = renew(account(), [], told("a", replace(BUSY, hold=7.0)), NOW)

    other = renew(held.account, [held.worker], told("b"), NOW + 3.0)

    assert other.grant.grants[ACCOUNT].resume_in == pytest.approx(4.0)


def test_a_package_limit_is_an_allowance_of_its_own_that_every_worker_is_told_of() -> None:
    limited = WorkerReport("a", {ACCOUNT: BUSY, "caller_name": Report(share=7, peak=7, wants=50, measured=7)})
    first = renew(account(), [], limited, NOW)
    assert (share_of(first), share_of(first, "caller_name")) == (20, 7)

    other = renew(first.account, [first.worker], told("b"), NOW)
    assert share_of(other, "caller_name") == 0
    assert other.account.allowances["caller_name"].limit == 7
    assert other.account.limit == 20


def test_a_package_that_is_limited_no_more_than_the_account_is_forgotten_after_a_minute() -> None:
    free = Allowance(limit=100, proven=100, quiet_since=NOW - 61)
    both = AccountRow({ACCOUNT: account().allowances[ACCOUNT], "caller_name": free})

    renewal = renew(both, [], told("a"), NOW)

    assert set(renewal.account.allowances) == set(renewal.grant.grants) == {ACCOUNT}


def test_requests_per_second_are_shared_like_the_limit() -> None:
    settings = account().with_settings(ceiling=100, per_second=40.0)

    assert renew(settings, [row("b", 15)], told("a"), NOW).grant.per_second == pytest.approx(10.0)
    assert renew(account(), [], told("a"), NOW).grant.per_second is None


def test_a_provider_that_is_down_gets_one_probe_in_five_seconds_from_one_worker() -> None:
    row_, workers, probes = account(), {"a": row("a", 10), "b": row("b", 10)}, []
    for tenth in range(0, 160, 5):
        for name in workers:
            renewal = renew(row_, list(workers.values()), told(name, down=True), NOW + tenth / 10)
            row_, workers[name] = renewal.account, renewal.worker
            assert renewal.grant.down
            if renewal.grant.probe:
                probes.append(tenth / 10)

    assert probes == [5.0, 10.0, 15.0]


def test_a_probe_that_was_answered_ends_the_outage_for_all() -> None:
    down = replace(account(), down=True, probe_at=NOW + 4)

    assert not renew(down, [row("b", 10)], told("a", answered=True), NOW).grant.down


def test_a_worker_that_alone_gets_no_answers_does_not_stop_the_others() -> None:
    answered = replace(row("b", 10), answered=True)

    assert not renew(account(), [answered], told("a", down=True), NOW).account.down


def test_rows_survive_json() -> None:
    renewal = renew(account(), [row("b", 3)], told("a", Report(share=2, wants=9, measured=2, hold=2.0), down=True), NOW)

    stored = json.loads(json.dumps(renewal.account.as_json()))
    assert AccountRow.from_json(stored) == renewal.account
    worker = json.loads(json.dumps(renewal.worker.as_json()))
    assert WorkerRow.from_json("a", NOW, worker) == renewal.worker
    assert AccountRow.from_json({}) == AccountRow()
    assert AccountRow.from_json({"from": "the future", "allowances": {"": {"limit": 5, "odd": 1}}}).limit == 5


def test_a_lowered_ceiling_lowers_the_limit_at_once() -> None:
    assert account(80).with_settings(ceiling=30).limit == 30
    assert account(80).with_settings(ceiling=0).limit == 1


def test_a_ceiling_that_was_lowered_and_raised_again_leaves_a_limit_that_can_grow_in_steps() -> None:
    back = account(80).with_settings(ceiling=30).with_settings(ceiling=100)

    assert (back.limit, back.allowances[ACCOUNT].proven) == (30, 30)


@dataclass
class Process:
    """A worker process: acts on its share for five seconds by a clock of its own, which the database does not know."""

    name: str
    share: int = 0
    in_flight: int = 0
    asked_at: float = float("-inf")
    pending: list[tuple[float, Renewal]] = field(default_factory=list)


class Interleavings(RuleBasedStateMachine):
    """Workers that join, renew, lose answers, lag, start and finish requests and die, in any order, under one limit."""

    LIMIT = 12

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.account = AccountRow({ACCOUNT: Allowance(limit=self.LIMIT, proven=self.LIMIT, ceiling=self.LIMIT)})
        self.rows: dict[str, WorkerRow] = {}
        self.processes: dict[str, Process] = {}
        self.born = 0
        self.join()
        self.join()

    @rule()
    def join(self) -> None:
        if len(self.processes) < 3:
            self.born += 1
            self.processes[f"w{self.born}"] = Process(f"w{self.born}")

    @rule(which=st.integers(0, 9), wants=st.sampled_from((900, 5, 0)), answer=st.sampled_from(("now", "later", "lost")))
    def renew(self, which: int, wants: int, answer: str) -> None:
        self._renew(which, wants, answer)

    @rule(which=st.integers(0, 9), answer=st.sampled_from(("now", "later", "lost")))
    def renew_in_need(self, which: int, answer: str) -> None:
        self._renew(which, 900, answer)

    @rule(which=st.integers(0, 9))
    def receive(self, which: int) -> None:
        process = self._process(which)
        if process is not None:
            self._receive(process)

    @rule(which=st.integers(0, 9))
    def start_all_it_may(self, which: int) -> None:
        process = self._process(which)
        if process is not None and self.now - process.asked_at < ACT_WITHOUT_RENEWAL:
            process.in_flight = max(process.in_flight, process.share)

    @rule(which=st.integers(0, 9), count=st.integers(1, 12))
    def finish(self, which: int, count: int) -> None:
        process = self._process(which)
        if process is not None:
            process.in_flight = max(0, process.in_flight - count)

    @rule(which=st.integers(0, 9), chance=st.integers(1, 12))
    def die(self, which: int, chance: int) -> None:
        process = self._process(which)
        if process is not None and chance == 1:
            del self.processes[process.name]

    @rule(seconds=st.sampled_from((0.2, 0.2, 1.0, 3.0)))
    def pass_time(self, seconds: float) -> None:
        self.now += seconds
        for process in self.processes.values():
            if self.now - process.asked_at >= ACT_WITHOUT_RENEWAL:
                # Requests last less than the time between the worker's stop and the end of its share.
                process.in_flight = 0

    @invariant()
    def acting_shares_and_requests_in_flight_never_exceed_the_limit(self) -> None:
        acting = [p for p in self.processes.values() if self.now - p.asked_at < ACT_WITHOUT_RENEWAL]
        assert sum(max(process.share, process.in_flight) for process in acting) <= self.LIMIT
        assert sum(process.in_flight for process in self.processes.values()) <= self.LIMIT

    def _renew(self, which: int, wants: int, answer: str) -> None:
        process = self._process(which)
        if process is None or process.pending:
            return
        report = Report(share=process.share, in_flight=process.in_flight, wants=max(wants, process.in_flight))
        renewal = renew(self.account, list(self.rows.values()), told(process.name, report), self.now)
        self.account = renewal.account
        self.rows[process.name] = renewal.worker
        for name in renewal.expired:
            del self.rows[name]
        if answer != "lost":
            process.pending.append((self.now, renewal))
        if answer == "now":
            self._receive(process)

    def _process(self, which: int) -> Process | None:
        names = sorted(self.processes)
        return self.processes[names[which % len(names)]] if names else None

    def _receive(self, process: Process) -> None:
        for asked_at, renewal in process.pending:
            process.asked_at, process.share = asked_at, share_of(renewal)
        process.pending.clear()


TestAnyInterleaving = Interleavings.TestCase
TestAnyInterleaving.settings = settings(max_examples=200, stateful_step_count=40, deadline=None)


@given(st.integers(1, 100), st.integers(1, 100), st.lists(st.integers(0, 300), min_size=1, max_size=6))
def test_after_a_fall_everybody_obeys_once_heard_of(before: int, after: int, wants: list[int]) -> None:
    """Nobody acts on more than is left, and a few renewals later the whole limit is given out again."""
    names = [f"w{number}" for number in range(len(wants))]
    state, rows = account(before, ceiling=before), dict[str, WorkerRow]()
    shares_ = dict.fromkeys(names, 0)
    for round_ in range(6):
        if round_ == 2:
            state = account(after, ceiling=after)
        for name, want in zip(names, wants, strict=True):
            report = Report(share=shares_[name], in_flight=0, wants=want)
            renewal = renew(state, list(rows.values()), told(name, report), NOW + round_ / 5)
            state, rows[name], shares_[name] = renewal.account, renewal.worker, share_of(renewal)
        if round_ >= 2:
            assert sum(shares_.values()) <= after
    assert sum(shares_.values()) >= min(after, sum(wants))
