"""Redirects, connections, proxies and certificates: no password goes astray, and no request is sent twice."""

import asyncio
import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from raw_server import (
    ACCOUNT_SID,
    NUMBER,
    PACKAGES,
    QUICK,
    Conversation,
    failure_of,
    provider_at,
    raw_server,
    was_not_sent,
)

from bulk_lookup.core.billing import Billing
from bulk_lookup.core.failure import FailureReason
from bulk_lookup.providers.base import ProviderError

R = FailureReason


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
async def test_no_redirect_is_followed_with_credentials(status: str) -> None:
    async def elsewhere(talk: Conversation) -> None:
        await talk.request()
        await talk.answer()

    async with raw_server(elsewhere) as thief:

        async def redirect(talk: Conversation) -> None:
            await talk.request()
            await talk.answer(b"", status=status, headers=f"Location: {thief.url}/v2\r\n".encode())

        async with raw_server(redirect) as server:
            failure = await failure_of(provider_at(server.url))
        assert not thief.requests
    assert (failure.reason, failure.billing) == (R.REDIRECTED, Billing.NOT_PROCESSED)


def no_certificates(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a machine where the package with the certificates was never installed."""
    (folder / "none.pem").write_bytes(b"")
    monkeypatch.setenv("SSL_CERT_FILE", str(folder / "none.pem"))
    monkeypatch.setenv("SSL_CERT_DIR", str(folder / "nothing-here"))


async def test_a_simulator_is_reached_from_a_machine_without_certificates(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def answer(talk: Conversation) -> None:
        await talk.request()
        await talk.answer()

    no_certificates(tmp_path, monkeypatch)
    async with raw_server(answer) as server, provider_at(server.url) as provider:
        assert (await provider.ask(NUMBER, PACKAGES)).valid is True


async def test_a_machine_without_certificates_is_told_what_to_install_and_heals(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hang_up(talk: Conversation) -> None:
        await talk.reader.read(1)

    async with raw_server(hang_up) as server, provider_at(f"https://127.0.0.1:{server.port}") as provider:
        with monkeypatch.context() as bare:
            no_certificates(tmp_path, bare)
            with pytest.raises(ProviderError, match="package ca-certificates") as raised:
                await provider.ask(NUMBER, PACKAGES)
            assert was_not_sent(raised.value.failure)
            assert server.connections == 0
        with pytest.raises(ProviderError, match="could not be reached"):
            await provider.ask(NUMBER, PACKAGES)
        assert server.connections > 0


@pytest.mark.parametrize("times", range(3))
def test_a_program_that_ends_right_after_a_failure_ends_orderly(times: int) -> None:
    program = (
        "import asyncio\n"
        "from bulk_lookup.providers.registry import connect\n"
        "async def main():\n"
        f"    environment = {{'TWILIO_ACCOUNT_SID': '{ACCOUNT_SID}', 'TWILIO_AUTH_TOKEN': 'x',"
        " 'BULK_LOOKUP_TWILIO_URL': 'http://127.0.0.1:1'}\n"
        "    async with connect('twilio', environment) as provider:\n"
        "        asking = [provider.ask(f'+1415555{n:04}', ('basic',)) for n in range(100)]\n"
        "        await asyncio.gather(*asking, return_exceptions=True)\n"
        "asyncio.run(main())\n"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, timeout=30)
    assert (ended.returncode, ended.stderr) == (0, b"")


async def test_one_connection_serves_many_requests() -> None:
    async def keep(talk: Conversation) -> None:
        while True:
            await talk.request()
            await talk.answer()

    async with raw_server(keep) as server, provider_at(server.url) as provider:
        for _ in range(20):
            await provider.ask(NUMBER, PACKAGES)
        assert (server.connections, len(server.requests)) == (1, 20)


async def test_a_connection_that_was_closed_while_idle_breaks_no_request() -> None:
    async def once(talk: Conversation) -> None:
        await talk.request()
        await talk.answer()

    async with raw_server(once) as server, provider_at(server.url) as provider:
        for _ in range(5):
            await provider.ask(NUMBER, PACKAGES)
            await asyncio.sleep(0.02)
        assert (server.connections, len(server.requests)) == (5, 5)


@pytest.mark.parametrize("by_reset", [False, True])
async def test_a_connection_that_dies_under_its_second_request_is_not_asked_again_by_itself(by_reset: bool) -> None:
    async def twice(talk: Conversation) -> None:
        await talk.request()
        await talk.answer()
        await talk.request()
        if by_reset:
            talk.reset()

    async with raw_server(twice) as server, provider_at(server.url) as provider:
        await provider.ask(NUMBER, PACKAGES)
        with pytest.raises(ProviderError) as raised:
            await provider.ask(NUMBER, PACKAGES)
        assert raised.value.failure.billing is Billing.UNKNOWN
        assert len(server.requests) == 2


async def test_no_request_reaches_a_server_twice_however_its_connections_die() -> None:
    """A GET that the library repeated by itself would be bought twice: 600 numbers, each read at most once."""
    chance = random.Random(7)

    async def unreliable(talk: Conversation) -> None:
        while True:
            await talk.request()
            if (draw := chance.random()) < 0.15:
                return talk.reset()
            if draw < 0.3:
                return None
            await talk.answer()
            if draw < 0.5:
                return None

    async with raw_server(unreliable) as server, provider_at(server.url) as provider:
        numbers = iter(range(600))
        answered: Counter[bool] = Counter()

        async def worker() -> None:
            for number in numbers:
                try:
                    await provider.ask(f"+1415555{number:04d}", PACKAGES)
                except ProviderError as error:
                    assert error.failure.billing is Billing.UNKNOWN
                    answered[False] += 1
                else:
                    answered[True] += 1

        await asyncio.gather(*(worker() for _ in range(8)))
        seen = Counter(head.split(b" ", 2)[1] for head in server.requests)
    assert max(seen.values()) == 1
    assert answered[True] + answered[False] == 600
    assert answered[False] > 100
    assert len(seen) >= answered[True]


async def test_a_cancelled_request_is_let_go_at_once_and_its_connection_ends_with_its_time_limit() -> None:
    arrived, gone = asyncio.Event(), asyncio.Event()

    async def wait(talk: Conversation) -> None:
        await talk.request()
        arrived.set()
        await talk.reader.read(1)
        gone.set()

    async with raw_server(wait) as server, provider_at(server.url, time_outs=QUICK) as provider:
        asking = asyncio.create_task(provider.ask(NUMBER, PACKAGES))
        await arrived.wait()
        asking.cancel()
        began = time.monotonic()
        with pytest.raises(asyncio.CancelledError):
            await asking
        assert time.monotonic() - began < 0.1
        await asyncio.wait_for(gone.wait(), 3)
        assert len(server.requests) == 1


async def test_a_proxy_of_the_environment_sees_encrypted_requests_to_other_machines_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def answer(talk: Conversation) -> None:
        await talk.request()
        await talk.answer()

    async with raw_server(answer) as proxy, raw_server(answer) as server:
        for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
        async with provider_at(server.url) as provider:
            await provider.ask(NUMBER, PACKAGES)
        assert was_not_sent(await failure_of(provider_at("http://lookups.invalid")))
        assert was_not_sent(await failure_of(provider_at("https://127.0.0.1:1")))
        assert (len(proxy.requests), len(server.requests)) == (0, 1)
        assert was_not_sent(await failure_of(provider_at("https://lookups.invalid")))
        assert [head.split(b"\r\n")[0] for head in proxy.requests] == [b"CONNECT lookups.invalid:443 HTTP/1.1"]
        assert b"uthorization: Basic" not in proxy.requests[0]
