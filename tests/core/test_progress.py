"""How far, how fast and when: the rate that is shown, and the band in which a run really ends."""

from dataclasses import dataclass
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulk_lookup.core.progress import SLOTS, Band, Slowdown, Track, begin, eta, observe, progress, skip


def steady(per_second: float, seconds: int, track: Track | None = None) -> Track:
    track = track or begin(0.0)
    done = float(track.done)
    for _ in range(seconds):
        done += per_second
        track = observe(track, track.at + 1.0, int(done))
    return track


def test_the_rate_is_that_of_the_last_ten_seconds() -> None:
    track = steady(20, 15, steady(200, 60))

    assert track.rate == pytest.approx(20, rel=0.01)


def test_before_anything_is_done_nothing_is_said() -> None:
    assert begin(5.0).rate == 0.0
    assert eta(begin(5.0), 1_000) is None
    assert eta(steady(0, 30), 1_000) is None


def test_a_run_that_is_done_ends_now() -> None:
    assert eta(steady(10, 3), 0) == Band(0.0, 0.0)


def test_a_steady_run_gets_a_narrow_band_around_its_true_end() -> None:
    band = eta(steady(200, 600), 120_000)

    assert band is not None
    assert band.low <= 600 <= band.high
    assert band.low >= 500
    assert band.high <= 800


def test_a_run_that_has_slowed_down_is_not_promised_its_old_rate() -> None:
    band = eta(steady(50, 120, steady(200, 120)), 24_000)

    assert band is not None
    assert band.high >= 24_000 / 50
    assert band.low <= 24_000 / 125


def test_time_paused_counts_neither_for_the_rate_nor_for_the_end() -> None:
    before = steady(100, 60)

    resumed = steady(100, 60, skip(before, 10_000.0))

    assert resumed.elapsed == pytest.approx(120.0)
    assert resumed.rate == pytest.approx(100.0, rel=0.01)
    band = eta(resumed, 6_000)
    assert band is not None
    assert band.high < 120


def test_a_repeat_that_is_waiting_is_part_of_the_end() -> None:
    band = eta(steady(100, 60), 3, last_retry_in=480.0)

    assert band is not None
    assert band.low >= 480.0
    assert band.high >= 480.0


def test_a_run_in_which_requests_were_cut_off_may_end_with_such_a_wait() -> None:
    plain, tail = eta(steady(100, 60), 500), eta(steady(100, 60), 500, retried=True)

    assert plain is not None
    assert tail is not None
    assert tail.high == pytest.approx(plain.high + 75.0)
    assert tail.low == plain.low


def test_a_long_run_is_kept_in_few_numbers() -> None:
    track = steady(3, 5_000)

    assert len(track.slots) <= SLOTS
    assert len(track.recent) <= 12
    assert track.elapsed == pytest.approx(5_000)
    assert sum(track.slots) == pytest.approx(track.done)


@given(st.lists(st.tuples(st.floats(0.001, 400), st.integers(0, 5_000)), max_size=120), st.integers(0, 10**6))
def test_whatever_is_observed_nothing_is_lost_and_the_band_is_in_order(
    observed: list[tuple[float, int]], remaining: int
) -> None:
    track = begin(100.0, 7)
    for passed, more in observed:
        track = observe(track, track.at + passed, track.done + more)
        assert observe(track, track.at, track.done + 1) is track

    assert len(track.slots) <= SLOTS
    assert sum(track.slots) == pytest.approx(track.done - 7, abs=1e-3)
    assert track.elapsed == pytest.approx(track.at - 100.0, abs=1e-3)
    band = eta(track, remaining)
    assert band is None or 0 <= band.low <= band.high


@pytest.mark.parametrize(
    ("spent", "cap", "share"),
    [(500_000, 2_000_000, 0.25), (2_100_000, 2_000_000, 1.0), (0, 0, 1.0), (0, None, None)],
)
def test_money_is_shown_against_the_cap(spent: int, cap: int | None, share: float | None) -> None:
    shown = progress(steady(10, 30), total=600, spent=spent, cap=cap)

    assert (shown.spent, shown.cap, shown.cap_share) == (spent, cap, share)
    assert (shown.done, shown.share) == (300, 0.5)
    assert shown.rate == pytest.approx(10.0)


