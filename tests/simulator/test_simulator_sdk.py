"""The official SDK works against the simulator, sync and async; its own async batch is broken, which is shown too."""

from collections.abc import AsyncIterator
from decimal import Decimal

import pytest
from simulated_account import SimulatedAccount
from twilio.base.exceptions import TwilioRestException
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.rest import Client
from twilio.rest.lookups.v2.query import QueryList

NUMBER = "+14155552671"
ITEM = {"correlation_id": "one", "phone_number": NUMBER, "fields": ["line_type_intelligence"]}
PACKAGES = "line_type_intelligence,caller_name"


def pointed(client: Client, account: SimulatedAccount) -> Client:
    client.lookups.base_url = account.base_url
    client.api.base_url = account.base_url
    return client


@pytest.fixture
def client(account: SimulatedAccount) -> Client:
    return pointed(Client(account.sid, account.token), account)


@pytest.fixture
async def async_client(account: SimulatedAccount) -> AsyncIterator[Client]:
    async with AsyncTwilioHttpClient() as http:
        yield pointed(Client(account.sid, account.token, http_client=http), account)


def test_it_looks_a_number_up(client: Client, account: SimulatedAccount) -> None:
    told = client.lookups.v2.phone_numbers(NUMBER).fetch(fields=PACKAGES)
    assert told.phone_number == NUMBER
    assert told.valid is True
    assert told.line_type_intelligence["carrier_name"].endswith("(simulated)")
    assert account.billed(NUMBER) == {"line_type_intelligence": 1, "caller_name": 1}


async def test_it_looks_a_number_up_async(async_client: Client, account: SimulatedAccount) -> None:
    told = await async_client.lookups.v2.phone_numbers(NUMBER).fetch_async(fields=PACKAGES)
    assert told.phone_number == NUMBER
    assert account.billed(NUMBER) == {"line_type_intelligence": 1, "caller_name": 1}


def test_it_reads_the_rate_limits(client: Client, account: SimulatedAccount) -> None:
    account.set(package_limits={"line_type_intelligence": 10, "caller_name": 5})
    told = client.lookups.v2.rate_limits.fetch(fields=["caller_name", "line_type_intelligence"])
    assert [(limit["field"], limit["limit"]) for limit in told.rate_limits] == [
        ("line_type_intelligence", 10),
        ("caller_name", 5),
    ]


async def test_it_reads_the_rate_limits_async(async_client: Client, account: SimulatedAccount) -> None:
    account.set(package_limits={"caller_name": 5})
    told = await async_client.lookups.v2.rate_limits.fetch_async()
    assert [limit["limit"] for limit in told.rate_limits] == [5]


def test_it_sends_a_batch(client: Client, account: SimulatedAccount) -> None:
    told = client.lookups.v2.query.create(QueryList.LookupRequest({"phone_numbers": [ITEM]}))
    assert told.phone_numbers[0]["correlation_id"] == "one"
    assert account.billed(NUMBER) == {"line_type_intelligence": 1}


async def test_its_async_batch_is_form_encoded_and_therefore_refused(
    async_client: Client, account: SimulatedAccount
) -> None:
    with pytest.raises(TwilioRestException) as raised:
        await async_client.lookups.v2.query.create_async(QueryList.LookupRequest({"phone_numbers": [ITEM]}))
    assert raised.value.status == 400
    assert account.billed(NUMBER) == {}


def test_it_raises_what_twilio_would_make_it_raise(client: Client, account: SimulatedAccount) -> None:
    account.set(account_fault=60699)
    with pytest.raises(TwilioRestException) as raised:
        client.lookups.v2.phone_numbers(NUMBER).fetch()
    assert (raised.value.status, raised.value.code) == (403, 60699)


async def test_it_raises_async_too(async_client: Client, account: SimulatedAccount) -> None:
    account.set(refuse_rate=1)
    with pytest.raises(TwilioRestException) as raised:
        await async_client.lookups.v2.phone_numbers(NUMBER).fetch_async()
    assert (raised.value.status, raised.value.code) == (429, 20429)


def test_an_api_key_works_with_its_account(account: SimulatedAccount) -> None:
    client = pointed(Client("SK" + account.sid[2:], "simulated", account.sid), account)
    assert client.lookups.v2.phone_numbers(NUMBER).fetch().country_code == "US"


def test_it_reads_account_balance_and_usage(client: Client, account: SimulatedAccount) -> None:
    account.set(balance=20)
    client.lookups.v2.phone_numbers(NUMBER).fetch(fields=PACKAGES)
    assert client.api.v2010.accounts(account.sid).fetch().status == "active"
    assert client.api.v2010.accounts(account.sid).balance.fetch().balance == "19.982"
    usage = client.api.v2010.accounts(account.sid).usage.records.daily.list(page_size=3)
    assert {record.category: record.price for record in usage}["lookups"] == Decimal("0.018")
    assert len(usage) == 11
    (carrier,) = client.api.v2010.accounts(account.sid).usage.records.list(category="carrier-lookups")
    assert (carrier.count, carrier.price) == ("1", Decimal("0.008"))
