"""The decision table: what follows from which failure, and how long is waited."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulk_lookup.core.billing import Billing
from bulk_lookup.core.failure import RETRY_CLASSES, Failure, FailureReason, RetryClass
from bulk_lookup.core.retry import (
    DEFAULT_WAITS,
    JITTER,
    LONGEST_RETRY_AFTER,
    PAUSE_REASONS,
    DropPackage,
    GiveUp,
    PauseReason,
    PauseRun,
    Retry,
    WaitForAllowance,
    Waits,
    decide,
    wait_of,
)

R = FailureReason
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def failed(reason: FailureReason, *, package: str | None = None, retry_after: float | None = None) -> Failure:
    return Failure(reason=reason, billing=Billing.UNKNOWN, package=package, retry_after=retry_after)


def seconds(decision: object) -> float:
    assert isinstance(decision, Retry)
    return (decision.at - NOW).total_seconds()


TABLE = [
    # Nothing was sent: the waits grow, and never end.
    (R.NETWORK, 1, Retry(NOW + timedelta(seconds=1), uses_attempt=False)),
    (R.NETWORK, 2, Retry(NOW + timedelta(seconds=2), uses_attempt=False)),
    (R.NETWORK, 3, Retry(NOW + timedelta(seconds=4), uses_attempt=False)),
    (R.NETWORK, 4, Retry(NOW + timedelta(seconds=30), uses_attempt=False)),
    (R.NETWORK, 8, Retry(NOW + timedelta(seconds=480), uses_attempt=False)),
    (R.NETWORK, 500, Retry(NOW + timedelta(seconds=480), uses_attempt=False)),
    # Somebody in between refuses: a passing trouble is waited for, a lasting one stops the run.
    (R.REDIRECTED, 1, Retry(NOW + timedelta(seconds=1), uses_attempt=False)),
    (R.UNEXPECTED_STATUS, 5, Retry(NOW + timedelta(seconds=60), uses_attempt=False)),
    (R.UNEXPECTED_STATUS, 6, PauseRun(PauseReason.BAD_REQUEST)),
    # Sent and cut off: asked once more, then nobody knows.
    (R.TIME_OUT, 1, Retry(NOW + timedelta(seconds=60), uses_attempt=True)),
    (R.TIME_OUT, 2, GiveUp(R.NO_ANSWER)),
    (R.CONNECTION_LOST, 2, GiveUp(R.NO_ANSWER)),
    (R.SERVER_ERROR, 2, GiveUp(R.NO_ANSWER)),
    (R.INVALID_ANSWER, 2, GiveUp(R.NO_ANSWER)),
    # 60608: three tries in all, 2 s × n between them.
    (R.SOURCE_FAILED, 1, Retry(NOW + timedelta(seconds=2), uses_attempt=True)),
    (R.SOURCE_FAILED, 2, Retry(NOW + timedelta(seconds=4), uses_attempt=True)),
    (R.SOURCE_FAILED, 3, GiveUp(R.SOURCE_FAILED)),
    # 60626: far apart.
    (R.NUMBER_RATE_LIMITED, 1, Retry(NOW + timedelta(seconds=60), uses_attempt=True)),
    (R.NUMBER_RATE_LIMITED, 3, Retry(NOW + timedelta(seconds=900), uses_attempt=True)),
    (R.NUMBER_RATE_LIMITED, 4, GiveUp(R.NUMBER_RATE_LIMITED)),
    # Permanent: once is enough. Partial data are kept, and asked again by hand only.
    (R.NOT_FOUND, 1, GiveUp(R.NOT_FOUND)),
    (R.INVALID_NUMBER, 1, GiveUp(R.INVALID_NUMBER)),
    (R.NOT_COVERED, 1, GiveUp(R.NOT_COVERED)),
    (R.WRONG_REGION, 1, GiveUp(R.WRONG_REGION)),
    (R.PARTIAL_DATA, 1, GiveUp(R.PARTIAL_DATA)),
    (R.PACKAGE_REFUSED, 1, GiveUp(R.PACKAGE_REFUSED)),
    # The account's troubles pause the run under a word that says what to do.
    (R.ACCOUNT_CREDENTIALS, 1, PauseRun(PauseReason.ACCOUNT_CREDENTIALS)),
    (R.TEST_CREDENTIALS, 1, PauseRun(PauseReason.ACCOUNT_CREDENTIALS)),
    (R.ACCOUNT_SUSPENDED, 1, PauseRun(PauseReason.ACCOUNT_SUSPENDED)),
    (R.LOOKUP_DISABLED, 1, PauseRun(PauseReason.LOOKUP_DISABLED)),
    (R.TRIAL_LIMIT, 1, PauseRun(PauseReason.TRIAL_LIMIT)),
    (R.BAD_REQUEST, 1, PauseRun(PauseReason.BAD_REQUEST)),
    (R.SIMULATION_MIXED, 1, PauseRun(PauseReason.BAD_REQUEST)),
]


@pytest.mark.parametrize(("reason", "attempt", "expected"), TABLE)
def test_the_decision_table(reason: FailureReason, attempt: int, expected: object) -> None:
    assert decide(failed(reason), attempt=attempt, now=NOW, jitter=0.0) == expected


def test_a_rate_limit_is_asked_again_when_the_allowance_has_room() -> None:
    decision = decide(failed(R.RATE_LIMITED), attempt=1_000_000, now=NOW, jitter=1.0)
    assert decision == WaitForAllowance(package=None, not_before=None)


def test_a_rate_limit_honours_what_the_provider_asks_to_wait() -> None:
    decision = decide(failed(R.RATE_LIMITED, retry_after=3.0), attempt=1, now=NOW, jitter=0.0)
    assert decision == WaitForAllowance(package=None, not_before=NOW + timedelta(seconds=3))


def test_the_limit_of_one_package_makes_that_package_wait() -> None:
    decision = decide(failed(R.PACKAGE_RATE_LIMITED, package="line_status"), attempt=1, now=NOW, jitter=0.0)
    assert decision == WaitForAllowance(package="line_status", not_before=None)


@pytest.mark.parametrize("reason", [R.PACKAGE_UNAVAILABLE, R.QUOTA_REACHED])
def test_a_package_that_the_account_cannot_buy_is_dropped(reason: FailureReason) -> None:
    decision = decide(failed(reason, package="caller_name"), attempt=1, now=NOW, jitter=0.0)
    assert decision == DropPackage("caller_name", reason)


@pytest.mark.parametrize("reason", [R.PACKAGE_UNAVAILABLE, R.QUOTA_REACHED])
def test_the_run_pauses_where_nobody_says_which_package_cannot_be_bought(reason: FailureReason) -> None:
    decision = decide(failed(reason), attempt=1, now=NOW, jitter=0.0)
    assert decision == PauseRun(PauseReason.PACKAGE_UNAVAILABLE)


@given(
    reason=st.sampled_from(FailureReason),
    attempt=st.integers(1, 10_000),
    jitter=st.floats(0, 1),
    retry_after=st.none() | st.floats(-10, 1e9, allow_nan=False),
)
def test_every_failure_leads_to_a_decision_and_no_wait_is_shorter_than_its_table(
    reason: FailureReason, attempt: int, jitter: float, retry_after: float | None
) -> None:
    decision = decide(failed(reason, retry_after=retry_after), attempt=attempt, now=NOW, jitter=jitter)
    wait = wait_of(RETRY_CLASSES[reason], attempt)
    assert isinstance(decision, Retry) == (wait is not None)
    if wait is not None:
        waited = seconds(decision)
        assert waited >= wait - 1e-6
        assert waited <= max(wait * (1 + JITTER), LONGEST_RETRY_AFTER) + 1e-6
        if retry_after is not None and retry_after <= LONGEST_RETRY_AFTER:
            assert waited >= retry_after - 1e-6


@given(reason=st.sampled_from(FailureReason), attempt=st.integers(1, 100))
def test_waiting_is_not_failing(reason: FailureReason, attempt: int) -> None:
    """What the provider never processed uses no attempt and never fails a number."""
    decision = decide(failed(reason), attempt=attempt, now=NOW, jitter=0.5)
    if RETRY_CLASSES[reason] in (RetryClass.NETWORK, RetryClass.UNEXPECTED, RetryClass.RATE_LIMIT):
        assert not isinstance(decision, GiveUp | DropPackage)
        assert not (isinstance(decision, Retry) and decision.uses_attempt)
    elif isinstance(decision, Retry):
        assert decision.uses_attempt


@given(reason=st.sampled_from(FailureReason), attempt=st.integers(1, 100))
def test_a_failure_of_the_account_touches_no_contact(reason: FailureReason, attempt: int) -> None:
    decision = decide(failed(reason), attempt=attempt, now=NOW, jitter=0.5)
    if RETRY_CLASSES[reason] is RetryClass.ACCOUNT_STOP:
        assert decision == PauseRun(PAUSE_REASONS[reason])


@given(retry_class=st.sampled_from(RetryClass), attempt=st.integers(1, 50))
def test_waits_never_shrink_from_one_attempt_to_the_next(retry_class: RetryClass, attempt: int) -> None:
    first, second = wait_of(retry_class, attempt), wait_of(retry_class, attempt + 1)
    assert second is None or (first is not None and second >= first)


def test_everything_that_may_have_been_billed_ends_after_a_fixed_number_of_tries() -> None:
    for retry_class in set(RetryClass) - {RetryClass.NETWORK}:
        assert wait_of(retry_class, 20) is None


def test_the_waits_can_be_set() -> None:
    waits = Waits(network=(0.1,), unknown=0.2, unknown_tries=3, transient=0.3, transient_tries=2, number=(0.4,))
    assert wait_of(RetryClass.NETWORK, 9, waits=waits) == 0.1
    assert [wait_of(RetryClass.UNKNOWN, n, waits=waits) for n in (1, 2, 3)] == [0.2, 0.2, None]
    assert [wait_of(RetryClass.TRANSIENT, n, waits=waits) for n in (1, 2)] == [0.3, None]
    assert [wait_of(RetryClass.NUMBER, n, waits=waits) for n in (1, 2)] == [0.4, None]
    decision = decide(failed(R.NETWORK), attempt=1, now=NOW, jitter=1.0, waits=waits)
    assert seconds(decision) == pytest.approx(0.1 * (1 + JITTER))


def test_the_default_waits_are_those_of_the_documentation() -> None:
    assert DEFAULT_WAITS.network == (1, 2, 4, 30, 60, 120, 240, 480)
    assert (DEFAULT_WAITS.unknown, DEFAULT_WAITS.unknown_tries) == (60, 2)
    assert (DEFAULT_WAITS.transient, DEFAULT_WAITS.transient_tries) == (2, 3)
