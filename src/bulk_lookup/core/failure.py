"""Everything that can go wrong between us and a provider, as one kind of value with a reason word.

A reason word is stored, exported and shown; sentences are made from it elsewhere. Which of a provider's codes means
which reason is the provider's table; what follows from a reason is `core.retry`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from bulk_lookup.core.billing import Billing


class FailureScope(StrEnum):
    """What a failure is about: this one request, one package of it, or everything the account asks."""

    REQUEST = "request"
    PACKAGE = "package"
    ACCOUNT = "account"


class RetryClass(StrEnum):
    """How failures are waited for; `core.retry` has the waits of each class."""

    NETWORK = "network"  # nothing was sent: wait without limit
    UNEXPECTED = "unexpected"  # somebody in front of the provider refused: wait a while, then stop and say so
    UNKNOWN = "unknown"  # sent, and nobody knows whether it was billed: once more
    TRANSIENT = "transient"  # the provider's source stumbled: a few tries
    NUMBER = "number"  # this one number was asked too often: a few tries, far apart
    RATE_LIMIT = "rate_limit"  # the allowance says when
    PERMANENT = "permanent"  # asking again gives the same answer
    PACKAGE_STOP = "package_stop"  # the account cannot buy this package at present
    ACCOUNT_STOP = "account_stop"  # nothing can be bought until somebody acts


class FailureReason(StrEnum):
    """Why something was not answered; the words are part of the product's interface."""

    # One request.
    NETWORK = "network"
    REDIRECTED = "redirected"
    UNEXPECTED_STATUS = "unexpected_status"
    TIME_OUT = "time_out"
    CONNECTION_LOST = "connection_lost"
    SERVER_ERROR = "server_error"
    INVALID_ANSWER = "invalid_answer"
    RATE_LIMITED = "rate_limited"
    NUMBER_RATE_LIMITED = "number_rate_limited"
    NOT_FOUND = "not_found"
    INVALID_NUMBER = "invalid_number"
    NO_ANSWER = "no_answer"
    # One package.
    PACKAGE_RATE_LIMITED = "package_rate_limited"
    SOURCE_FAILED = "source_failed"
    PARTIAL_DATA = "partial_data"
    NOT_COVERED = "not_covered"
    COUNTRY_NOT_COVERED = "country_not_covered"
    NEEDS_APPROVAL = "needs_approval"
    NOT_MOBILE = "not_mobile"
    NO_DATA = "no_data"
    NUMBER_CANCELLED = "number_cancelled"
    WRONG_REGION = "wrong_region"
    MISSING_INPUT = "missing_input"
    BAD_INPUT = "bad_input"
    PACKAGE_REFUSED = "package_refused"
    PACKAGE_UNAVAILABLE = "package_unavailable"
    QUOTA_REACHED = "quota_reached"
    # The whole account, or our own way of asking.
    ACCOUNT_CREDENTIALS = "account_credentials"
    TEST_CREDENTIALS = "test_credentials"
    ACCOUNT_SUSPENDED = "account_suspended"
    LOOKUP_DISABLED = "lookup_disabled"
    TRIAL_LIMIT = "trial_limit"
    BAD_REQUEST = "bad_request"
    SIMULATION_MIXED = "simulation_mixed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """One failure, with all that is known of its bill.

    `package` is the one it is about, None where it is about all that were asked. `code` is the provider's number, kept
    as it came. `retry_after` is in seconds. `fully_sent` is False where the request cannot have been processed because
    it never left whole (DNS, connect, TLS). `message` is for people: no secret and no whole phone number stands in it.
    """

    reason: FailureReason
    billing: Billing
    package: str | None = None
    code: int | None = None
    http_status: int | None = None
    retry_after: float | None = None
    message: str = ""
    fully_sent: bool = True

    @property
    def scope(self) -> FailureScope:
        return SCOPES[self.reason]

    @property
    def retry_class(self) -> RetryClass:
        return RETRY_CLASSES[self.reason]


def _by_reason() -> dict[FailureReason, tuple[FailureScope, RetryClass]]:
    r, s, c = FailureReason, FailureScope, RetryClass
    return {
        r.NETWORK: (s.REQUEST, c.NETWORK),
        # A hotel's sign-in page, a gateway with a bad day, or a wrong address: nothing was processed.
        r.REDIRECTED: (s.REQUEST, c.UNEXPECTED),
        r.UNEXPECTED_STATUS: (s.REQUEST, c.UNEXPECTED),
        r.TIME_OUT: (s.REQUEST, c.UNKNOWN),
        r.CONNECTION_LOST: (s.REQUEST, c.UNKNOWN),
        r.SERVER_ERROR: (s.REQUEST, c.UNKNOWN),
        r.INVALID_ANSWER: (s.REQUEST, c.UNKNOWN),
        r.RATE_LIMITED: (s.REQUEST, c.RATE_LIMIT),
        r.NUMBER_RATE_LIMITED: (s.REQUEST, c.NUMBER),
        r.NOT_FOUND: (s.REQUEST, c.PERMANENT),
        r.INVALID_NUMBER: (s.REQUEST, c.PERMANENT),
        r.NO_ANSWER: (s.REQUEST, c.PERMANENT),
        r.PACKAGE_RATE_LIMITED: (s.PACKAGE, c.RATE_LIMIT),
        r.SOURCE_FAILED: (s.PACKAGE, c.TRANSIENT),
        r.PARTIAL_DATA: (s.PACKAGE, c.PERMANENT),
        r.NOT_COVERED: (s.PACKAGE, c.PERMANENT),
        r.COUNTRY_NOT_COVERED: (s.PACKAGE, c.PERMANENT),
        r.NEEDS_APPROVAL: (s.PACKAGE, c.PERMANENT),
        r.NOT_MOBILE: (s.PACKAGE, c.PERMANENT),
        r.NO_DATA: (s.PACKAGE, c.PERMANENT),
        r.NUMBER_CANCELLED: (s.PACKAGE, c.PERMANENT),
        r.WRONG_REGION: (s.PACKAGE, c.PERMANENT),
        r.MISSING_INPUT: (s.PACKAGE, c.PERMANENT),
        r.BAD_INPUT: (s.PACKAGE, c.PERMANENT),
        r.PACKAGE_REFUSED: (s.PACKAGE, c.PERMANENT),
        r.PACKAGE_UNAVAILABLE: (s.PACKAGE, c.PACKAGE_STOP),
        r.QUOTA_REACHED: (s.PACKAGE, c.PACKAGE_STOP),
        r.ACCOUNT_CREDENTIALS: (s.ACCOUNT, c.ACCOUNT_STOP),
        r.TEST_CREDENTIALS: (s.ACCOUNT, c.ACCOUNT_STOP),
        r.ACCOUNT_SUSPENDED: (s.ACCOUNT, c.ACCOUNT_STOP),
        r.LOOKUP_DISABLED: (s.ACCOUNT, c.ACCOUNT_STOP),
        r.TRIAL_LIMIT: (s.ACCOUNT, c.ACCOUNT_STOP),
        r.BAD_REQUEST: (s.ACCOUNT, c.ACCOUNT_STOP),
        # An account was checked as simulated and answers as real, or the other way round.
        r.SIMULATION_MIXED: (s.ACCOUNT, c.ACCOUNT_STOP),
    }


SCOPES: Mapping[FailureReason, FailureScope] = MappingProxyType({r: pair[0] for r, pair in _by_reason().items()})
RETRY_CLASSES: Mapping[FailureReason, RetryClass] = MappingProxyType({r: pair[1] for r, pair in _by_reason().items()})
