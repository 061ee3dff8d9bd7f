"""What follows from a failure: ask again later, wait for the allowance, give up, drop a package, or pause the run.

Waiting is not failing: what the provider never processed (no network, a rate limit) moves the time and uses no attempt,
and a failure of the account pauses the run and touches no contact.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import TypeAlias

from bulk_lookup.core.failure import Failure, FailureReason, RetryClass

# All waits in seconds.
NETWORK_WAITS = (1.0, 2.0, 4.0, 30.0, 60.0, 120.0, 240.0, 480.0)  # the last one again and again, without limit
UNEXPECTED_WAITS = (1.0, 2.0, 4.0, 30.0, 60.0)  # then the run pauses: it is no passing trouble
TRANSIENT_WAIT = 2.0  # times the number of the try
TRANSIENT_TRIES = 3  # 60608, in all
UNKNOWN_WAIT = 60.0
UNKNOWN_TRIES = 2  # in all: the second one may be billed again
NUMBER_WAITS = (60.0, 300.0, 900.0)  # 60626, then it is given up
LONGEST_RETRY_AFTER = 3600.0  # a provider's Retry-After is believed up to here
JITTER = 0.1  # a wait is lengthened by up to this share, never shortened


class PauseReason(StrEnum):
    """Why a run stands still; the last six follow from a failure."""

    USER = "user"
    INTERRUPTED = "interrupted"
    CAP = "cap"
    BUDGET = "budget"
    ACCOUNT_CREDENTIALS = "account_credentials"
    ACCOUNT_SUSPENDED = "account_suspended"
    LOOKUP_DISABLED = "lookup_disabled"
    TRIAL_LIMIT = "trial_limit"
    BAD_REQUEST = "bad_request"
    PACKAGE_UNAVAILABLE = "package_unavailable"


ACCOUNT_HALTS = frozenset(
    {
        PauseReason.ACCOUNT_CREDENTIALS,
        PauseReason.ACCOUNT_SUSPENDED,
        PauseReason.LOOKUP_DISABLED,
        PauseReason.TRIAL_LIMIT,
    }
)
"""Those that are about the account, whichever run meets them."""


@dataclass(frozen=True, slots=True)
class Retry:
    """Ask again, not before `at`."""

    at: datetime
    uses_attempt: bool


@dataclass(frozen=True, slots=True)
class WaitForAllowance:
    """Ask again when the allowance has room: the account's, or the package's where one is named.

    No attempt is used. `not_before` is the provider's Retry-After, None where it gave none.
    """

    package: str | None
    not_before: datetime | None


@dataclass(frozen=True, slots=True)
class GiveUp:
    """It will not be asked again in this run, unless by retry_failed."""

    reason: FailureReason


@dataclass(frozen=True, slots=True)
class DropPackage:
    """No more numbers of this run are asked for this package; if it was the last one, the run pauses."""

    package: str
    reason: FailureReason


@dataclass(frozen=True, slots=True)
class PauseRun:
    """Nothing more is asked until somebody acts; what was asked stays pending."""

    reason: PauseReason


Decision: TypeAlias = Retry | WaitForAllowance | GiveUp | DropPackage | PauseRun


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """The waits of every class in seconds, and how often it is tried in all; settable."""

    network: tuple[float, ...] = NETWORK_WAITS
    unexpected: tuple[float, ...] = UNEXPECTED_WAITS
    transient: float = TRANSIENT_WAIT
    transient_tries: int = TRANSIENT_TRIES
    unknown: float = UNKNOWN_WAIT
    unknown_tries: int = UNKNOWN_TRIES
    number: tuple[float, ...] = NUMBER_WAITS


DEFAULT_WAITS = Waits()


def decide(failure: Failure, *, attempt: int, now: datetime, jitter: float, waits: Waits = DEFAULT_WAITS) -> Decision:
    """What to do about a failure.

    `attempt` counts how often this number (or this package of it) has ended in the failure's class, this time included,
    from 1. `jitter` is a random number in [0, 1]. The table: docs of Twilio's error codes, and for what was cut off
    after sending (its bill is unknown) one more try, then `no_answer`.
    """
    if failure.retry_class is RetryClass.ACCOUNT_STOP:
        return PauseRun(PAUSE_REASONS[failure.reason])
    if failure.retry_class is RetryClass.PACKAGE_STOP:
        if failure.package is None:
            return PauseRun(PauseReason.PACKAGE_UNAVAILABLE)
        return DropPackage(failure.package, failure.reason)
    if failure.retry_class is RetryClass.RATE_LIMIT:
        pause = _bounded(failure.retry_after)
        return WaitForAllowance(failure.package, now + timedelta(seconds=pause) if pause else None)
    wait = wait_of(failure.retry_class, attempt, waits=waits)
    if wait is None:
        if failure.retry_class is RetryClass.UNEXPECTED:
            return PauseRun(PauseReason.BAD_REQUEST)
        return GiveUp(_last_word(failure))
    seconds = max(wait * (1 + JITTER * jitter), _bounded(failure.retry_after))
    return Retry(now + timedelta(seconds=seconds), uses_attempt=failure.retry_class not in USES_NO_ATTEMPT)


def wait_of(retry_class: RetryClass, attempt: int, *, waits: Waits = DEFAULT_WAITS) -> float | None:
    """Seconds to wait after the attempt-th failure of a class, None where it is not asked again."""
    attempt = max(attempt, 1)
    if retry_class is RetryClass.NETWORK:
        return waits.network[min(attempt, len(waits.network)) - 1]
    if retry_class is RetryClass.UNEXPECTED:
        return waits.unexpected[attempt - 1] if attempt <= len(waits.unexpected) else None
    if retry_class is RetryClass.UNKNOWN:
        return waits.unknown if attempt < waits.unknown_tries else None
    if retry_class is RetryClass.TRANSIENT:
        return waits.transient * attempt if attempt < waits.transient_tries else None
    if retry_class is RetryClass.NUMBER:
        return waits.number[attempt - 1] if attempt <= len(waits.number) else None
    return None


# What the provider never processed has cost nothing and says nothing about the number.
USES_NO_ATTEMPT = frozenset({RetryClass.NETWORK, RetryClass.UNEXPECTED, RetryClass.RATE_LIMIT})

PAUSE_REASONS: Mapping[FailureReason, PauseReason] = MappingProxyType(
    {
        FailureReason.ACCOUNT_CREDENTIALS: PauseReason.ACCOUNT_CREDENTIALS,
        FailureReason.TEST_CREDENTIALS: PauseReason.ACCOUNT_CREDENTIALS,
        FailureReason.ACCOUNT_SUSPENDED: PauseReason.ACCOUNT_SUSPENDED,
        FailureReason.LOOKUP_DISABLED: PauseReason.LOOKUP_DISABLED,
        FailureReason.TRIAL_LIMIT: PauseReason.TRIAL_LIMIT,
        FailureReason.BAD_REQUEST: PauseReason.BAD_REQUEST,
        FailureReason.SIMULATION_MIXED: PauseReason.BAD_REQUEST,
    }
)


def _last_word(failure: Failure) -> FailureReason:
    # Two unknown ends may have been a time-out and a reset: what is known for sure is that no answer came.
    return FailureReason.NO_ANSWER if failure.retry_class is RetryClass.UNKNOWN else failure.reason


def _bounded(retry_after: float | None) -> float:
    return min(max(retry_after or 0.0, 0.0), LONGEST_RETRY_AFTER)
