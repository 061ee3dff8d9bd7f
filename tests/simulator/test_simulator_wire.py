"""What happens on the wire: resets, silence, slow, endless and cut-off bodies, pipelining, and clients that hang up."""

import asyncio
import http.client
import json
import socket
import time

import pytest
from simulated_account import SimulatedAccount

NUMBER = "+14155552671"
LINE_TYPE = "line_type_intelligence"
BILLED = {LINE_TYPE: 1}


def raw(account: SimulatedAccount, *numbers: str, extra: str = "") -> bytes:
    """Write lookups as they go over the wire, one right after the other."""
    return b"".join(
        f"GET /v2/PhoneNumbers/%2B{number.lstrip('+')}?Fields={LINE_TYPE} HTTP/1.1\r\nHost: simulator\r\n"
        f"Authorization: {account.authorization}\r\n{extra}\r\n".encode()
        for number in numbers
    )


async def answer_on(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """Read one answer."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
    return int(head[9:12]), await reader.readexactly(length)


async def settled(account: SimulatedAccount, in_flight: int) -> None:
    """Wait until the simulator has seen what a client did."""
    await asyncio.to_thread(account.wait_for_in_flight, in_flight)


@pytest.mark.parametrize(
    ("share", "switch", "billed"), [(0, "on", {}), (1, "on", BILLED), (1, "off", {})], ids=["before", "after", "free"]
)
def test_a_reset_is_a_real_one(account: SimulatedAccount, share: int, switch: str, billed: dict[str, int]) -> None:
    account.set(reset_rate=1, processed_share=share, bill_errors=switch)
    with pytest.raises(ConnectionResetError):
        account.look_up(NUMBER, LINE_TYPE)
    assert account.billed(NUMBER) == billed
    assert account.stats()["in_flight"] == 0


@pytest.mark.parametrize(("switch", "billed"), [("on", BILLED), ("off", {})])
def test_a_time_out_is_processed_and_never_answered(
    account: SimulatedAccount, switch: str, billed: dict[str, int]
) -> None:
    account.set(timeout_rate=1, bill_errors=switch)
    with pytest.raises(TimeoutError):
        account.look_up(NUMBER, LINE_TYPE, timeout=0.1)
    assert account.billed(NUMBER) == billed


async def test_a_silent_request_is_in_flight_until_the_client_hangs_up(account: SimulatedAccount) -> None:
    account.set(timeout_rate=1)
    _, writer = await asyncio.open_connection("127.0.0.1", account.port)
    writer.write(raw(account, NUMBER))
    await settled(account, in_flight=1)
    writer.close()
    await settled(account, in_flight=0)
    assert account.stats()["abandoned"] == 1


def test_silence_ends_after_its_time(account: SimulatedAccount) -> None:
    account.set(timeout_rate=1, hang_seconds="50ms")
    with pytest.raises((ConnectionError, http.client.RemoteDisconnected)):
        account.look_up(NUMBER, LINE_TYPE)


def test_a_slow_body_arrives_whole_and_is_billed(account: SimulatedAccount) -> None:
    account.set(slow_body_rate=1, slow_body_kinds="slow", slow_body_seconds="200ms", bill_errors="off")
    began = time.monotonic()
    assert account.look_up(NUMBER, LINE_TYPE).json["phone_number"] == NUMBER
    assert time.monotonic() - began >= 0.15
    assert account.billed(NUMBER) == BILLED


@pytest.mark.parametrize(("switch", "billed"), [("on", BILLED), ("off", {})])
def test_a_truncated_body_is_shorter_than_it_says(
    account: SimulatedAccount, switch: str, billed: dict[str, int]
) -> None:
    account.set(slow_body_rate=1, slow_body_kinds="truncated", bill_errors=switch)
    with pytest.raises(http.client.IncompleteRead):
        account.look_up(NUMBER, LINE_TYPE)
    assert account.billed(NUMBER) == billed


async def test_an_endless_body_goes_on_until_the_client_hangs_up(account: SimulatedAccount) -> None:
    account.set(slow_body_rate=1, slow_body_kinds="endless")
    reader, writer = await asyncio.open_connection("127.0.0.1", account.port)
    writer.write(raw(account, NUMBER))
    await reader.readexactly(1_000_000)
    await settled(account, in_flight=1)
    writer.close()
    await settled(account, in_flight=0)


async def test_pipelined_requests_are_answered_in_order_one_at_a_time(account: SimulatedAccount) -> None:
    account.set(latency="2ms", jitter="2ms")
    numbers = [f"+1415555{n:04}" for n in range(200)]
    reader, writer = await asyncio.open_connection("127.0.0.1", account.port)
    writer.write(raw(account, *numbers))
    answers = [await answer_on(reader) for _ in numbers]
    writer.close()
    assert [json.loads(body)["phone_number"] for _, body in answers] == numbers
    assert account.stats()["max_in_flight_seen"] == 1
    assert account.ledger()["requests"] == 200


async def test_a_request_may_arrive_byte_by_byte(account: SimulatedAccount) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", account.port)
    for byte in raw(account, NUMBER):
        writer.write(bytes([byte]))
        await writer.drain()
    assert (await answer_on(reader))[0] == 200
    writer.close()


async def test_a_connection_is_kept_unless_the_client_says_otherwise(account: SimulatedAccount) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", account.port)
    for _ in range(3):
        writer.write(raw(account, NUMBER))
        await answer_on(reader)
    writer.write(raw(account, NUMBER, extra="Connection: close\r\n"))
    await answer_on(reader)
    assert await reader.read() == b""
    writer.close()


async def test_a_client_that_asks_for_another_protocol_gets_its_answer(account: SimulatedAccount) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", account.port)
    writer.write(raw(account, NUMBER, extra="Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"))
    assert (await answer_on(reader))[0] == 200
    writer.close()


def test_what_is_not_http_is_turned_away(account: SimulatedAccount) -> None:
    with socket.create_connection(("127.0.0.1", account.port), timeout=5) as connection:
        connection.sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")
        assert connection.recv(4096).startswith(b"HTTP/1.1 400 ")
    assert account.look_up(NUMBER).status == 200


async def test_a_client_that_hangs_up_while_waiting_was_billed_all_the_same(account: SimulatedAccount) -> None:
    account.set(latency="1m")
    _, writer = await asyncio.open_connection("127.0.0.1", account.port)
    writer.write(raw(account, NUMBER))
    await settled(account, in_flight=1)
    writer.close()
    await settled(account, in_flight=0)
    assert account.billed(NUMBER) == BILLED


def test_latency_is_waited_for(account: SimulatedAccount) -> None:
    account.set(latency="60ms")
    began = time.monotonic()
    account.look_up(NUMBER, LINE_TYPE)
    assert time.monotonic() - began >= 0.055
