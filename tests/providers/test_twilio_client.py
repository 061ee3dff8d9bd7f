"""What our client sends and what it makes of answers, against a real server on this machine."""

import base64
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import orjson
import pytest
from raw_server import ACCOUNT_SID, GOOD_BODY, NUMBER, PACKAGES, TOKEN, Conversation, Talk, provider_at, raw_server

from bulk_lookup.core.billing import Billing
from bulk_lookup.core.failure import FailureReason
from bulk_lookup.providers.base import Balance, ProviderError, RateLimit

R = FailureReason
BY_KEY: dict[str, Any] = {"TWILIO_API_KEY": "SK" + "0" * 31 + "1", "TWILIO_API_SECRET": "secret"}


def answering(body: bytes = GOOD_BODY, *, status: str = "200 OK", headers: bytes = b"") -> Talk:
    async def talk(conversation: Conversation) -> None:
        while True:
            await conversation.request()
            await conversation.answer(body, status=status, headers=headers)

    return talk


def by_path(answers: dict[bytes, tuple[str, Any]]) -> Talk:
    """Answer each path with its status and JSON; anything else is 404."""

    async def talk(conversation: Conversation) -> None:
        while True:
            path = (await conversation.request()).split(b" ", 2)[1]
            status, json = answers.get(path, ("404 Not Found", {"code": 20404}))
            await conversation.answer(orjson.dumps(json), status=status)

    return talk


ACCOUNT = f"/2010-04-01/Accounts/{ACCOUNT_SID}.json".encode()
BALANCE = f"/2010-04-01/Accounts/{ACCOUNT_SID}/Balance.json".encode()
LIMITS = b"/v2/RateLimits"
EXAMPLE = b"/v2/PhoneNumbers/%2B14159929960"
REFUSED = ("401 Unauthorized", {"code": 20003})
ACTIVE = {"friendly_name": "Mine", "status": "active", "type": "Full", "auth_token": TOKEN}


@pytest.mark.parametrize(
    ("packages", "inputs", "target"),
    [
        (("line_type_intelligence",), {}, "%2B14155550123?Fields=line_type_intelligence"),
        (("line_type_intelligence", "caller_name"), {}, "%2B14155550123?Fields=line_type_intelligence,caller_name"),
        # Basic comes with every answer, and alone it is asked without Fields.
        (("basic",), {}, "%2B14155550123"),
        (("basic", "line_status"), {}, "%2B14155550123?Fields=line_status"),
        (
            ("reassigned_number",),
            {"last_verified_date": "2024-05-06"},
            "%2B14155550123?Fields=reassigned_number&LastVerifiedDate=20240506",
        ),
        (
            ("sms_pumping_risk",),
            {"partner_sub_id": "a b&c"},
            "%2B14155550123?Fields=sms_pumping_risk&PartnerSubId=a+b%26c",
        ),
    ],
)
async def test_what_is_sent(packages: tuple[str, ...], inputs: dict[str, str], target: str) -> None:
    async with raw_server(answering()) as server, provider_at(server.url) as provider:
        await provider.ask(NUMBER, packages, inputs=inputs)
        head, *lines = server.requests[0].decode().splitlines()
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    assert head == f"GET /v2/PhoneNumbers/{target} HTTP/1.1"
    assert headers["authorization"] == "Basic " + base64.b64encode(f"{ACCOUNT_SID}:{TOKEN}".encode()).decode()
    assert headers["user-agent"] == "bulk-lookup"
    assert "accept-encoding" not in headers


async def test_a_path_in_the_base_url_stays() -> None:
    async with raw_server(answering()) as server, provider_at(f"{server.url}/twilio/") as provider:
        await provider.ask(NUMBER, PACKAGES)
        assert server.requests[0].startswith(b"GET /twilio/v2/PhoneNumbers/%2B14155550123?")


