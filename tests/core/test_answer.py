"""The flat columns of an answer."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulk_lookup.core.answer import JSON, LONGEST_TEXT, Answer, Billing, PackageAnswer, contact_columns
from bulk_lookup.core.data_package import CATALOGUE
from bulk_lookup.core.failure import Failure, FailureReason


def answer(*parts: PackageAnswer) -> Answer:
    return Answer("+14155550123", True, (), "US", {part.package: part for part in parts}, "RQ1", 250, None, True)


def told(package: str, fields: Mapping[str, JSON]) -> PackageAnswer:
    return PackageAnswer(package, fields, None, Billing.BILLED)


def failed(package: str, fields: Mapping[str, JSON], reason: FailureReason) -> PackageAnswer:
    failure = Failure(reason=reason, billing=Billing.UNKNOWN, package=package)
    return PackageAnswer(package, fields, 60608, Billing.UNKNOWN, failure)


LINE_TYPE: dict[str, JSON] = {
    "type": "mobile",
    "carrier_name": "Example Mobile",
    "mobile_country_code": "001",
    "mobile_network_code": "07",
    "error_code": None,
}


def test_each_package_fills_its_own_columns_and_keeps_leading_zeros() -> None:
    columns = contact_columns(
        answer(told("line_type_intelligence", LINE_TYPE), told("line_status", {"status": "active"}))
    )
    assert columns == {
        "line_type": "mobile",
        "carrier_name": "Example Mobile",
        "mobile_country_code": "001",
        "mobile_network_code": "07",
        "line_status": "active",
    }


def test_a_package_that_failed_leaves_the_columns_of_an_earlier_answer_alone() -> None:
    part = failed("line_type_intelligence", LINE_TYPE, FailureReason.SOURCE_FAILED)
    assert contact_columns(answer(part)) == {}


def test_partial_data_are_shown() -> None:
    part = failed("line_type_intelligence", LINE_TYPE, FailureReason.PARTIAL_DATA)
    assert contact_columns(answer(part))["carrier_name"] == "Example Mobile"


def test_an_empty_answer_empties_its_columns() -> None:
    assert contact_columns(answer(told("caller_name", {}))) == {"caller_name": None, "caller_type": None}


def test_the_columns_of_a_risk_have_types() -> None:
    part = told(
        "sms_pumping_risk",
        {
            "sms_pumping_risk_score": 34,
            "carrier_risk_category": "high",
            "number_blocked": True,
            "number_blocked_date": None,
            "number_blocked_last_3_months": False,
        },
    )
    assert contact_columns(answer(part)) == {
        "sms_pumping_risk_score": 34,
        "carrier_risk_category": "high",
        "number_blocked": True,
        "number_blocked_date": None,
        "number_blocked_last_3_months": False,
    }


@pytest.mark.parametrize(
    ("value", "column"),
    [
        ("hologram", "hologram"),
        ("string", "string"),
        ("", None),
        (0, "0"),
        (310, "310"),
        (True, "true"),
        (["a"], '["a"]'),
        ({"a": None}, '{"a": null}'),
        ("x" * 5000, "x" * LONGEST_TEXT),
    ],
)
def test_a_text_column_takes_whatever_comes(value: JSON, column: str | None) -> None:
    assert contact_columns(answer(told("line_status", {"status": value}))) == {"line_status": column}


@pytest.mark.parametrize("value", ["34", 34.5, True, None, [], 2**31, -(2**40)])
def test_a_score_that_is_no_whole_number_is_left_empty(value: JSON) -> None:
    columns = contact_columns(answer(told("sms_pumping_risk", {"sms_pumping_risk_score": value, "number_blocked": 1})))
    assert columns["sms_pumping_risk_score"] is None
    assert columns["number_blocked"] is None


SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
JSON_VALUES = SCALARS | st.lists(SCALARS, max_size=2) | st.dictionaries(st.text(max_size=9), SCALARS, max_size=2)
FIELDS = sorted({column.source for package in CATALOGUE.values() for column in package.columns})


@given(
    package=st.sampled_from(sorted(CATALOGUE)), fields=st.dictionaries(st.sampled_from(FIELDS), JSON_VALUES, max_size=4)
)
def test_every_value_becomes_something_that_a_column_can_hold(package: str, fields: dict[str, JSON]) -> None:
    columns = contact_columns(answer(told(package, fields)))
    assert list(columns) == [column.name for column in CATALOGUE[package].columns]
    for value in columns.values():
        assert value is None or isinstance(value, bool | int | str)
        if isinstance(value, str):
            assert 0 < len(value) <= LONGEST_TEXT
        elif not isinstance(value, bool) and value is not None:
            assert abs(value) < 2**31
