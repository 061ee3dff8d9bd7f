"""Faults are drawn from the seed, the number and how often it was asked: in any order, from any number of workers."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulk_lookup.simulator.faults import Faults
from bulk_lookup.simulator.settings import KINDS, RATES, SimulatorSettings

NUMBERS = [f"+1415555{n:04}" for n in range(10_000)]


def test_without_rates_nothing_is_drawn() -> None:
    faults = Faults(SimulatorSettings())
    assert not faults.any
    assert faults.draw(NUMBERS[0], 0) is None


@given(st.integers(-(1 << 63), (1 << 63) - 1), st.integers(0, 10_000))
def test_the_same_question_meets_the_same_fault(seed: int, nth: int) -> None:
    settings = SimulatorSettings.of(seed=seed, error_rate=0.3, reset_rate=0.3, jitter=0.1, latency=0.2)
    assert Faults(settings).draw(NUMBERS[0], nth) == Faults(settings).draw(NUMBERS[0], nth)
    assert Faults(settings).delay(NUMBERS[0], nth) == Faults(settings).delay(NUMBERS[0], nth)


@pytest.mark.parametrize("rate", RATES)
def test_each_rate_is_kept(rate: str) -> None:
    faults = Faults(SimulatorSettings.of(**{rate: 0.05}))
    met = [fault for number in NUMBERS if (fault := faults.draw(number, 0))]
    assert 400 < len(met) < 600
    assert {fault.name for fault in met} == {rate.removesuffix("_rate")}


def test_all_rates_together_are_kept_apart() -> None:
    faults = Faults(SimulatorSettings.of(**dict.fromkeys(RATES, 0.1)))
    names = Counter(fault.name for number in NUMBERS if (fault := faults.draw(number, 0)))
    assert set(names) == {rate.removesuffix("_rate") for rate in RATES}
    assert all(850 < count < 1150 for count in names.values())


@pytest.mark.parametrize("setting", KINDS)
def test_every_kind_comes_up_and_can_be_chosen_alone(setting: str) -> None:
    rate = setting.replace("_kinds", "_rate")
    drawn = Faults(SimulatorSettings.of(**{rate: 1}))
    kinds = {fault.kind for number in NUMBERS[:500] if (fault := drawn.draw(number, 0))}
    assert kinds == set(KINDS[setting])
    one = KINDS[setting][-1]
    chosen = Faults(SimulatorSettings.of(**{rate: 1, setting: [one]}))
    kinds = {fault.kind for number in NUMBERS[:50] if (fault := chosen.draw(number, 0))}
    assert kinds == {one}


def test_what_fails_once_can_succeed_when_asked_again() -> None:
    faults = Faults(SimulatorSettings.of(error_rate=0.5))
    failing = [number for number in NUMBERS[:200] if faults.draw(number, 0)]
    assert 0 < sum(faults.draw(number, 1) is None for number in failing) < len(failing)


def test_another_seed_meets_other_faults() -> None:
    one, other = (Faults(SimulatorSettings.of(error_rate=0.5, seed=seed)) for seed in (1, 2))
    assert [bool(one.draw(n, 0)) for n in NUMBERS[:100]] != [bool(other.draw(n, 0)) for n in NUMBERS[:100]]


@pytest.mark.parametrize(("share", "expected"), [(0.0, {False}), (1.0, {True}), (0.5, {True, False})])
def test_the_share_of_failures_after_the_work_can_be_set(share: float, expected: set[bool]) -> None:
    faults = Faults(SimulatorSettings.of(error_rate=0.5, reset_rate=0.5, processed_share=share))
    assert {fault.processed for number in NUMBERS[:100] if (fault := faults.draw(number, 0))} == expected


def test_a_refusal_is_never_processed_and_a_time_out_always_is() -> None:
    refused = Faults(SimulatorSettings.of(refuse_rate=1)).draw(NUMBERS[0], 0)
    silent = Faults(SimulatorSettings.of(timeout_rate=1)).draw(NUMBERS[0], 0)
    assert refused is not None
    assert silent is not None
    assert (refused.processed, silent.processed) == (False, True)


def test_jitter_stays_inside_its_bounds() -> None:
    faults = Faults(SimulatorSettings.of(latency="250ms", jitter="100ms"))
    delays = [faults.delay(number, 0) for number in NUMBERS[:1000]]
    assert min(delays) >= 0.15
    assert max(delays) <= 0.35
    assert max(delays) - min(delays) > 0.15


def test_a_number_outside_coverage_stays_outside() -> None:
    faults = Faults(SimulatorSettings.of(uncovered_rate=0.5))
    codes = [faults.package_code(number, "line_type_intelligence", 0) for number in NUMBERS[:1000]]
    assert 400 < codes.count(60610) < 600
    assert codes == [faults.package_code(number, "line_type_intelligence", 7) for number in NUMBERS[:1000]]


def test_a_package_that_errs_by_chance_can_be_asked_again() -> None:
    faults = Faults(SimulatorSettings.of(package_error_rate=0.3))
    first = [faults.package_code(number, "caller_name", 0) for number in NUMBERS[:1000]]
    assert set(first) == {None, 60608, 60613}
    assert first != [faults.package_code(number, "caller_name", 1) for number in NUMBERS[:1000]]
