"""Our client against mocks made from Twilio's own API description: zeros, "string" and all are recorded as they are."""

from typing import Any

import orjson
import pytest
from hypothesis import given
from openapi_mock import any_of, documented_answers, lookup_schema, typical
from raw_server import NUMBER, Conversation, provider_at, raw_server

from bulk_lookup.core.answer import Answer, contact_columns
from bulk_lookup.core.billing import Billing
from bulk_lookup.core.data_package import CATALOGUE, buyable_packages
from bulk_lookup.core.failure import FailureReason
from bulk_lookup.core.line_type import can_receive_sms
from bulk_lookup.providers.twilio.answers import is_answer, read_answer

PRICED = tuple(name for name in CATALOGUE if name != "basic")


async def asked(json: Any, packages: tuple[str, ...]) -> Answer:
    async def talk(conversation: Conversation) -> None:
        await conversation.request()
        await conversation.answer(orjson.dumps(json))

    async with raw_server(talk) as server, provider_at(server.url) as provider:
        return await provider.ask(NUMBER, packages)


async def test_a_generic_mock_of_the_description_is_recorded_as_it_is() -> None:
    mock = typical(lookup_schema())
    assert mock["line_type_intelligence"]["type"] == "string"
    answer = await asked(mock, PRICED)
    assert (answer.phone_number, answer.valid, answer.country_code) == ("string", True, None)
    assert answer.validation_errors == ("TOO_SHORT",)
    assert answer.extra == {"country_code": "string"}
    for name in PRICED:
        told = mock[name]
        assert answer.packages[name].fields == told
    # Codes of 0 are no error; the one package whose code is a text answers "string".
    failed = {name for name, part in answer.packages.items() if part.failure}
    assert failed == {"reassigned_number"}
    assert answer.packages["reassigned_number"].billing is Billing.UNKNOWN
    assert answer.packages["line_type_intelligence"].billing is Billing.BILLED


async def test_a_generic_mock_fills_the_columns_with_its_words() -> None:
    answer = await asked(typical(lookup_schema()), buyable_packages())
    columns = contact_columns(answer)
    assert columns == {
        "line_type": "string",
        "carrier_name": "string",
        "mobile_country_code": "string",
        "mobile_network_code": "string",
        "caller_name": "string",
        "caller_type": "string",
        "line_status": "string",
        "sms_pumping_risk_score": 0,
        "carrier_risk_category": "string",
        "number_blocked": True,
        "number_blocked_date": "string",
        "number_blocked_last_3_months": True,
    }
    assert can_receive_sms(str(columns["line_type"]), valid=answer.valid) == "unknown"


@pytest.mark.parametrize(("name", "json"), documented_answers().items())
async def test_every_documented_example_is_read(name: str, json: dict[str, Any]) -> None:
    answer = await asked(json, (*PRICED, "basic"))
    assert answer.valid is json["valid"]
    assert answer.extra == {}
    assert answer.validation_errors == tuple(json["validation_errors"] or ())
    for package in PRICED:
        part = answer.packages[package]
        assert part.fields == (json[package] or {})
        assert part.failure is None or part.error_code is not None
    if name == "fetchInvalid":
        assert (answer.valid, answer.validation_errors) == (False, ("TOO_LONG",))
    if name == "fetchLineTypeIntelligence":
        assert contact_columns(answer)["line_type"] == json["line_type_intelligence"]["type"]


def test_the_description_knows_our_packages_and_no_others() -> None:
    fields = set(documented_answers()["fetch"])
    about_the_number = {"calling_country_code", "country_code", "phone_number", "national_format", "valid", "url"}
    assert fields - about_the_number - {"validation_errors"} == set(PRICED)


def test_our_columns_are_fields_of_the_description() -> None:
    mock = typical(lookup_schema())
    for name, package in CATALOGUE.items():
        for column in package.columns:
            assert column.source in mock[name]


@given(json=any_of(lookup_schema(), nullable=False))
def test_whatever_fits_the_description_is_an_answer_that_nobody_takes_for_free(json: dict[str, Any]) -> None:
    if not is_answer(json):
        assert json == {}
        return
    answer = read_answer(
        json,
        PRICED,
        number=NUMBER,
        request_id=None,
        response_time_ms=1,
        concurrent_requests=None,
        simulated=False,
    )
    for name, part in answer.packages.items():
        assert part.billing in (Billing.BILLED, Billing.UNKNOWN) or (
            part.failure is not None and part.failure.reason is FailureReason.PACKAGE_RATE_LIMITED
        )
        told = json.get(name)
        if isinstance(told, dict):
            assert part.fields == told
    contact_columns(answer)
