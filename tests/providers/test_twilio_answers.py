"""Twilio's JSON becomes typed values; what is odd is recorded as it came, and is never taken for free."""

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulk_lookup.core.answer import Answer, contact_columns
from bulk_lookup.core.billing import Billing
from bulk_lookup.core.data_package import CATALOGUE
from bulk_lookup.core.failure import FailureReason
from bulk_lookup.providers.twilio.answers import is_answer, read_answer

NUMBER = "+14155550123"
LINE_TYPE = "line_type_intelligence"


def body(**changes: Any) -> dict[str, Any]:
    """An answer as Twilio writes it: every package is there, null where it was not asked for."""
    return {
        "calling_country_code": "1",
        "country_code": "US",
        "phone_number": NUMBER,
        "national_format": "(415) 555-0123",
        "valid": True,
        "validation_errors": [],
        **{name: None for name in CATALOGUE if name != "basic"},
        "url": f"https://lookups.twilio.com/v2/PhoneNumbers/{NUMBER}",
        **changes,
    }


def read(json: dict[str, Any], *packages: str) -> Answer:
    return read_answer(
        json,
        packages or (LINE_TYPE,),
        number=NUMBER,
        request_id="RQ1",
        response_time_ms=250,
        concurrent_requests=3,
        simulated=False,
    )


MOBILE = {
    "type": "mobile",
    "carrier_name": "Example",
    "mobile_country_code": "001",
    "mobile_network_code": "07",
    "error_code": None,
}


def test_a_good_answer() -> None:
    answer = read(body(line_type_intelligence=MOBILE))
    assert (answer.phone_number, answer.valid, answer.country_code) == (NUMBER, True, "US")
    assert (answer.request_id, answer.response_time_ms, answer.concurrent_requests) == ("RQ1", 250, 3)
    assert (answer.validation_errors, answer.extra, answer.simulated) == ((), {}, False)
    part = answer.packages[LINE_TYPE]
    assert (part.fields, part.error_code, part.billing, part.failure) == (MOBILE, None, Billing.BILLED, None)


def test_an_invalid_number_is_an_answer_whose_bill_is_unknown() -> None:
    answer = read(
        body(valid=False, validation_errors=["TOO_LONG"], country_code=None), LINE_TYPE, "caller_name", "basic"
    )
    assert (answer.valid, answer.validation_errors, answer.country_code) == (False, ("TOO_LONG",), None)
    assert [part.billing for part in answer.packages.values()] == [Billing.UNKNOWN, Billing.UNKNOWN, Billing.FREE]
    assert all(part.failure is None for part in answer.packages.values())


def test_null_and_no_validation_errors_are_the_same() -> None:
    assert read(body(validation_errors=None)).validation_errors == read(body()).validation_errors == ()


def test_a_caller_name_without_a_name_is_billed() -> None:
    part = read(body(caller_name={"caller_name": None, "caller_type": "UNDETERMINED"}), "caller_name").packages[
        "caller_name"
    ]
    assert part.billing is Billing.BILLED


def test_one_package_may_fail_beside_another_that_answers() -> None:
    answer = read(
        body(line_type_intelligence=MOBILE, line_status={"status": None, "error_code": 60608}), LINE_TYPE, "line_status"
    )
    good, bad = answer.packages[LINE_TYPE], answer.packages["line_status"]
    assert (good.billing, good.failure) == (Billing.BILLED, None)
    assert bad.failure is not None
    assert (bad.failure.reason, bad.failure.package) == (FailureReason.SOURCE_FAILED, "line_status")
    assert (bad.error_code, bad.billing) == (60608, Billing.UNKNOWN)
    assert set(contact_columns(answer)) == {"line_type", "carrier_name", "mobile_country_code", "mobile_network_code"}


def test_the_rate_limit_of_a_package_was_not_processed() -> None:
    part = read(body(line_status={"status": None, "error_code": 60616}), "line_status").packages["line_status"]
    assert part.billing is Billing.NOT_PROCESSED


def test_partial_data_are_kept_with_their_code() -> None:
    answer = read(body(line_type_intelligence={**MOBILE, "error_code": 60613}))
    part = answer.packages[LINE_TYPE]
    assert part.failure is not None
    assert (part.failure.reason, part.error_code) == (FailureReason.PARTIAL_DATA, 60613)
    assert contact_columns(answer)["carrier_name"] == "Example"


