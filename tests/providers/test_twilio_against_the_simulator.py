"""Our client and our simulator, over HTTP: what one bills the other knows, at least as unknown."""

import asyncio
import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

import pytest

from bulk_lookup.core.billing import Billing
from bulk_lookup.core.failure import FailureReason, RetryClass
from bulk_lookup.core.pricing import PriceBook, to_decimal_string
from bulk_lookup.providers.base import ProviderError, TimeOuts
from bulk_lookup.providers.registry import connect
from bulk_lookup.providers.twilio.client import TwilioProvider
from bulk_lookup.providers.twilio.credentials import TwilioCredentials

R = FailureReason
PACKAGES = ("line_type_intelligence", "caller_name")
QUICK = TimeOuts(connect=1.0, answer=0.3, slow_answer=0.3)
_accounts = count(0x2000)


@dataclass
class Simulator:
    """A running simulator seen from one account of its own."""

    url: str
    sid: str
    token: str = "simulated"

    def environment(self, **changes: str) -> dict[str, str]:
        return {
            "TWILIO_ACCOUNT_SID": self.sid,
            "TWILIO_AUTH_TOKEN": self.token,
            "BULK_LOOKUP_TWILIO_URL": self.url,
            **changes,
        }

    def provider(self, *, time_outs: TimeOuts | None = None, **changes: str) -> TwilioProvider:
        return TwilioProvider(TwilioCredentials.from_environment(self.environment(**changes)), time_outs=time_outs)

    def call(self, page: str, body: Any = None) -> Any:
        url = f"{self.url}/_simulator/{page}?account={self.sid}"
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(urllib.request.Request(url, data=data), timeout=10) as answer:
            return json.load(answer)

    def set(self, **settings: Any) -> None:
        self.call("settings", settings)


@pytest.fixture(scope="module")
def simulator_url() -> Iterator[str]:
    command = [sys.executable, "-m", "bulk_lookup.simulator", "--parent-pipe"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdin is not None
    yield f"http://127.0.0.1:{process.stdout.readline().strip().rpartition(':')[2]}"
    process.stdin.close()
    process.wait(10)
    process.stdout.close()


@pytest.fixture
async def simulator(simulator_url: str) -> Simulator:
    found = Simulator(simulator_url, f"AC{next(_accounts):032x}")
    async with found.provider() as provider:
        await provider.check_account()
    return found


async def test_good_credentials_and_a_simulated_account(simulator: Simulator) -> None:
    async with simulator.provider() as provider:
        check = await provider.check_account()
        assert (check.status, check.kind, check.simulated) == ("active", "full", True)
        balance = await provider.balance()
        assert balance is not None
        assert (balance.micros, balance.currency) == (100_000_000, "USD")
        answer = await provider.ask("+14155550123", PACKAGES)
        assert answer.simulated
        assert answer.request_id


async def test_an_api_key_signs_in(simulator: Simulator) -> None:
    key = {"TWILIO_API_KEY": "SK" + simulator.sid[2:], "TWILIO_API_SECRET": "simulated", "TWILIO_AUTH_TOKEN": ""}
    simulator.set(standard_api_keys=True)
    async with simulator.provider(**key) as provider:  # type: ignore[arg-type]
        assert (await provider.check_account()).status == "unknown"
        assert (await provider.ask("+14155550123", PACKAGES)).valid is not None


async def test_test_credentials_are_recognised(simulator: Simulator) -> None:
    simulator.token = "simulated-test"
    async with simulator.provider() as provider:
        for asking in (provider.check_account(), provider.ask("+14155550123", PACKAGES)):
            with pytest.raises(ProviderError, match="test credentials") as raised:
                await asking
            assert raised.value.reason is R.TEST_CREDENTIALS


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (20003, R.ACCOUNT_CREDENTIALS),
        (20005, R.ACCOUNT_SUSPENDED),
        (60699, R.LOOKUP_DISABLED),
        (60624, R.TRIAL_LIMIT),
        (20429, R.RATE_LIMITED),
    ],
)
async def test_a_fault_of_the_account(simulator: Simulator, code: int, reason: FailureReason) -> None:
    simulator.set(account_fault=code)
    async with simulator.provider() as provider:
        with pytest.raises(ProviderError) as raised:
            await provider.ask("+14155550123", PACKAGES)
    assert (raised.value.reason, raised.value.failure.code) == (reason, code)
    assert raised.value.failure.billing is Billing.NOT_PROCESSED


async def test_an_invalid_number(simulator: Simulator) -> None:
    simulator.set(invalid_rate=1.0)
    async with simulator.provider() as provider:
        answer = await provider.ask("+14155550123", PACKAGES)
    assert answer.valid is False
    assert answer.validation_errors
    assert {part.billing for part in answer.packages.values()} == {Billing.UNKNOWN}


