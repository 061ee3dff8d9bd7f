"""What our client sends and what it makes of answers, against a real server on this machine."""

import base64
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import orjson
import pytest
from raw_server import (
    ACCOUNT_SID,
    GOOD_BODY,
    NUMBER,
    PACKAGES,
    TOKEN,
    answering,
    provider_at,
    raw_server,
)

from bulk_lookup.core.billing import Billing
from bulk_lookup.core.failure import FailureReason
from bulk_lookup.providers.base import ProviderError

R = FailureReason


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
