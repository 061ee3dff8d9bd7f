"""The simulator's answers against Twilio's own description of them."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from simulated_account import SimulatedAccount

from bulk_lookup.simulator.prices import PACKAGES, PRICED_PACKAGES

SPEC: Any = yaml.safe_load((Path(__file__).parents[1] / "data" / "twilio_lookups_v2.yaml").read_text())
NUMBERS = ["+14155552671", "+14165550123", "+447911123456", "+493012345678", "+18005550100", "+141599299600", "hello"]
PARAMETERS = {"LastVerifiedDate": "20240131", "FirstName": "Jane", "VerificationSid": "VE1"}
TYPES: dict[str, Any] = {
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
    "object": dict,
    "array": list,
}


def check(value: Any, schema: Any, where: str) -> None:
    """Raise unless the value fits; null always does, since the description's own examples have it anywhere."""
    if "$ref" in schema:
        schema = SPEC["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    kind = schema.get("type")
    if value is None or kind is None:
        return
    assert isinstance(value, TYPES[kind]), f"{where}: {value!r} is no {kind}"
    assert kind == "boolean" or not isinstance(value, bool), f"{where}: {value!r} is no {kind}"
    assert value in schema.get("enum", [value]), f"{where}: {value!r} is none of {schema['enum']}"
    if schema.get("format") == "date-time":
        datetime.fromisoformat(value)
    if kind == "object" and "properties" in schema:
        unknown = set(value) - set(schema["properties"])
        assert not unknown, f"{where}: {unknown} is not described"
        for key, part in value.items():
            check(part, schema["properties"][key], f"{where}.{key}")
    if kind == "array":
        for at, part in enumerate(value):
            check(part, schema["items"], f"{where}[{at}]")


def schema_of(path: str, method: str, status: str = "200") -> Any:
    return SPEC["paths"][path][method]["responses"][status]["content"]["application/json"]["schema"]


def test_the_check_itself_finds_what_is_wrong() -> None:
    schema = schema_of("/v2/PhoneNumbers/{PhoneNumber}", "get")
    wrong: list[dict[str, object]] = [
        {"valid": "yes"},
        {"colour": 1},
        {"validation_errors": ["BLUE"]},
        {"country_code": 1},
    ]
    for answer in wrong:
        with pytest.raises(AssertionError):
            check(answer, schema, "answer")


def test_its_own_examples_pass() -> None:
    content = SPEC["paths"]["/v2/PhoneNumbers/{PhoneNumber}"]["get"]["responses"]["200"]["content"]["application/json"]
    for name, example in content["examples"].items():
        answer = {**example["value"]}
        for package in ("sim_swap", "sms_pumping_risk"):
            # PyYAML reads their dates as dates.
            answer[package] = None
        check(answer, content["schema"], name)


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("package", PACKAGES)
@pytest.mark.parametrize("given", [{}, PARAMETERS], ids=["plain", "with parameters"])
def test_every_package_answers_as_described(
    account: SimulatedAccount, number: str, package: str, given: dict[str, str]
) -> None:
    account.set(disabled_packages=[], canada_approved="on", invalid_rate=0)
    answer = account.look_up_with(number, {"Fields": package, **given}).json
    check(answer, schema_of("/v2/PhoneNumbers/{PhoneNumber}", "get"), "answer")
    example = SPEC["paths"]["/v2/PhoneNumbers/{PhoneNumber}"]["get"]["responses"]["200"]["content"]["application/json"]
    assert set(answer) == set(example["examples"]["fetch"]["value"])


@pytest.mark.parametrize("package", PRICED_PACKAGES)
def test_a_failed_package_has_the_fields_of_a_good_one(account: SimulatedAccount, package: str) -> None:
    account.set(disabled_packages=[package])
    failed = account.look_up("+14155552671", package).json
    check(failed, schema_of("/v2/PhoneNumbers/{PhoneNumber}", "get"), "answer")
    assert str(failed[package]["error_code"]) == "60606"
    account.set(disabled_packages=[])
    country = "+447911123456" if package == "call_forwarding" else "+14155550001"
    good = account.look_up_with(country, {"Fields": package, **PARAMETERS}).json[package]
    assert set(failed[package]) == set(good)


def test_a_batch_is_answered_as_described(account: SimulatedAccount) -> None:
    in_batch = SPEC["components"]["schemas"]["LookupBatchRequest"]["properties"]["fields"]["items"]["enum"]
    items = [{"phone_number": number, "correlation_id": number, "fields": in_batch} for number in NUMBERS]
    answer = account.request("POST", "/v2/batch/query", {"phone_numbers": items + items[:1]}).json
    check(answer, schema_of("/v2/batch/query", "post"), "answer")


def test_rate_limits_and_their_refusal_are_as_described(account: SimulatedAccount) -> None:
    account.set(package_limits={"caller_name": 3})
    check(account.request("GET", "/v2/RateLimits").json, schema_of("/v2/RateLimits", "get"), "answer")
    refused = account.request("GET", "/v2/RateLimits?Fields=carrier")
    assert refused.status == 400
    check(refused.json, schema_of("/v2/RateLimits", "get", "400"), "answer")


def test_all_packages_of_the_description_are_known() -> None:
    described = SPEC["components"]["schemas"]["LookupResponse"]["properties"]
    assert set(PRICED_PACKAGES) <= set(described)
    parameters = SPEC["paths"]["/v2/PhoneNumbers/{PhoneNumber}"]["get"]["parameters"]
    listed = parameters[1]["description"].rpartition("are ")[2].rstrip(".").split(", ")
    assert {name.strip() for name in listed} == set(PACKAGES)
