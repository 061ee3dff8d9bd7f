"""Twilio's error codes and HTTP statuses, each with the reason word it means to us: one table, checked to be total."""

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType

from bulk_lookup.core.billing import Billing
from bulk_lookup.core.failure import SCOPES, Failure, FailureReason, FailureScope
from bulk_lookup.providers.twilio.sentences import sentence

R = FailureReason

# Codes by number, wherever they stand: in an error's body, or in one package of a good answer.
CODES: Mapping[int, FailureReason] = MappingProxyType(
    {
        20003: R.ACCOUNT_CREDENTIALS,
        20005: R.ACCOUNT_SUSPENDED,
        20008: R.TEST_CREDENTIALS,
        20403: R.ACCOUNT_CREDENTIALS,
        20404: R.NOT_FOUND,
        20429: R.RATE_LIMITED,
        20500: R.SERVER_ERROR,
        20503: R.SERVER_ERROR,
        # Messaging's and Voice's words for a number that is none; Lookup's list has none of them.
        **dict.fromkeys(range(21211, 21220), R.INVALID_NUMBER),
        60003: R.PACKAGE_REFUSED,  # seen on identity_match, not documented there
        60006: R.PACKAGE_REFUSED,  # seen on sms_pumping_risk, not documented there
        60600: R.NOT_COVERED,
        60601: R.NEEDS_APPROVAL,  # Canada: CLNPC
        # Verify's and e-mail's.
        **dict.fromkeys(range(60602, 60606), R.PACKAGE_REFUSED),
        60606: R.PACKAGE_UNAVAILABLE,
        60607: R.COUNTRY_NOT_COVERED,
        60608: R.SOURCE_FAILED,
        60609: R.PACKAGE_UNAVAILABLE,  # live_activity, no longer sold
        60610: R.NOT_COVERED,
        60611: R.QUOTA_REACHED,
        60612: R.NOT_MOBILE,
        60613: R.PARTIAL_DATA,
        60614: R.WRONG_REGION,
        60616: R.PACKAGE_RATE_LIMITED,
        60617: R.MISSING_INPUT,
        60618: R.BAD_INPUT,
        60619: R.WRONG_REGION,
        60620: R.NO_DATA,
        60621: R.PARTIAL_DATA,
        60622: R.TEST_CREDENTIALS,  # a number outside the magic ones: only test credentials get it
        60623: R.PACKAGE_REFUSED,  # pre_fill: the verification is gone
        60624: R.TRIAL_LIMIT,
        60625: R.NUMBER_CANCELLED,
        60626: R.NUMBER_RATE_LIMITED,
        60699: R.LOOKUP_DISABLED,
    }
)

# What a status means where no known code comes with it. 401, 403 and 429 may as well come from Twilio's gateway.
STATUSES: Mapping[int, FailureReason] = MappingProxyType(
    {
        400: R.BAD_REQUEST,
        401: R.ACCOUNT_CREDENTIALS,
        403: R.ACCOUNT_CREDENTIALS,
        408: R.TIME_OUT,
        429: R.RATE_LIMITED,
    }
)

_UNKNOWN_BILL = frozenset({R.TIME_OUT, R.SERVER_ERROR, R.INVALID_ANSWER})
# A database's integer column takes a code, whatever a provider sends.
_LARGEST_CODE = 2**31 - 1


def reason_of(status: int, code: int | None) -> FailureReason:
    """What an HTTP answer that is not a readable 200 means.

    A code decides where it is known and the request was refused (4xx); else the status does. Any 4xx that is in no
    table comes from something in front of Twilio, or is refused for a reason that nobody told us yet.
    """
    if 400 <= status < 500:
        if code is not None and code in CODES:
            return CODES[code]
        return STATUSES.get(status, R.UNEXPECTED_STATUS)
    if 500 <= status < 600:
        return R.SERVER_ERROR
    return R.REDIRECTED if 300 <= status < 400 else R.INVALID_ANSWER


def request_failure(
    status: int, body: bytes, packages: Sequence[str] = (), *, retry_after: float | None = None
) -> Failure:
    """The failure that an HTTP answer other than a readable 200 stands for.

    Refusals (3xx, 4xx) were not processed and cost nothing; after a 5xx nobody knows.
    """
    code, text = _error_body(body)
    reason = reason_of(status, code)
    return Failure(
        reason=reason,
        billing=Billing.UNKNOWN if reason in _UNKNOWN_BILL else Billing.NOT_PROCESSED,
        package=_package_meant(packages, text) if SCOPES[reason] is FailureScope.PACKAGE else None,
        code=code,
        http_status=status,
        retry_after=retry_after,
        message=sentence(reason, code=code, status=status),
    )


@lru_cache(maxsize=1024)
def package_failure(package: str, code: int | None) -> Failure:
    """The failure of one package inside an answered request; None is a code that is no number.

    Nobody outside knows whether an error is billed, so it is unknown, but for 60616, which was not processed. A code in
    no list is permanent for the package and kept as it came.
    """
    reason = CODES.get(code, R.PACKAGE_REFUSED) if code is not None else R.PACKAGE_REFUSED
    reason = _INSIDE_A_PACKAGE.get(reason, reason)
    return Failure(
        reason=reason,
        billing=Billing.NOT_PROCESSED if reason is R.PACKAGE_RATE_LIMITED else Billing.UNKNOWN,
        package=package,
        code=code,
        http_status=200,
        message=sentence(reason, code=code),
    )


def unreadable(status: int) -> Failure:
    """The failure of an answer that arrived and is none: no JSON, no object, none of the known fields, or too long."""
    return Failure(
        reason=R.INVALID_ANSWER,
        billing=Billing.UNKNOWN,
        http_status=status,
        message=sentence(R.INVALID_ANSWER, status=status),
    )


def simulation_mixed(*, simulated: bool) -> Failure:
    """The failure of an answer that comes from the other world than the account was checked in."""
    return Failure(
        reason=R.SIMULATION_MIXED,
        billing=Billing.UNKNOWN,
        http_status=200,
        message=(
            "The account was checked as a real one, and now a simulator answers."
            if simulated
            else "The account was checked as a simulated one, and now a real server answers."
        ),
    )


# Inside one package these words are about that package only: the request itself was answered.
_INSIDE_A_PACKAGE: Mapping[FailureReason, FailureReason] = MappingProxyType(
    {R.RATE_LIMITED: R.PACKAGE_RATE_LIMITED, R.SERVER_ERROR: R.SOURCE_FAILED, R.NOT_FOUND: R.NO_DATA}
)


def _error_body(body: bytes) -> tuple[int | None, str]:
    """The code and the message of Twilio's error object; (None, "") for anything else."""
    try:
        read = json.loads(body)
    except (ValueError, RecursionError):
        return None, ""
    if not isinstance(read, dict):
        return None, ""
    code, text = read.get("code"), read.get("message")
    fits = isinstance(code, int) and not isinstance(code, bool) and 0 < code <= _LARGEST_CODE
    return code if fits else None, text if isinstance(text, str) else ""


def _package_meant(packages: Sequence[str], text: str) -> str | None:
    """The package that a refusal of the whole request is about, None where that cannot be told."""
    if len(packages) == 1:
        return packages[0]
    named = [package for package in packages if package in text]
    return named[0] if len(named) == 1 else None