async def test_a_rate_limit_that_is_asked_again(simulator: Simulator) -> None:
    simulator.set(max_in_flight=1, latency="50ms")
    async with simulator.provider() as provider:
        ends = await asyncio.gather(
            *(provider.ask(f"+1415555012{n}", PACKAGES) for n in range(4)), return_exceptions=True
        )
        refused = [end for end in ends if isinstance(end, ProviderError)]
        assert len(refused) == 3
        assert {end.failure.retry_class for end in refused} == {RetryClass.RATE_LIMIT}
        again = await provider.ask("+14155550123", PACKAGES)
    assert again.packages["line_type_intelligence"].billing is not Billing.NOT_PROCESSED


async def test_the_limit_of_a_package_refuses_that_package_only(simulator: Simulator) -> None:
    simulator.set(package_limits={"caller_name": 1}, latency="50ms", invalid_rate=0)
    async with simulator.provider() as provider:
        answers = await asyncio.gather(*(provider.ask(f"+1415555012{n}", PACKAGES) for n in range(4)))
    refused = [a.packages["caller_name"] for a in answers if a.packages["caller_name"].failure]
    assert len(refused) == 3
    assert all(part.billing is Billing.NOT_PROCESSED for part in refused)
    assert all(part.failure and part.failure.reason is R.PACKAGE_RATE_LIMITED for part in refused)
    assert {a.packages["line_type_intelligence"].billing for a in answers} == {Billing.BILLED}


async def test_the_limits_that_the_account_tells(simulator: Simulator) -> None:
    simulator.set(package_limits={"caller_name": 5})
    async with simulator.provider() as provider:
        limits = await provider.rate_limits()
        assert limits is not None
        assert "caller_name" in {limit.package for limit in limits}
        simulator.set(rate_limits_enabled=False)
        assert await provider.rate_limits() is None


async def test_an_account_without_a_balance(simulator: Simulator) -> None:
    simulator.set(balance=None)
    async with simulator.provider() as provider:
        assert await provider.balance() is None


@pytest.mark.parametrize("bill_errors", [True, False])
async def test_what_the_simulator_bills_we_know_at_least_as_unknown(simulator: Simulator, bill_errors: bool) -> None:
    """Every kind of fault, each number asked once: billed + unknown ≥ the ledger ≥ billed, number by number."""
    simulator.set(
        refuse_rate=0.1,
        error_rate=0.15,
        reset_rate=0.15,
        timeout_rate=0.05,
        slow_body_rate=0.1,
        garbage_rate=0.3,
        package_error_rate=0.2,
        invalid_rate=0.05,
        hang_seconds=1,
        slow_body_seconds=1,
        bill_errors=bill_errors,
        bill_invalid=bill_errors,
    )
    numbers = [f"+1415555{n:04d}" for n in range(400)]
    known: dict[str, dict[str, Billing]] = {}
    asking = iter(numbers)

    async def worker(provider: TwilioProvider) -> None:
        for number in asking:
            try:
                answer = await provider.ask(number, PACKAGES)
            except ProviderError as error:
                known[number] = dict.fromkeys(PACKAGES, error.failure.billing)
            else:
                known[number] = {name: part.billing for name, part in answer.packages.items()}

    async with simulator.provider(time_outs=QUICK) as provider:
        await asyncio.gather(*(worker(provider) for _ in range(20)))
    ledger = simulator.call("ledger")["numbers"]
    assert set(ledger) == set(numbers)
    for number in numbers:
        assert ledger[number]["asked"] == 1, number
        for package in PACKAGES:
            billed = ledger[number]["billed"].get(package, 0)
            state = known[number][package]
            assert billed <= (state in (Billing.BILLED, Billing.UNKNOWN)), (number, package, state)
            assert billed >= (state is Billing.BILLED), (number, package, state)
    assert {state for states in known.values() for state in states.values()} == set(Billing) - {Billing.FREE}


async def test_the_ledger_and_the_list_prices_agree(simulator: Simulator) -> None:
    from datetime import date

    simulator.set(invalid_rate=0)
    async with simulator.provider() as provider:
        for n in range(10):
            await provider.ask(f"+1415555{n:04d}", PACKAGES)
    price = PriceBook().total(PACKAGES, "US", date(2026, 11, 23))
    assert price is not None
    assert simulator.call("ledger")["billed_total"] == to_decimal_string(10 * price)


async def test_the_registry_s_provider_asks_as_well(simulator: Simulator) -> None:
    provider = connect("twilio", simulator.environment(), simulated=True)
    async with provider:
        assert (await provider.ask("+442071838750", ("basic",))).simulated