def test_an_empty_run_is_done() -> None:
    shown = progress(begin(0.0), total=0)

    assert (shown.share, shown.eta) == (1.0, Band(0.0, 0.0))


def test_what_slows_us_is_a_closed_list() -> None:
    assert {str(word) for word in Slowdown} == {
        "own_ceiling", "account_limit", "package_limit", "provider_slow", "provider_down", "cap", "budget", "no_worker",
        "nothing",
    }  # fmt: skip


@dataclass
class SimulatedRun:
    """A run second by second: a limit that may change, outages, a drifting provider, and repeats after a minute."""

    random: Random
    kind: str

    def __post_init__(self) -> None:
        self.total = int(10 ** self.random.uniform(2.7, 5.0))
        self.latency = self.random.uniform(0.1, 0.5)
        self.limit = self.random.choice((20, 50, 80, 100))
        lost = (0.0, 0.001, 0.01) if self.kind == "repeats" else (0.0, 0.0, 0.001)
        self.lost = self.random.choice(lost)
        self.moves_every = self.random.choice((60.0, 200.0)) if self.kind == "limits" else None
        self.down_every = 900.0 if self.kind == "outages" else None

    def seconds(self) -> list[tuple[int, bool, float]]:
        """For each second: what is done, whether anything was repeated, and when the latest repeat is due."""
        random, seen = self.random, list[tuple[int, bool, float]]()
        fresh, done, repeated, drift, down_until = self.total, 0, False, 1.0, 0
        waiting: list[tuple[int, int]] = []
        second = 0
        while done < self.total:
            second += 1
            if self.moves_every and random.random() < 1 / self.moves_every:
                self.limit = random.choice((20, 50, 80, 100))
            if self.down_every and second > down_until and random.random() < 1 / self.down_every:
                down_until = second + random.randint(20, 120)
                cut_off = min(fresh, self.limit)
                fresh, repeated = fresh - cut_off, True
                waiting.append((second + 70, cut_off))
            if self.kind == "drift":
                drift = max(0.4, min(2.0, drift * random.gauss(1, 0.01)))
            mean = min(self.limit, 20 + second * 8) / self.latency * drift
            room = 0 if second < down_until else max(0, int(random.gauss(mean, mean / 20)))
            due = sum(count for at, count in waiting if at <= second)
            waiting = [(at, count) for at, count in waiting if at > second]
            again = min(due, room)
            if due > again:
                waiting.append((second + 1, due - again))
            asked = min(fresh, room - again)
            cut_off = sum(random.random() < self.lost for _ in range(asked)) if self.lost else 0
            if cut_off:
                waiting.append((second + 70, cut_off))
                repeated = True
            fresh, done = fresh - asked, done + again + asked - cut_off
            seen.append((done, repeated, max((at - second for at, _ in waiting), default=0.0)))
        return seen


def band_at_half_way(run: SimulatedRun) -> tuple[Band, float] | None:
    """The band shown when half was done, and how long the run really took from there."""
    seconds, track = run.seconds(), begin(0.0)
    for second, (done, repeated, last_retry_in) in enumerate(seconds, start=1):
        track = observe(track, float(second), done)
        if 2 * done >= run.total:
            band = eta(track, run.total - done, retried=repeated, last_retry_in=last_retry_in)
            return None if band is None else (band, float(len(seconds) - second))
    return None


def test_nine_of_ten_runs_end_within_the_band_that_was_shown_at_half_way() -> None:
    random, kinds = Random(20), ("steady", "limits", "outages", "drift", "repeats")
    shown = {kind: [band_at_half_way(SimulatedRun(random, kind)) for _ in range(60)] for kind in kinds}

    within = {
        kind: sum(one is not None and one[0].low <= one[1] <= one[0].high for one in shown[kind]) / 60 for kind in kinds
    }

    assert sum(within.values()) / len(kinds) >= 0.9, within
    assert min(within.values()) >= 0.8, within


def test_the_band_of_a_run_of_minutes_is_narrow_enough_to_be_of_use() -> None:
    random = Random(21)
    bands = [band_at_half_way(SimulatedRun(random, "steady")) for _ in range(80)]

    widths = sorted(band.high / band.low for band, took in (one for one in bands if one) if took > 120)

    assert len(widths) >= 10
    assert widths[len(widths) // 2] <= 2.0
