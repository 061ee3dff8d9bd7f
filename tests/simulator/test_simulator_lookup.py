"""One lookup over HTTP: who may ask, what is answered, and what the ledger counts under each billing switch."""

import dataclasses

import pytest
from simulated_account import SimulatedAccount

NUMBER = "+14155552671"
LINE_TYPE = "line_type_intelligence"
BILLED = {LINE_TYPE: 1}


def test_a_lookup_without_fields_is_free(account: SimulatedAccount) -> None:
    answer = account.look_up(NUMBER)
    assert answer.status == 200
    assert answer.json["valid"] is True
    assert answer.json["national_format"] == "(415) 555-2671"
    assert answer.json["url"] == f"{account.base_url}/v2/PhoneNumbers/{NUMBER}"
    assert answer.json[LINE_TYPE] is None
    assert account.ledger() == {"requests": 1, "numbers": {NUMBER: {"asked": 1, "billed": {}}}, "billed_total": "0.00"}


def test_validation_is_a_package_and_costs_nothing(account: SimulatedAccount) -> None:
    assert account.look_up(NUMBER, "validation").status == 200
    assert account.billed(NUMBER) == {}


def test_each_package_asked_for_is_answered_and_billed_once(account: SimulatedAccount) -> None:
    answer = account.look_up(NUMBER, f"{LINE_TYPE},caller_name,{LINE_TYPE}").json
    assert answer[LINE_TYPE]["error_code"] is None
    assert answer["caller_name"]["error_code"] is None
    assert answer["line_status"] is None
    assert account.ledger()["numbers"] == {NUMBER: {"asked": 1, "billed": {LINE_TYPE: 1, "caller_name": 1}}}
    assert account.ledger()["billed_total"] == "0.018"


def test_a_number_asked_twice_is_billed_twice(account: SimulatedAccount) -> None:
    assert account.look_up(NUMBER, LINE_TYPE).json == account.look_up(NUMBER, LINE_TYPE).json
    assert account.ledger()["numbers"][NUMBER] == {"asked": 2, "billed": {LINE_TYPE: 2}}


@pytest.mark.parametrize("written", [NUMBER, "%2B14155552671", "4155552671", "%28415%29%20555-2671"])
def test_a_number_is_one_number_however_it_is_written(account: SimulatedAccount, written: str) -> None:
    assert account.look_up(written).json["phone_number"] == NUMBER


def test_every_answer_is_marked_as_simulated_and_has_its_own_request_id(account: SimulatedAccount) -> None:
    answers = [
        account.look_up(NUMBER),
        account.look_up(NUMBER, "no_such_package"),
        account.request("GET", "/nowhere"),
        account.request("GET", "/_simulator/ledger"),
    ]
    assert {answer.headers["X-Bulk-Lookup-Simulator"] for answer in answers} == {"1"}
    ids = {answer.headers["Twilio-Request-Id"] for answer in answers}
    assert len(ids) == len(answers)
    assert all(len(one) == 34 and one.startswith("RQ") for one in ids)


def test_an_unknown_package_gets_400_and_no_bill(account: SimulatedAccount) -> None:
    answer = account.look_up(NUMBER, f"{LINE_TYPE},carrier")
    assert answer.status == 400
    assert set(answer.json) == {"code", "message", "more_info", "status"}
    assert account.ledger()["numbers"] == {}


@pytest.mark.parametrize(
    ("user", "token"),
    [("AC" + "0" * 32, "wrong"), ("AC" + "f" * 32, "simulated"), ("AC12", "simulated"), ("somebody", "simulated")],
)
def test_wrong_credentials_get_401_in_twilios_words(account: SimulatedAccount, user: str, token: str) -> None:
    answer = dataclasses.replace(account, user=user, token=token).look_up(NUMBER, LINE_TYPE)
    assert answer.status == 401
    assert answer.json["code"] == 20003


def test_an_api_key_asks_for_its_account(account: SimulatedAccount) -> None:
    key = dataclasses.replace(account, user="SK" + account.sid[2:])
    assert key.look_up(NUMBER, LINE_TYPE).status == 200
    assert account.billed(NUMBER) == BILLED


def test_test_credentials_get_403(account: SimulatedAccount) -> None:
    answer = dataclasses.replace(account, token="simulated-test").look_up(NUMBER, LINE_TYPE)
    assert (answer.status, answer.json["code"]) == (403, 20008)
    assert account.billed(NUMBER) == {}


