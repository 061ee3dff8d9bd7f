"""The measured limit: what a refusal changes, what it does not, and how the limit is tried upwards."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulk_lookup.core import allowance as rules
from bulk_lookup.core.allowance import Allowance, Evidence, after_refusal, is_measurement, tick

NOW = 1_000.0
SETTLED = Allowance(limit=50, proven=50, quiet_since=NOW - 60, ticked_at=NOW - 1)
PROBING = Allowance(limit=54, proven=50, step=4, moved_at=NOW - 1, ticked_at=NOW - 1)


def evidence(high: int = 0, *, pending: int = 0, asked: int = 200, refused: int = 1) -> Evidence:
    return Evidence(accepted_high=high, pending_high=pending, asked=asked, refused=refused)


@pytest.mark.parametrize(
    ("allowance", "beside", "seen", "limit"),
    [
        # A probe went one too far: 50 were accepted beside the refused one, and never more than 50.
        (replace(SETTLED, limit=51), 50, evidence(50), 50),
        # A random refusal: one request more was accepted a moment ago.
        (SETTLED, 49, evidence(50), 50),
        # The same far below the limit.
        (SETTLED, 10, evidence(50), 50),
        # More than a fifth of the last second refused: the limit has fallen, whatever was accepted before.
        (SETTLED, 21, evidence(50, refused=41), 21),
        # A fifth is not more than a fifth.
        (SETTLED, 21, evidence(50, refused=40), 50),
        # Four of five refused are too few to be a flood.
        (SETTLED, 21, evidence(50, asked=5, refused=4), 50),
        # The big step found the limit: 57 were accepted and none beyond it.
        (replace(PROBING, limit=73), 57, evidence(57), 57),
        # The same, before half of the unanswered ones have turned out refused.
        (replace(PROBING, limit=73), 57, evidence(50, pending=73), 57),
        # The probe's edge is blurred, for 53 were accepted too: back to what was proven.
        (PROBING, 51, evidence(53), 50),
        # Refused below what was proven: not the probe's fault.
        (PROBING, 40, evidence(53), 54),
        # At the start of a run nothing is answered yet, but later ones may be accepted: no measurement.
        (SETTLED, 2, evidence(0, pending=20, asked=20), 50),
        # Nothing later is in flight.
        (SETTLED, 2, evidence(0, pending=2, asked=3), 2),
        # It started when more was allowed than is now.
        (replace(SETTLED, limit=20), 30, evidence(20, refused=60), 20),
    ],
)
def test_a_refusal_measures_the_limit_or_is_noise(
    allowance: Allowance, beside: int, seen: Evidence, limit: int
) -> None:
    after = after_refusal(allowance, beside, NOW, seen)

    assert after.limit == limit
    assert (after is allowance) == (not is_measurement(allowance, beside, seen))
    assert (after is allowance) == (limit == allowance.limit)


def test_what_is_refused_anyway_counts_only_beyond_its_usual_share() -> None:
    noisy = replace(PROBING, rest=0.05)

    # Of 200 requests ten are refused at 5 %, and 19 still lie within three times the spread.
    assert not is_measurement(noisy, 52, evidence(52, refused=19))
    assert is_measurement(noisy, 52, evidence(52, refused=20))


def test_a_refusal_with_nothing_else_in_flight_makes_every_start_wait_longer_and_longer() -> None:
    allowance, pauses = replace(SETTLED, limit=3, proven=3), []
    for _ in range(8):
        # Others use up the whole account.
        allowance = after_refusal(replace(allowance, limit=3), 0, NOW, evidence(asked=6, refused=6))
        pauses.append(allowance.paused_until - NOW)

    assert allowance.limit == 1
    assert rules.after_answer(allowance).pause == 0.0
    assert pauses == [0.25, 0.5, 1.0, 2.0, 4.0, 5.0, 5.0, 5.0]


def test_retry_after_holds_everything_back_only_where_the_refusals_are_a_flood() -> None:
    probe = after_refusal(replace(SETTLED, limit=51), 50, NOW, evidence(50), retry_after=30.0)
    flood = after_refusal(SETTLED, 20, NOW, evidence(50, refused=100), retry_after=30.0)

    assert probe.resume_at == 0.0
    assert flood.resume_at == NOW + 30.0


def test_no_probe_goes_out_before_retry_after_has_passed() -> None:
    refused = after_refusal(replace(SETTLED, limit=51), 50, NOW, evidence(50), retry_after=30.0)

    limits = {second: _tick(refused, NOW + second).limit for second in (5, 29, 30, 31)}

    assert limits == {5: 50, 29: 50, 30: 50, 31: 51}


def test_a_limit_that_is_used_up_is_tried_upwards_in_growing_steps_while_they_are_accepted() -> None:
    allowance, limits = Allowance(ceiling=1_000), [20]
    for second in range(1, 7):
        allowance = _tick(allowance, NOW + second, high=allowance.limit)
        limits.append(allowance.limit)

    assert limits == [20, 21, 25, 41, 73, 105, 137]


def test_a_limit_that_is_not_used_up_stays() -> None:
    assert tick(SETTLED, NOW, evidence(10, asked=10, refused=0), saturated=False).limit == 50


def test_the_ceiling_is_never_passed_and_a_lowered_one_is_obeyed() -> None:
    assert _tick(replace(PROBING, ceiling=55), NOW, high=54).limit == 55
    assert _tick(replace(SETTLED, ceiling=50), NOW).limit == 50
    lowered = _tick(replace(PROBING, ceiling=30), NOW, high=54)
    assert (lowered.limit, lowered.proven) == (30, 30)


def test_a_probe_that_is_not_answered_yet_is_not_followed_by_another() -> None:
    assert _tick(PROBING, NOW, high=51).limit == 54
    assert _tick(PROBING, NOW, high=52).limit == 54 + 16


def test_the_limit_moves_once_a_second_at_most() -> None:
    moved = _tick(PROBING, NOW, high=54)

    assert _tick(moved, NOW + 0.5, high=moved.limit) == moved


def test_a_limit_that_was_only_confirmed_is_tried_again_after_four_seconds_a_new_one_after_three() -> None:
    confirmed = after_refusal(replace(SETTLED, limit=51), 50, NOW, evidence(50))
    fallen = after_refusal(SETTLED, 20, NOW, evidence(50, refused=100))

    assert [_tick(confirmed, NOW + second).limit for second in (3.9, 4.0)] == [50, 51]
    assert [_tick(fallen, NOW + second).limit for second in (2.9, 3.0)] == [20, 21]


def test_where_refusals_go_on_at_rest_a_slightly_lower_limit_is_tried_and_kept_if_they_cease() -> None:
    allowance = _rest(SETTLED, share=0.02, seconds=1)
    assert (allowance.limit, allowance.trial_of) == (48, 50)

    allowance = _rest(allowance, share=0.0, seconds=4)

    assert (allowance.limit, allowance.proven, allowance.trial_of, allowance.noise) == (48, 48, 0, 0.0)


def test_where_a_lower_limit_changes_nothing_the_refusals_are_noise_and_the_limit_comes_back() -> None:
    allowance = _rest(SETTLED, share=0.05, seconds=1)
    assert (allowance.limit, allowance.trial_of) == (48, 50)

    allowance = _rest(allowance, share=0.05, seconds=3)

    assert (allowance.limit, allowance.trial_of) == (50, 0)
    assert allowance.noise == pytest.approx(0.05, rel=0.2)
    assert _rest(allowance, share=0.05, seconds=1).trial_of == 0


allowances = st.builds(
    Allowance,
    limit=st.integers(1, 100),
    ceiling=st.just(100),
    proven=st.integers(1, 100),
    step=st.sampled_from((1, 4, 16, 32)),
    quiet_since=st.floats(0, NOW),
    noise=st.floats(0, 0.2),
    pause=st.floats(0, rules.PAUSE_MAX),
    trial_of=st.sampled_from((0, 0, 60)),
    trial_share=st.floats(0.004, 0.2),
)
sightings = st.builds(Evidence, st.integers(0, 120), st.integers(0, 120), st.integers(1, 1000), st.integers(0, 1000))


@given(allowances, st.integers(-3, 120), sightings, st.floats(0, 60))
def test_a_refusal_never_raises_the_limit_and_never_lowers_it_below_one(
    allowance: Allowance, beside: int, seen: Evidence, retry_after: float
) -> None:
    after = after_refusal(allowance, beside, NOW, seen, retry_after=retry_after)

    assert 1 <= after.limit <= allowance.limit
    assert after.resume_at <= NOW + retry_after or after.resume_at == allowance.resume_at


@given(allowances, sightings, st.booleans())
def test_a_tick_stays_between_one_and_the_ceiling(allowance: Allowance, seen: Evidence, saturated: bool) -> None:
    after = tick(allowance, NOW, seen, saturated=saturated)

    assert 1 <= after.limit <= after.ceiling
    assert after.limit <= allowance.limit + rules.MAX_STEP or after.limit == allowance.trial_of


def _tick(allowance: Allowance, now: float, *, high: int = 0) -> Allowance:
    return tick(allowance, now, evidence(high or allowance.limit, refused=0), saturated=True)


def _rest(allowance: Allowance, *, share: float, seconds: int) -> Allowance:
    """The limit in full use for some seconds, with so many of 200 requests a second refused."""
    begin = max(allowance.ticked_at, NOW)
    for second in range(1, seconds + 1):
        seen = evidence(allowance.limit, refused=round(200 * share))
        # Such refusals come too often for the limit to be tried upwards meanwhile.
        allowance = replace(tick(allowance, begin + second, seen, saturated=True), quiet_since=begin + second)
    return allowance
