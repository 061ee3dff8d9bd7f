"""Each number has the same line behind it each time, believable as a crowd and obviously invented one by one."""

from collections import Counter

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulk_lookup.simulator.packages import answer
from bulk_lookup.simulator.population import Line, line_of
from bulk_lookup.simulator.prices import PRICED_PACKAGES


def lines(prefix: str = "+1415555", count: int = 4000) -> list[Line]:
    return [line_of(f"{prefix}{n:04}") for n in range(count)]


def told(package: str, line: Line, *, nth: int = 0, given: dict[str, str] | None = None) -> dict[str, object]:
    return answer(package, line, given or {}, nth=nth, canada_approved=False)


def test_the_same_number_is_the_same_line_each_time() -> None:
    assert lines(count=200) == lines(count=200)


def test_another_seed_is_another_crowd_with_the_same_numbers() -> None:
    one, other = line_of("+14155552671", seed=1), line_of("+14155552671", seed=2)
    assert one.number == other.number
    assert one.draws != other.draws


@given(st.text(alphabet="+0123456789 -()a", max_size=18))
def test_a_number_is_valid_only_if_the_numbering_plan_says_so(text: str) -> None:
    line = line_of(text)
    try:
        expected = phonenumbers.is_valid_number(phonenumbers.parse(text, "US"))
    except phonenumbers.NumberParseException:
        expected = False
    assert line.valid == expected
    assert line.valid == (line.validation_error is None)


def test_a_few_valid_numbers_are_invalid_for_twilio() -> None:
    refused = sum(not line_of(f"+1415555{n:04}", invalid_rate=0.003).valid for n in range(10_000))
    assert 10 <= refused <= 60


@pytest.mark.parametrize(
    ("text", "number", "error"),
    [
        ("+141599299600", "+141599299600", "TOO_LONG"),
        ("+1415", "+1415", "TOO_SHORT"),
        ("+99912345678", "+99912345678", "INVALID_COUNTRY_CODE"),
        ("+11234567890", "+11234567890", "INVALID_BUT_POSSIBLE"),
        # Rubbish comes back with a +1 in front.
        ("hello", "+1hello", "NOT_A_NUMBER"),
    ],
)
def test_an_invalid_number_says_why(text: str, number: str, error: str) -> None:
    line = line_of(text)
    assert (line.number, line.validation_error, line.country, line.national_format) == (number, error, None, None)


def test_a_national_number_is_american_unless_a_country_is_given() -> None:
    assert line_of("4155552671").number == "+14155552671"
    assert line_of("030 1234567", country="de").number == "+49301234567"


def test_american_numbers_are_a_believable_mixture() -> None:
    types = Counter(line.line_type for line in lines())
    assert 0.58 < types["mobile"] / 4000 < 0.70
    assert 0.12 < types["landline"] / 4000 < 0.21
    assert types["fixedVoip"] > types["nonFixedVoip"] > 0


@pytest.mark.parametrize(
    ("number", "line_type"),
    [
        ("+18005550100", "tollFree"),
        ("+19002345678", "premium"),
        ("+4918012345", "sharedCost"),
        ("+447012345678", "personal"),
    ],
)
def test_special_numbers_are_what_the_numbering_plan_says(number: str, line_type: str) -> None:
    line = line_of(number)
    assert (line.line_type, line.carrier, line.network_code) == (line_type, None, None)


def test_nobody_can_take_a_carrier_or_a_name_for_real() -> None:
    for line in lines(count=300):
        kind = told("line_type_intelligence", line)
        assert str(kind["carrier_name"]).endswith("(simulated)") or line.line_type == "unknown"
        assert kind["mobile_country_code"] in (None, "001")
        name = told("caller_name", line)["caller_name"]
        assert name is None or str(name).endswith("(simulated)")


def test_caller_names_are_american_and_sometimes_missing() -> None:
    names = [told("caller_name", line) for line in lines(count=1000)]
    assert {name["caller_type"] for name in names} == {"CONSUMER", "BUSINESS", "UNDETERMINED"}
    assert 0 < sum(name["caller_name"] is None for name in names) < 300
    assert told("caller_name", line_of("+493012345678"))["error_code"] == 60600


def test_canada_is_closed_to_line_types_until_approved() -> None:
    line = line_of("+14165550123")
    assert told("line_type_intelligence", line) == {
        "type": None,
        "carrier_name": None,
        "mobile_country_code": None,
        "mobile_network_code": None,
        "error_code": 60601,
    }
    assert answer("line_type_intelligence", line, {}, nth=0, canada_approved=True)["error_code"] is None


@pytest.mark.parametrize(
    ("number", "verified", "code"),
    [
        ("+14155552671", None, "60617"),
        ("+14155552671", "2024-01-01", "60618"),
        ("+14155552671", "20240231", "60618"),
        ("+493012345678", "20240101", "60607"),
        ("+14155552671", "20240101", None),
    ],
)
def test_reassigned_number_needs_an_american_number_and_a_date(
    number: str, verified: str | None, code: str | None
) -> None:
    parameters = {} if verified is None else {"LastVerifiedDate": verified}
    assert told("reassigned_number", line_of(number), given=parameters)["error_code"] == code


def test_a_number_once_reassigned_stays_unchanged_for_later_dates() -> None:
    words = Counter(
        (
            told("reassigned_number", line, given={"LastVerifiedDate": "20210201"})["is_number_reassigned"],
            told("reassigned_number", line, given={"LastVerifiedDate": "20261101"})["is_number_reassigned"],
        )
        for line in lines(count=1000)
    )
    assert set(words) == {("yes", "no"), ("no", "no"), ("no_data_available", "no_data_available")}


def test_pumping_risk_rises_with_every_question() -> None:
    line = next(line for line in lines() if told("sms_pumping_risk", line)["sms_pumping_risk_score"] == 0)
    assert told("sms_pumping_risk", line, nth=3)["sms_pumping_risk_score"] == 21
    assert told("sms_pumping_risk", line, given={"PartnerSubId": "x" * 65})["error_code"] == 60618


def test_line_status_uses_all_of_its_words() -> None:
    words = {told("line_status", line)["status"] for line in lines(count=1000)}
    assert words == {"active", "reachable", "unreachable", "inactive", "unknown"}


def test_packages_with_coverage_of_their_own_say_so() -> None:
    landline = next(line for line in lines() if line.line_type == "landline")
    assert told("sim_swap", landline)["error_code"] == 60612
    assert told("call_forwarding", landline)["error_code"] == 60607
    assert told("identity_match", landline)["error_code"] == 60617
    assert told("pre_fill", landline)["error_code"] == 60617


@given(st.integers(0, 9_999), st.sampled_from(PRICED_PACKAGES))
def test_every_package_answers_every_line_with_an_error_code_or_null(n: int, package: str) -> None:
    for prefix in ("+1415555", "+44791112", "+49301234", "+1800555"):
        line = line_of(f"{prefix}{n:04}")
        if line.valid:
            code = told(package, line)["error_code"]
            assert code is None or str(code).startswith("606")
