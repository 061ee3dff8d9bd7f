"""Every reason word has a scope and a class of its own, and nothing is left to chance."""

import re

import pytest

from bulk_lookup.core.billing import Billing
from bulk_lookup.core.failure import RETRY_CLASSES, SCOPES, Failure, FailureReason, FailureScope, RetryClass


def test_every_reason_has_a_scope_and_a_class() -> None:
    assert set(SCOPES) == set(RETRY_CLASSES) == set(FailureReason)


@pytest.mark.parametrize("reason", FailureReason)
def test_a_failure_knows_its_scope_and_class_by_its_reason(reason: FailureReason) -> None:
    failure = Failure(reason=reason, billing=Billing.UNKNOWN)
    assert failure.scope is SCOPES[reason]
    assert failure.retry_class is RETRY_CLASSES[reason]


def test_only_a_failure_of_the_account_stops_the_account() -> None:
    for reason in FailureReason:
        stops = RETRY_CLASSES[reason] is RetryClass.ACCOUNT_STOP
        assert stops == (SCOPES[reason] is FailureScope.ACCOUNT), reason


def test_reason_words_are_plain_words_that_can_be_stored_and_shown() -> None:
    for reason in FailureReason:
        assert re.fullmatch(r"[a-z]+(_[a-z]+)*", reason.value)
        assert str(reason) == reason.value
