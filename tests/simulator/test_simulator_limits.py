"""Limits in flight: counted exactly, refused unbilled, told in headers and stats."""

import asyncio
import json

import pytest
from simulated_account import SimulatedAccount

NUMBER = "+14155552671"
LINE_TYPE = "line_type_intelligence"


async def ask(account: SimulatedAccount, number: str, packages: str = LINE_TYPE) -> tuple[int, int, dict[str, object]]:
    """Ask on a connection of its own; give status, Twilio-Concurrent-Requests and the answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", account.port)
    writer.write(
        f"GET /v2/PhoneNumbers/{number}?Fields={packages} HTTP/1.1\r\nHost: simulator\r\nConnection: close\r\n"
        f"Authorization: {account.authorization}\r\n\r\n".encode()
    )
    head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    writer.close()
    concurrent = int(head.partition(b"Twilio-Concurrent-Requests: ")[2].partition(b"\r\n")[0])
    return int(head[9:12]), concurrent, json.loads(body)


async def ask_at_once(
    account: SimulatedAccount, count: int, packages: str = LINE_TYPE
) -> list[tuple[int, int, dict[str, object]]]:
    return await asyncio.gather(*(ask(account, f"+1415555{n:04}", packages) for n in range(count)))


async def test_exactly_as_many_start_as_may_be_in_flight(account: SimulatedAccount) -> None:
    account.set(max_in_flight=7, latency="300ms")
    answers = await ask_at_once(account, 20)
    assert sorted(status for status, _, _ in answers) == [200] * 7 + [429] * 13
    assert {body["code"] for status, _, body in answers if status == 429} == {20429}
    assert sorted(concurrent for status, concurrent, _ in answers if status == 200) == list(range(1, 8))
    assert {concurrent for status, concurrent, _ in answers if status == 429} == {7}
    ledger = account.ledger()
    assert ledger["billed_total"] == "0.056"
    assert ledger["requests"] == 20
    assert all(line["asked"] == 1 for line in ledger["numbers"].values())


async def test_the_stats_tell_what_was_seen(account: SimulatedAccount) -> None:
    account.set(max_in_flight=7, latency="300ms")
    await ask_at_once(account, 20)
    stats = account.stats()
    assert {key: stats[key] for key in ("limit", "in_flight", "max_in_flight_seen", "accepted", "answered")} == {
        "limit": 7,
        "in_flight": 0,
        "max_in_flight_seen": 7,
        "accepted": 7,
        "answered": 7,
    }
    assert stats["refused"] == stats["started_above_limit"] == 13
    assert sum(stats["accepted_by_second"].values()) == 7
    assert sum(stats["refused_by_second"].values()) == 13
    assert 7 * 0.29 <= stats["in_flight_seconds"] <= 7 * 0.6


async def test_stats_can_be_set_back(account: SimulatedAccount) -> None:
    await ask_at_once(account, 5)
    account.request("DELETE", f"/_simulator/stats?account={account.sid}")
    stats = account.stats()
    assert (stats["accepted"], stats["max_in_flight_seen"], stats["accepted_by_second"]) == (0, 0, {})
    assert len(account.ledger()["numbers"]) == 5


async def test_another_programs_requests_take_room_and_show(account: SimulatedAccount) -> None:
    account.set(max_in_flight=7, foreign_in_flight=5, latency="200ms")
    answers = await ask_at_once(account, 4)
    assert sorted(status for status, _, _ in answers) == [200, 200, 429, 429]
    assert max(concurrent for _, concurrent, _ in answers) == 7
    assert account.stats()["max_in_flight_seen"] == 2


async def test_one_accounts_limit_is_not_anothers(account: SimulatedAccount, other_account: SimulatedAccount) -> None:
    for one in (account, other_account):
        one.set(max_in_flight=3, latency="300ms")
    answers = await asyncio.gather(ask_at_once(account, 3), ask_at_once(other_account, 3))
    assert {status for some in answers for status, _, _ in some} == {200}


async def test_a_package_limit_is_told_inside_the_answer_and_not_billed(account: SimulatedAccount) -> None:
    account.set(package_limits={LINE_TYPE: 2}, latency="300ms", bill_errors="on")
    answers = await ask_at_once(account, 5, f"{LINE_TYPE},caller_name")
    assert {status for status, _, _ in answers} == {200}
    codes = [body[LINE_TYPE]["error_code"] for _, _, body in answers]  # type: ignore[index]
    assert sorted(codes, key=str) == [60616, 60616, 60616, None, None]
    billed = [line["billed"] for line in account.ledger()["numbers"].values()]
    assert sum(LINE_TYPE in one for one in billed) == 2
    assert sum("caller_name" in one for one in billed) == 5
    assert account.stats()["packages_refused"] == 3


async def test_a_package_limit_can_refuse_the_whole_request(account: SimulatedAccount) -> None:
    account.set(package_limits=f"{LINE_TYPE}=2", package_limit_style="http", latency="300ms")
    answers = await ask_at_once(account, 5)
    assert sorted(status for status, _, _ in answers) == [200, 200, 429, 429, 429]
    assert {body["code"] for status, _, body in answers if status == 429} == {60616}
    assert account.ledger()["billed_total"] == "0.016"


async def test_the_limit_can_move_while_requests_are_under_way(account: SimulatedAccount) -> None:
    account.set(max_in_flight=3, latency="400ms")
    first = asyncio.create_task(ask_at_once(account, 3))
    await asyncio.to_thread(account.wait_for_in_flight, 3)
    await asyncio.to_thread(account.set, max_in_flight=2)
    assert (await ask(account, NUMBER))[0] == 429
    await asyncio.to_thread(account.set, max_in_flight=4)
    assert (await ask(account, NUMBER))[0] == 200
    assert {status for status, _, _ in await first} == {200}


def test_rate_limits_lists_the_package_limits(account: SimulatedAccount) -> None:
    account.set(package_limits={LINE_TYPE: 10, "caller_name": 5})
    told = account.request("GET", "/v2/RateLimits").json["rate_limits"]
    assert {limit["field"]: limit["limit"] for limit in told} == {LINE_TYPE: 10, "caller_name": 5}
    assert {limit["owner"] for limit in told} == {"twilio"}
    narrowed = account.request("GET", "/v2/RateLimits?Fields=caller_name").json["rate_limits"]
    assert [limit["field"] for limit in narrowed] == ["caller_name"]


@pytest.mark.parametrize(("settings", "status"), [({"rate_limits_enabled": "off"}, 404), ({}, 400)])
def test_rate_limits_may_be_missing_and_refuse_an_unknown_package(
    account: SimulatedAccount, settings: dict[str, str], status: int
) -> None:
    account.set(**settings)
    assert account.request("GET", "/v2/RateLimits?Fields=carrier").status == status