@pytest.mark.parametrize(
    ("code", "status"), [(20003, 401), (20005, 403), (20403, 403), (60699, 403), (60624, 403), (69998, 403)]
)
def test_an_account_fault_refuses_every_lookup_unbilled(account: SimulatedAccount, code: int, status: int) -> None:
    account.set(account_fault=code)
    answer = account.look_up(NUMBER, LINE_TYPE)
    assert (answer.status, answer.json["code"], answer.json["status"]) == (status, code, status)
    assert account.ledger()["numbers"] == {}
    account.set(account_fault=None)
    assert account.look_up(NUMBER, LINE_TYPE).status == 200


def test_an_empty_path_and_a_wrong_method_are_refused(account: SimulatedAccount) -> None:
    assert account.request("GET", "/v2/PhoneNumbers/").json["code"] == 20404
    assert account.request("POST", f"/v2/PhoneNumbers/{NUMBER}").status == 405


@pytest.mark.parametrize(("switch", "billed"), [("on", BILLED), ("off", {})])
def test_an_invalid_number_is_200_and_billed_as_the_switch_says(
    account: SimulatedAccount, switch: str, billed: dict[str, int]
) -> None:
    account.set(bill_invalid=switch)
    answer = account.look_up("+141599299600", LINE_TYPE)
    assert answer.status == 200
    assert answer.json["valid"] is False
    assert answer.json["validation_errors"] == ["TOO_LONG"]
    assert answer.json[LINE_TYPE] is None
    assert account.billed("+141599299600") == billed


@pytest.mark.parametrize(("switch", "billed"), [("on", BILLED), ("off", {})])
def test_a_packages_error_code_is_billed_as_the_switch_says(
    account: SimulatedAccount, switch: str, billed: dict[str, int]
) -> None:
    account.set(bill_errors=switch)
    assert account.look_up("+14165550123", LINE_TYPE).json[LINE_TYPE]["error_code"] == 60601
    assert account.billed("+14165550123") == billed


def test_packages_that_need_an_approval_answer_60606_until_enabled(account: SimulatedAccount) -> None:
    assert account.look_up("+447911123456", "sim_swap").json["sim_swap"]["error_code"] == 60606
    account.set(disabled_packages=[])
    assert account.look_up("+447911123456", "sim_swap").json["sim_swap"]["error_code"] is None


def test_parameters_reach_their_package(account: SimulatedAccount) -> None:
    missing = account.look_up(NUMBER, "reassigned_number").json["reassigned_number"]
    assert missing["error_code"] == "60617"
    told = account.look_up(NUMBER, "reassigned_number", LastVerifiedDate="20240131").json["reassigned_number"]
    assert told["last_verified_date"] == "2024-01-31"
    assert account.look_up("0301234567", CountryCode="DE").json["phone_number"] == "+49301234567"


@pytest.mark.parametrize(("switch", "billed"), [("on", BILLED), ("off", {})])
@pytest.mark.parametrize("kind", ["500", "502", "503", "504"])
def test_a_server_error_after_the_work_is_billed_as_the_switch_says(
    account: SimulatedAccount, kind: str, switch: str, billed: dict[str, int]
) -> None:
    account.set(error_rate=1, error_kinds=kind, processed_share=1, bill_errors=switch)
    answer = account.look_up(NUMBER, LINE_TYPE)
    assert answer.status == int(kind)
    if kind in ("500", "503"):
        assert answer.json["status"] == int(kind)
    else:
        assert answer.headers["Content-Type"] == "text/html"
    assert account.billed(NUMBER) == billed


def test_a_server_error_before_the_work_is_never_billed(account: SimulatedAccount) -> None:
    account.set(error_rate=1, processed_share=0, bill_errors="on", latency="20s")
    assert account.look_up(NUMBER, LINE_TYPE).status >= 500
    assert account.ledger()["numbers"] == {NUMBER: {"asked": 1, "billed": {}}}


def test_a_random_refusal_is_never_billed(account: SimulatedAccount) -> None:
    account.set(refuse_rate=1, bill_errors="on", retry_after=3)
    answer = account.look_up(NUMBER, LINE_TYPE)
    assert (answer.status, answer.json["code"], answer.headers["Retry-After"]) == (429, 20429, "3")
    assert account.ledger()["numbers"] == {NUMBER: {"asked": 1, "billed": {}}}
    assert account.stats()["refused_by_reason"] == {"chance": 1}


@pytest.mark.parametrize("switch", ["on", "off"])
def test_unknown_words_in_a_good_answer_are_billed_like_any_other(account: SimulatedAccount, switch: str) -> None:
    account.set(garbage_rate=1, garbage_kinds="unknown_values", bill_errors=switch)
    answer = account.look_up(NUMBER, LINE_TYPE).json
    assert answer[LINE_TYPE]["type"] == "hologram"
    assert "a_new_field" in answer
    assert account.billed(NUMBER) == BILLED