def test_the_codes_of_reassigned_number_are_texts() -> None:
    told = {"last_verified_date": None, "is_number_reassigned": None, "error_code": "60617"}
    part = read(body(reassigned_number=told), "reassigned_number").packages["reassigned_number"]
    assert part.failure is not None
    assert (part.error_code, part.failure.reason) == (60617, FailureReason.MISSING_INPUT)
    assert part.fields == told


@pytest.mark.parametrize("code", [None, 0, "", False, [], 0.0])
def test_a_code_of_nothing_is_no_error(code: Any) -> None:
    part = read(body(line_type_intelligence={**MOBILE, "error_code": code})).packages[LINE_TYPE]
    assert (part.error_code, part.failure, part.billing) == (None, None, Billing.BILLED)


@pytest.mark.parametrize("code", ["string", True, 60616.5, -1, 2**31, 10**30, [60600], {"code": 1}, "٦٠٦٠٠"])
def test_a_code_that_is_no_number_is_an_error_all_the_same(code: Any) -> None:
    part = read(body(line_type_intelligence={**MOBILE, "error_code": code})).packages[LINE_TYPE]
    assert part.failure is not None
    assert (part.error_code, part.failure.reason) == (None, FailureReason.PACKAGE_REFUSED)
    assert part.billing is Billing.UNKNOWN
    assert part.fields["error_code"] == code


def test_unknown_words_and_fields_pass_through() -> None:
    answer = read(body(line_type_intelligence={**MOBILE, "type": "hologram", "new": {"deep": [1]}}, also_new="x"))
    assert answer.packages[LINE_TYPE].fields["type"] == "hologram"
    assert answer.packages[LINE_TYPE].fields["new"] == {"deep": [1]}
    assert answer.extra == {"also_new": "x"}
    assert contact_columns(answer)["line_type"] == "hologram"


@pytest.mark.parametrize("told", [0, 1, "string", True, [], [MOBILE], 1.5])
def test_a_package_that_is_no_object_is_recorded_as_it_is(told: Any) -> None:
    part = read(body(line_type_intelligence=told)).packages[LINE_TYPE]
    assert (part.fields, part.billing, part.failure) == ({"value": told}, Billing.UNKNOWN, None)


def test_a_package_that_is_missing_is_an_unknown_bill() -> None:
    for json in (body(), {"phone_number": NUMBER, "valid": True}):
        part = read(json).packages[LINE_TYPE]
        assert (part.fields, part.billing, part.failure) == ({}, Billing.UNKNOWN, None)


def test_what_is_not_of_its_type_is_kept_beside() -> None:
    answer = read(
        body(
            valid="perhaps",
            country_code="string",
            phone_number=0,
            validation_errors=["TOO_LONG", 7],
            line_type_intelligence=MOBILE,
        )
    )
    assert (answer.valid, answer.country_code, answer.phone_number) == (None, None, NUMBER)
    assert answer.validation_errors == ("TOO_LONG",)
    assert answer.extra == {
        "valid": "perhaps",
        "country_code": "string",
        "phone_number": 0,
        "validation_errors": ["TOO_LONG", 7],
    }
    assert answer.packages[LINE_TYPE].billing is Billing.UNKNOWN


def test_basic_alone_is_free_and_holds_what_is_known_of_the_number() -> None:
    part = read(body(), "basic").packages["basic"]
    assert part.billing is Billing.FREE
    assert part.fields["national_format"] == "(415) 555-0123"
    assert LINE_TYPE not in part.fields


@pytest.mark.parametrize("json", [[], "x", 0, None, True, {}, {"code": 20404, "message": "no"}])
def test_what_has_none_of_the_documented_fields_is_no_answer(json: Any) -> None:
    assert not is_answer(json)


ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["type", "status", "error_code", "x"]), inner, max_size=3)
    ),
    max_leaves=4,
)


@given(
    json=st.dictionaries(st.sampled_from(sorted(body())), ANYTHING, max_size=5),
    packages=st.lists(st.sampled_from(sorted(CATALOGUE)), min_size=1, max_size=3, unique=True),
)
def test_any_json_is_recorded_without_an_exception_and_can_be_stored(json: dict[str, Any], packages: list[str]) -> None:
    answer = read(json, *packages)
    assert list(answer.packages) == packages
    for name, part in answer.packages.items():
        orjson.dumps(dict(part.fields))
        if name != "basic":
            told = json.get(name)
            assert part.fields == ({} if told is None else told if isinstance(told, dict) else {"value": told})
            plain = isinstance(told, dict) and not told.get("error_code") and json.get("valid") is True
            assert (part.billing is Billing.BILLED) == plain
        assert part.error_code is None or part.failure is not None
    contact_columns(answer)
