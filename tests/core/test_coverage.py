"""What is worth asking for a number of which country."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulk_lookup.core.billing import Billing
from bulk_lookup.core.coverage import NotWorthAsking, learnt_from, packages_to_ask, why_not_ask
from bulk_lookup.core.data_package import buyable_packages
from bulk_lookup.core.failure import Failure, FailureReason

N = NotWorthAsking
DATE = ("last_verified_date",)

TABLE = [
    # Line types and line status are asked everywhere; Canada too, since the account may have its approval.
    ("line_type_intelligence", "US", (), None),
    ("line_type_intelligence", "CA", (), None),
    ("line_type_intelligence", None, (), None),
    ("line_status", "IN", (), None),
    ("basic", "GB", (), None),
    # Caller names are those of carriers in the United States.
    ("caller_name", "US", (), None),
    ("caller_name", "CA", (), N.NOT_COVERED),
    ("caller_name", "GB", (), N.NOT_COVERED),
    ("caller_name", None, (), N.NOT_COVERED),
    # Reassigned numbers need a date as well.
    ("reassigned_number", "US", DATE, None),
    ("reassigned_number", "US", (), N.MISSING_INPUT),
    ("reassigned_number", "GB", DATE, N.NOT_COVERED),
    ("reassigned_number", "GB", (), N.NOT_COVERED),
    # Twilio advises against it in the United States and Canada.
    ("sms_pumping_risk", "US", (), N.NOT_COVERED),
    ("sms_pumping_risk", "CA", (), N.NOT_COVERED),
    ("sms_pumping_risk", "GB", (), None),
    ("sms_pumping_risk", None, (), None),
]


@pytest.mark.parametrize(("package", "country", "inputs", "expected"), TABLE)
def test_what_is_worth_asking(
    package: str, country: str | None, inputs: tuple[str, ...], expected: NotWorthAsking | None
) -> None:
    assert why_not_ask(package, country, inputs=inputs) is expected


def test_what_a_refusal_taught_is_skipped_in_that_country_only() -> None:
    uncovered = {("line_type_intelligence", "CA")}
    assert why_not_ask("line_type_intelligence", "CA", uncovered=uncovered) is N.LEARNT_NOT_COVERED
    assert why_not_ask("line_type_intelligence", "US", uncovered=uncovered) is None
    assert why_not_ask("line_status", "CA", uncovered=uncovered) is None


def test_the_packages_to_ask_keep_their_order() -> None:
    asked = ("line_status", "caller_name", "line_type_intelligence")
    assert packages_to_ask(asked, "US") == asked
    assert packages_to_ask(asked, "GB") == ("line_status", "line_type_intelligence")


@pytest.mark.parametrize(
    ("reason", "learnt"),
    [
        # 60601 and 60607 hold for the whole country, 60600 and 60610 for the number.
        (FailureReason.NEEDS_APPROVAL, ("line_type_intelligence", "CA")),
        (FailureReason.COUNTRY_NOT_COVERED, ("line_type_intelligence", "CA")),
        (FailureReason.NOT_COVERED, None),
        (FailureReason.SOURCE_FAILED, None),
    ],
)
def test_which_refusals_teach_something_about_a_country(reason: FailureReason, learnt: tuple[str, str] | None) -> None:
    failure = Failure(reason=reason, billing=Billing.UNKNOWN, package="line_type_intelligence")
    assert learnt_from(failure, "CA") == learnt
    assert learnt_from(failure, None) is None


@given(
    package=st.sampled_from(buyable_packages()),
    country=st.none() | st.text(alphabet="ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=2, max_size=2),
)
def test_what_was_learnt_is_never_asked_again(package: str, country: str | None) -> None:
    if country is not None:
        assert why_not_ask(package, country, inputs=DATE, uncovered={(package, country)}) is not None
    assert (packages_to_ask([package], country, inputs=DATE) == (package,)) == (
        why_not_ask(package, country, inputs=DATE) is None
    )