@pytest.mark.parametrize("number", ["4155550123", "+1 415 555 0123", "+", "", "+1/../../x", "+١٢٣٤٥٦٧٨٩"])
async def test_nothing_but_e164_is_sent(number: str) -> None:
    async with raw_server(answering()) as server, provider_at(server.url) as provider:
        with pytest.raises(ValueError, match=r"E\.164"):
            await provider.ask(number, PACKAGES)
        assert not server.requests


async def test_the_headers_of_an_answer_are_read() -> None:
    headers = b"Twilio-Request-Id: RQ42\r\nTwilio-Concurrent-Requests: 7\r\nX-Bulk-Lookup-Simulator: 1\r\n"
    async with raw_server(answering(headers=headers)) as server, provider_at(server.url) as provider:
        answer = await provider.ask(NUMBER, PACKAGES)
    assert (answer.request_id, answer.concurrent_requests, answer.simulated) == ("RQ42", 7, True)
    assert answer.packages["line_type_intelligence"].billing is Billing.BILLED


@pytest.mark.parametrize("value", [b"-1", b"many", b"1.5", b"", b"9" * 50, "٣".encode()])
async def test_odd_headers_do_no_harm(value: bytes) -> None:
    headers = b"Twilio-Concurrent-Requests: %b\r\nRetry-After: %b\r\nTwilio-Request-Id: %b\r\n" % (
        value,
        value,
        b"R" * 500,
    )
    async with raw_server(answering(headers=headers)) as server, provider_at(server.url) as provider:
        answer = await provider.ask(NUMBER, PACKAGES)
    assert (answer.concurrent_requests, answer.simulated) == (None, False)
    assert answer.request_id == "R" * 64


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html></html>",
        b"[]",
        b'"x"',
        b"{}",
        b"null",
        b'{"valid":tru',
        b'{"valid":1e999}',
        b"\xff\xfe",
        GOOD_BODY + b"}",
    ],
)
async def test_a_200_that_is_no_answer_is_an_unknown_bill(body: bytes) -> None:
    async with raw_server(answering(body)) as server, provider_at(server.url) as provider:
        with pytest.raises(ProviderError) as raised:
            await provider.ask(NUMBER, PACKAGES)
    assert (raised.value.reason, raised.value.failure.billing) == (R.INVALID_ANSWER, Billing.UNKNOWN)


async def test_a_deeply_nested_body_is_no_answer() -> None:
    async with raw_server(answering(b"[" * 100_000)) as server, provider_at(server.url) as provider:
        with pytest.raises(ProviderError) as raised:
            await provider.ask(NUMBER, PACKAGES)
    assert raised.value.reason is R.INVALID_ANSWER


async def test_nul_characters_never_reach_a_database() -> None:
    package = b'{"type":"m\\u0000","x":["\\u0000",{"y":"\\\\u0000"}]}'
    body = b'{"valid":true,"a\\u0000b":"c\\u0000","line_type_intelligence":%b}' % package
    async with raw_server(answering(body)) as server, provider_at(server.url) as provider:
        answer = await provider.ask(NUMBER, PACKAGES)
    assert answer.extra == {"a�b": "c�"}
    assert answer.packages["line_type_intelligence"].fields == {"type": "m�", "x": ["�", {"y": "\\u0000"}]}


