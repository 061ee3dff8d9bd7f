"""Signing in: good, wrong and test credentials, and what an account tells about itself."""

from typing import Any

import orjson
import pytest
from raw_server import (
    ACCOUNT_SID,
    GOOD_BODY,
    NUMBER,
    PACKAGES,
    TOKEN,
    Conversation,
    Talk,
    answering,
    provider_at,
    raw_server,
)

from bulk_lookup.core.billing import Billing
from bulk_lookup.core.failure import FailureReason
from bulk_lookup.providers.base import Balance, ProviderError, RateLimit

R = FailureReason
BY_KEY: dict[str, Any] = {"TWILIO_API_KEY": "SK" + "0" * 31 + "1", "TWILIO_API_SECRET": "secret"}


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