@pytest.mark.parametrize("kind", ["not_json", "empty", "html", "list", "wrong_types", "unknown_code"])
@pytest.mark.parametrize(("switch", "billed"), [("on", BILLED), ("off", {})])
def test_garbage_is_billed_as_the_switch_says(
    account: SimulatedAccount, kind: str, switch: str, billed: dict[str, int]
) -> None:
    account.set(garbage_rate=1, garbage_kinds=kind, bill_errors=switch)
    assert account.look_up(NUMBER, LINE_TYPE).status == 200
    assert account.billed(NUMBER) == billed


def test_garbage_is_what_it_says(account: SimulatedAccount) -> None:
    def garbage(kind: str) -> bytes:
        account.set(garbage_rate=1, garbage_kinds=kind)
        return account.look_up(NUMBER, LINE_TYPE).body

    assert garbage("empty") == b""
    assert garbage("html").startswith(b"<html>")
    assert garbage("list").startswith(b"[{")
    assert b'"valid":"perhaps"' in garbage("wrong_types")
    assert b'"error_code":69999' in garbage("unknown_code")
    with pytest.raises(ValueError, match=r"."):
        account.set(garbage_kinds="not_json")
        _ = account.look_up(NUMBER, LINE_TYPE).json


@pytest.mark.parametrize(("kind", "status"), [("redirect", 302), ("unknown_status", 418)])
def test_what_never_reached_the_product_is_never_billed(account: SimulatedAccount, kind: str, status: int) -> None:
    account.set(garbage_rate=1, garbage_kinds=kind, bill_errors="on")
    answer = account.look_up(NUMBER, LINE_TYPE)
    assert answer.status == status
    assert (answer.headers["Location"] is not None) == (kind == "redirect")
    assert account.billed(NUMBER) == {}


def test_a_number_asked_again_too_soon_gets_60626(account: SimulatedAccount) -> None:
    account.set(same_number_interval="1m")
    assert account.look_up(NUMBER, LINE_TYPE).status == 200
    refused = account.look_up(NUMBER, LINE_TYPE)
    assert (refused.status, refused.json["code"]) == (429, 60626)
    assert account.look_up("+14155552672", LINE_TYPE).status == 200
    assert account.billed(NUMBER) == BILLED


def test_uncovered_numbers_answer_60610_for_good(account: SimulatedAccount) -> None:
    account.set(uncovered_rate=1)
    for _ in range(2):
        assert account.look_up(NUMBER, LINE_TYPE).json[LINE_TYPE]["error_code"] == 60610


def test_second_hand_data_come_with_60613(account: SimulatedAccount) -> None:
    account.set(package_error_rate=1)
    told = [account.look_up(f"+1415555{n:04}", LINE_TYPE).json[LINE_TYPE] for n in range(30)]
    assert {answer["error_code"] for answer in told} == {60608, 60613}
    assert all((answer["type"] is None) == (answer["error_code"] == 60608) for answer in told)


def test_what_each_number_meets_does_not_depend_on_the_order(
    account: SimulatedAccount, other_account: SimulatedAccount
) -> None:
    numbers = [f"+1415555{n:04}" for n in range(60)]
    met: list[dict[str, list[int]]] = []
    for one, order in ((account, numbers * 2), (other_account, sorted(numbers * 2, reverse=True))):
        one.set(seed=7, refuse_rate=0.2, error_rate=0.3, garbage_rate=0.1)
        statuses: dict[str, list[int]] = {}
        for number in order:
            statuses.setdefault(number, []).append(one.look_up(number, LINE_TYPE).status)
        met.append(statuses)
    assert met[0] == met[1]
    assert {status for statuses in met[0].values() for status in statuses} >= {200, 429, 500}
    assert account.ledger() == other_account.ledger()


def test_settings_are_shown_and_wrong_ones_named(account: SimulatedAccount) -> None:
    assert account.set(latency="5ms")["latency"] == 0.005
    refused = account.request("POST", f"/_simulator/settings?account={account.sid}", {"latency": "soon"})
    assert refused.status == 400
    assert "latency" in refused.json["message"]
    assert account.request("GET", f"/_simulator/settings?account={account.sid}").json["latency"] == 0.005
    for body in ("no object", ["latency"]):
        assert account.request("POST", f"/_simulator/settings?account={account.sid}", body).status == 400


def test_the_ledger_can_be_emptied(account: SimulatedAccount) -> None:
    account.look_up(NUMBER, LINE_TYPE)
    account.request("DELETE", f"/_simulator/ledger?account={account.sid}")
    assert account.ledger() == {"requests": 0, "numbers": {}, "billed_total": "0.00"}