@pytest.mark.parametrize(
    ("status", "json", "reason", "billing"),
    [
        ("400 Bad Request", {"code": 20001}, R.BAD_REQUEST, Billing.NOT_PROCESSED),
        ("401 Unauthorized", {"code": 20003}, R.ACCOUNT_CREDENTIALS, Billing.NOT_PROCESSED),
        ("403 Forbidden", {"code": 20008}, R.TEST_CREDENTIALS, Billing.NOT_PROCESSED),
        ("403 Forbidden", {"code": 60699}, R.LOOKUP_DISABLED, Billing.NOT_PROCESSED),
        ("404 Not Found", {"code": 20404}, R.NOT_FOUND, Billing.NOT_PROCESSED),
        ("418 I'm a teapot", {"code": 69999}, R.UNEXPECTED_STATUS, Billing.NOT_PROCESSED),
        ("429 Too Many Requests", {"code": 20429}, R.RATE_LIMITED, Billing.NOT_PROCESSED),
        ("500 Internal Server Error", {"code": 20500}, R.SERVER_ERROR, Billing.UNKNOWN),
        ("204 No Content", {}, R.INVALID_ANSWER, Billing.UNKNOWN),
    ],
)
async def test_a_refusal_is_one_failure(status: str, json: Any, reason: FailureReason, billing: Billing) -> None:
    async with raw_server(answering(orjson.dumps(json), status=status)) as server, provider_at(server.url) as provider:
        with pytest.raises(ProviderError) as raised:
            await provider.ask(NUMBER, PACKAGES)
        assert len(server.requests) == 1
    assert (raised.value.reason, raised.value.failure.billing) == (reason, billing)
    assert raised.value.failure.http_status == int(status[:3])


async def test_a_package_s_code_of_a_refused_request_is_that_package_s() -> None:
    body = b'{"code":60606}'
    async with raw_server(answering(body, status="403 Forbidden")) as server, provider_at(server.url) as provider:
        with pytest.raises(ProviderError) as raised:
            await provider.ask(NUMBER, ("basic", "line_status"))
    assert raised.value.failure.package == "line_status"


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("3", 3.0),
        ("0", 0.0),
        ("soon", None),
        ("-3", None),
        ("Thu, 01 Jan 2026 00:00:00 GMT", 0.0),
        ("Thu, 99 Jan", None),
    ],
)
async def test_retry_after_is_read_as_seconds_or_date(value: str, seconds: float | None) -> None:
    talk = answering(b"", status="429 Too Many Requests", headers=f"Retry-After: {value}\r\n".encode())
    async with raw_server(talk) as server, provider_at(server.url) as provider:
        with pytest.raises(ProviderError) as raised:
            await provider.ask(NUMBER, PACKAGES)
    assert raised.value.retry_after == seconds


async def test_retry_after_may_be_a_date_to_come() -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=100), usegmt=True)
    talk = answering(b"", status="503 Service Unavailable", headers=f"Retry-After: {date}\r\n".encode())
    async with raw_server(talk) as server, provider_at(server.url) as provider:
        with pytest.raises(ProviderError) as raised:
            await provider.ask(NUMBER, PACKAGES)
    assert 90 < (raised.value.retry_after or 0) <= 100


# --- the account ----------------------------------------------------------------------------------------------------


async def test_good_credentials() -> None:
    async with raw_server(by_path({ACCOUNT: ("200 OK", ACTIVE)})) as server, provider_at(server.url) as provider:
        check = await provider.check_account()
        assert (check.name, check.status, check.kind, check.simulated) == ("Mine", "active", "full", False)
        assert check.key == provider.account_key
        assert TOKEN not in repr(check)
        assert provider.simulated is False


async def test_wrong_credentials() -> None:
    async with raw_server(by_path({ACCOUNT: REFUSED, EXAMPLE: REFUSED})) as server:
        for provider in (provider_at(server.url), provider_at(server.url, **BY_KEY)):
            async with provider:
                with pytest.raises(ProviderError, match="does not accept the credentials") as raised:
                    await provider.check_account()
            assert raised.value.reason is R.ACCOUNT_CREDENTIALS


async def test_a_standard_api_key_may_look_up_though_it_cannot_read_its_account() -> None:
    answers = {ACCOUNT: REFUSED, EXAMPLE: ("200 OK", orjson.loads(GOOD_BODY))}
    async with raw_server(by_path(answers)) as server, provider_at(server.url, **BY_KEY) as provider:
        check = await provider.check_account()
        assert (check.name, check.status, check.kind) == ("", "unknown", "unknown")
        # Asked without packages: free.
        assert [request.split(b" ", 2)[1] for request in server.requests] == [ACCOUNT, EXAMPLE]


