"""The account's own resources, and that two accounts share nothing."""

import dataclasses
import json

import pytest
from simulated_account import SimulatedAccount

NUMBER = "+14155552671"
ACCOUNTS = "/2010-04-01/Accounts"


def test_an_account_reads_itself(account: SimulatedAccount) -> None:
    answer = account.request("GET", f"{ACCOUNTS}/{account.sid}.json")
    assert answer.status == 200
    assert {key: answer.json[key] for key in ("sid", "status", "type")} == {
        "sid": account.sid,
        "status": "active",
        "type": "Full",
    }


@pytest.mark.parametrize(("code", "status", "kind"), [(20005, "suspended", "Full"), (60624, "active", "Trial")])
def test_a_troubled_account_says_so_of_itself(account: SimulatedAccount, code: int, status: str, kind: str) -> None:
    account.set(account_fault=code)
    told = account.request("GET", f"{ACCOUNTS}/{account.sid}.json").json
    assert (told["status"], told["type"]) == (status, kind)


def test_another_accounts_resources_are_not_there(account: SimulatedAccount, other_account: SimulatedAccount) -> None:
    for resource in (".json", "/Balance.json", "/Usage/Records.json"):
        assert account.request("GET", f"{ACCOUNTS}/{other_account.sid}{resource}").json["code"] == 20404


def test_a_standard_api_key_looks_up_but_does_not_read_the_account(account: SimulatedAccount) -> None:
    key = dataclasses.replace(account, user="SK" + account.sid[2:])
    assert key.request("GET", f"{ACCOUNTS}/{account.sid}.json").status == 200
    account.set(standard_api_keys="on")
    assert key.request("GET", f"{ACCOUNTS}/{account.sid}.json").status == 401
    assert key.look_up(NUMBER).status == 200


def test_the_balance_falls_by_what_is_billed(account: SimulatedAccount) -> None:
    account.set(balance="18.20")
    account.look_up(NUMBER, "line_type_intelligence,caller_name")
    answer = account.request("GET", f"{ACCOUNTS}/{account.sid}/Balance.json").json
    assert answer == {"account_sid": account.sid, "balance": "18.182", "currency": "USD"}


def test_an_account_may_have_no_balance(account: SimulatedAccount) -> None:
    account.set(balance="none")
    answer = account.request("GET", f"{ACCOUNTS}/{account.sid}/Balance.json")
    assert (answer.status, answer.json["code"]) == (404, 20404)


def test_test_credentials_reach_no_account_resource(account: SimulatedAccount) -> None:
    tester = dataclasses.replace(account, token="simulated-test")
    for resource in (".json", "/Balance.json", "/Usage/Records/Daily.json"):
        assert tester.request("GET", f"{ACCOUNTS}/{account.sid}{resource}").json["code"] == 20008


def test_usage_adds_up_to_the_ledger(account: SimulatedAccount) -> None:
    for n in range(5):
        account.look_up(f"+1415555{n:04}", "line_type_intelligence,caller_name,line_status")
    path = f"{ACCOUNTS}/{account.sid}/Usage/Records.json"
    records = {record["category"]: record for record in account.request("GET", path).json["usage_records"]}
    assert records["lookups"]["count"] == "15"
    assert records["lookups"]["price"] == account.ledger()["billed_total"] == "0.125"
    assert records["carrier-lookups"]["price"] == "0.04"
    assert records["calleridlookups"]["usage"] == "5"
    assert {record["price_unit"] for record in records.values()} == {"usd"}
    assert all(record["as_of"].endswith("+00:00") for record in records.values())


@pytest.mark.parametrize("kind", ["Daily", "Monthly", "Yearly", "AllTime", "Today", "ThisMonth"])
def test_usage_of_today_is_in_every_period_that_contains_it(account: SimulatedAccount, kind: str) -> None:
    account.look_up(NUMBER, "line_type_intelligence")
    path = f"{ACCOUNTS}/{account.sid}/Usage/Records/{kind}.json?Category=carrier-lookups"
    assert [record["count"] for record in account.request("GET", path).json["usage_records"]] == ["1"]


@pytest.mark.parametrize("kind", ["Yesterday", "LastMonth"])
def test_usage_of_today_is_in_no_other_period(account: SimulatedAccount, kind: str) -> None:
    account.look_up(NUMBER, "line_type_intelligence")
    path = f"{ACCOUNTS}/{account.sid}/Usage/Records/{kind}.json?Category=carrier-lookups"
    assert [record["count"] for record in account.request("GET", path).json["usage_records"]] == ["0"]


def test_daily_usage_is_one_record_a_day_newest_first(account: SimulatedAccount) -> None:
    account.look_up(NUMBER, "caller_name")
    path = f"{ACCOUNTS}/{account.sid}/Usage/Records/Daily.json?Category=calleridlookups&StartDate=-2days"
    records = account.request("GET", path).json["usage_records"]
    assert [record["count"] for record in records] == ["1", "0", "0"]
    assert all(record["start_date"] == record["end_date"] for record in records)
    assert records == sorted(records, key=lambda record: record["start_date"], reverse=True)


def test_monthly_usage_begins_and_ends_with_the_months(account: SimulatedAccount) -> None:
    path = (
        f"{ACCOUNTS}/{account.sid}/Usage/Records/Monthly.json?Category=lookups&StartDate=2026-01-15&EndDate=2026-03-10"
    )
    records = account.request("GET", path).json["usage_records"]
    assert [(record["start_date"], record["end_date"]) for record in records] == [
        ("2026-03-01", "2026-03-10"),
        ("2026-02-01", "2026-02-28"),
        ("2026-01-15", "2026-01-31"),
    ]


def test_usage_comes_in_pages(account: SimulatedAccount) -> None:
    path: str | None = f"{ACCOUNTS}/{account.sid}/Usage/Records/Daily.json?StartDate=-3days&PageSize=7"
    seen = []
    while path:
        page = account.request("GET", path).json
        seen += [(record["start_date"], record["category"]) for record in page["usage_records"]]
        path = page["next_page_uri"]
    assert len(seen) == len(set(seen)) == 4 * 11


def test_unknown_usage_is_empty_or_not_there(account: SimulatedAccount) -> None:
    path = f"{ACCOUNTS}/{account.sid}/Usage/Records"
    assert account.request("GET", f"{path}.json?Category=calls").json["usage_records"] == []
    assert account.request("GET", f"{path}/Hourly.json").status == 404


def test_two_accounts_share_neither_ledger_nor_settings(
    account: SimulatedAccount, other_account: SimulatedAccount
) -> None:
    account.set(refuse_rate=1)
    assert account.look_up(NUMBER, "caller_name").status == 429
    assert other_account.look_up(NUMBER, "caller_name").status == 200
    assert account.ledger()["billed_total"] == "0.00"
    assert other_account.ledger()["billed_total"] == "0.01"
    everybody = json.loads(account.request("GET", "/_simulator/ledger").body)
    assert everybody["numbers"][NUMBER]["asked"] >= 2
    assert {account.sid, other_account.sid} <= set(account.request("GET", "/_simulator/accounts").json)


def test_only_simulated_accounts_have_a_ledger(account: SimulatedAccount) -> None:
    assert account.request("GET", "/_simulator/ledger?account=AC" + "f" * 32).status == 404
    assert account.request("GET", "/_simulator/nothing").status == 404
