"""The batch endpoint: each item by its correlation_id, each with packages, parameters and an error of its own."""

from typing import Any

import pytest
from simulated_account import SimulatedAccount

LINE_TYPE = "line_type_intelligence"


def ask(account: SimulatedAccount, *items: dict[str, object]) -> Any:
    answer = account.request("POST", "/v2/batch/query", {"phone_numbers": list(items)})
    assert answer.status == 200, answer.body
    return answer.json["phone_numbers"]


def test_items_are_answered_under_their_own_id_and_packages(account: SimulatedAccount) -> None:
    first, second = ask(
        account,
        {"correlation_id": "a", "phone_number": "+14155552671", "fields": [LINE_TYPE]},
        {"correlation_id": "b", "phone_number": "+14155552672", "fields": ["caller_name"]},
    )
    assert (first["correlation_id"], second["correlation_id"]) == ("a", "b")
    assert first[LINE_TYPE]["type"]
    assert first["caller_name"] is None
    assert second["caller_name"]["error_code"] is None
    assert account.ledger() == {
        "requests": 1,
        "numbers": {
            "+14155552671": {"asked": 1, "billed": {LINE_TYPE: 1}},
            "+14155552672": {"asked": 1, "billed": {"caller_name": 1}},
        },
        "billed_total": "0.018",
    }


def test_a_number_has_the_same_line_alone_and_in_a_batch(account: SimulatedAccount) -> None:
    alone = account.look_up("+14155552671", LINE_TYPE).json[LINE_TYPE]
    assert ask(account, {"phone_number": "+14155552671", "fields": [LINE_TYPE]})[0][LINE_TYPE] == alone


def test_the_same_number_twice_gets_60626_and_is_billed_once(account: SimulatedAccount) -> None:
    first, second = ask(
        account,
        {"phone_number": "+14155552671", "fields": [LINE_TYPE]},
        {"phone_number": "(415) 555-2671", "fields": [LINE_TYPE]},
    )
    assert (first["twilio_error_code"], second["twilio_error_code"]) == (None, 60626)
    assert account.billed("+14155552671") == {LINE_TYPE: 1}


def test_an_items_parameters_reach_its_package(account: SimulatedAccount) -> None:
    parameters = {"last_verified_date": "20240131"}
    (told,) = ask(
        account, {"phone_number": "+14155552671", "fields": ["reassigned_number"], "reassigned_number": parameters}
    )
    assert told["reassigned_number"]["last_verified_date"] == "2024-01-31"
    (national,) = ask(account, {"phone_number": "0301234567", "country_code": "DE"})
    assert national["phone_number"] == "+49301234567"


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        {"phone_numbers": []},
        {"phone_numbers": ["+14155552671"]},
        {"phone_numbers": [{"fields": [LINE_TYPE]}]},
        {"phone_numbers": [{"phone_number": "+14155552671", "fields": LINE_TYPE}]},
        {"phone_numbers": [{"phone_number": "+14155552671", "fields": ["validation"]}]},
        {"phone_numbers": [{"phone_number": "+14155552671", "fields": ["carrier"]}]},
        {"phone_numbers": [{"phone_number": f"+1415555{n:04}"} for n in range(101)]},
    ],
)
def test_a_body_that_is_no_batch_gets_400(account: SimulatedAccount, body: object) -> None:
    answer = account.request("POST", "/v2/batch/query", body)
    assert (answer.status, answer.json["status"]) == (400, 400)
    assert account.ledger()["numbers"] == {}


def test_one_request_meets_one_fault(account: SimulatedAccount) -> None:
    account.set(error_rate=1, processed_share=1, bill_errors="off")
    items = [{"phone_number": f"+1415555{n:04}", "fields": [LINE_TYPE]} for n in range(5)]
    assert account.request("POST", "/v2/batch/query", {"phone_numbers": items}).status >= 500
    assert account.ledger()["billed_total"] == "0.00"
    account.set(error_rate=0, refuse_rate=1)
    assert account.request("POST", "/v2/batch/query", {"phone_numbers": items}).json["code"] == 20429
    account.set(refuse_rate=0, max_in_flight=1, foreign_in_flight=1)
    assert account.request("POST", "/v2/batch/query", {"phone_numbers": items}).json["code"] == 20429
    assert account.stats()["refused_by_reason"] == {"chance": 1, "limit": 1}


@pytest.mark.parametrize("kind", ["redirect", "unknown_code", "unknown_values", "wrong_types", "list"])
def test_garbage_in_place_of_a_batch_is_garbage_too(account: SimulatedAccount, kind: str) -> None:
    account.set(garbage_rate=1, garbage_kinds=kind)
    items = [{"phone_number": "+14155552671", "fields": [LINE_TYPE]}]
    answer = account.request("POST", "/v2/batch/query", {"phone_numbers": items})
    assert answer.status == (302 if kind == "redirect" else 200)


def test_a_batch_may_not_exist_and_its_account_may_be_in_trouble(account: SimulatedAccount) -> None:
    items = {"phone_numbers": [{"phone_number": "+14155552671"}]}
    account.set(account_fault=60699)
    assert account.request("POST", "/v2/batch/query", items).json["code"] == 60699
    account.set(batch_enabled="off")
    assert account.request("POST", "/v2/batch/query", items).status == 404
    assert account.request("GET", "/v2/batch/query").status == 405