async def test_test_credentials_are_explained_at_the_check() -> None:
    talk = by_path({ACCOUNT: ("403 Forbidden", {"code": 20008})})
    async with raw_server(talk) as server, provider_at(server.url) as provider:
        with pytest.raises(ProviderError, match="These are Twilio's test credentials"):
            await provider.check_account()


@pytest.mark.parametrize("status", ["suspended", "closed"])
async def test_an_account_that_is_not_active_is_said_at_the_check(status: str) -> None:
    talk = by_path({ACCOUNT: ("200 OK", {**ACTIVE, "status": status})})
    async with raw_server(talk) as server, provider_at(server.url) as provider:
        with pytest.raises(ProviderError, match="not active") as raised:
            await provider.check_account()
    assert raised.value.reason is R.ACCOUNT_SUSPENDED


async def test_an_answer_from_the_other_world_stops_the_account() -> None:
    simulated = b"X-Bulk-Lookup-Simulator: 1\r\n"
    async with raw_server(answering(headers=simulated)) as server, provider_at(server.url) as provider:
        provider.simulated = False
        with pytest.raises(ProviderError, match="now a simulator answers") as raised:
            await provider.ask(NUMBER, PACKAGES)
    assert (raised.value.reason, raised.value.failure.billing) == (R.SIMULATION_MIXED, Billing.UNKNOWN)
    async with raw_server(answering()) as server, provider_at(server.url) as provider:
        provider.simulated = True
        with pytest.raises(ProviderError, match="now a real server answers"):
            await provider.ask(NUMBER, PACKAGES)


@pytest.mark.parametrize(
    ("told", "balance"),
    [
        ({"balance": "18.20", "currency": "USD"}, Balance(18_200_000, "USD")),
        ({"balance": "-3.5", "currency": "usd"}, Balance(-3_500_000, "USD")),
        # Rounded down: money that is not there is not promised.
        ({"balance": "0.12345678", "currency": "EUR"}, Balance(123_456, "EUR")),
        ({"balance": 5, "currency": "USD"}, Balance(5_000_000, "USD")),
        ({"balance": "plenty", "currency": "USD"}, None),
        ({"balance": "NaN", "currency": "USD"}, None),
        ({"balance": "1e999", "currency": "USD"}, None),
        ({"balance": None, "currency": "USD"}, None),
        ({"balance": True, "currency": "USD"}, None),
        ({"balance": "1.00"}, None),
        ([], None),
        ("string", None),
    ],
)
async def test_a_balance_is_an_amount_or_nothing(told: Any, balance: Balance | None) -> None:
    async with raw_server(by_path({BALANCE: ("200 OK", told)})) as server, provider_at(server.url) as provider:
        assert await provider.balance() == balance


async def test_a_missing_balance_or_limit_never_raises() -> None:
    async with raw_server(by_path({})) as server, provider_at(server.url) as provider:
        assert await provider.balance() is None
        assert await provider.rate_limits() is None
    async with provider_at(server.url) as provider:
        assert await provider.balance() is None
        assert await provider.rate_limits() is None


async def test_the_account_s_own_limits_are_read() -> None:
    told = {
        "rate_limits": [
            {"field": "line_status", "limit": 10, "bucket": "b", "owner": "TWILIO", "ttl": 1},
            {"field": "everything", "limit": 100, "bucket": "b", "owner": "ME", "ttl": None},
            {"field": "caller_name", "limit": 0},
            {"field": "caller_name", "limit": "many"},
            "string",
        ]
    }
    async with raw_server(by_path({LIMITS: ("200 OK", told)})) as server, provider_at(server.url) as provider:
        assert await provider.rate_limits() == (
            RateLimit("line_status", 10, 1, "TWILIO"),
            RateLimit(None, 100, None, "ME"),
        )
