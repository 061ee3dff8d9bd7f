"""What becomes of a request when the network or the other side misbehaves: nothing hangs, nothing is bought twice."""

import asyncio
import socket
import ssl
import time
from pathlib import Path

import pytest
from raw_server import (
    GOOD_BODY,
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
from bulk_lookup.providers.twilio.transport import LARGEST_BODY

R = FailureReason

# --- never sent -----------------------------------------------------------------------------------------------------


async def test_a_refused_connection_was_not_sent() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        assert was_not_sent(await failure_of(provider_at(f"http://127.0.0.1:{taken.getsockname()[1]}")))


async def test_a_name_that_does_not_exist_was_not_sent() -> None:
    assert was_not_sent(await failure_of(provider_at("http://lookups.invalid")))


async def test_a_connection_that_is_never_accepted_was_not_sent() -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        address = listening.getsockname()
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(address)
        failure = await failure_of(provider_at(f"http://127.0.0.1:{address[1]}", time_outs=QUICK))
        for one in waiting:
            one.close()
    assert was_not_sent(failure)


async def test_a_handshake_that_ends_early_was_not_sent() -> None:
    async def hang_up(talk: Conversation) -> None:
        await talk.reader.read(16)

    async with raw_server(hang_up) as server:
        assert was_not_sent(await failure_of(provider_at(f"https://127.0.0.1:{server.port}")))


async def test_a_handshake_that_stalls_was_not_sent() -> None:
    async def stall(talk: Conversation) -> None:
        await asyncio.sleep(5)

    async with raw_server(stall) as server:
        assert was_not_sent(await failure_of(provider_at(f"https://127.0.0.1:{server.port}", time_outs=QUICK)))


async def test_a_certificate_that_nobody_signed_gets_no_password(tmp_path: Path) -> None:
    context = _self_signed(tmp_path)
    seen = bytearray()

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.extend(await reader.read(1000))
        writer.close()

    server = await asyncio.start_server(listen, "127.0.0.1", 0, ssl=context)
    port = server.sockets[0].getsockname()[1]
    assert was_not_sent(await failure_of(provider_at(f"https://localhost:{port}")))
    server.close()
    assert not seen


# --- sent, and cut off ----------------------------------------------------------------------------------------------


async def close_at_once(talk: Conversation) -> None:
    await talk.request()


async def reset_at_once(talk: Conversation) -> None:
    await talk.request()
    talk.reset()


async def half_a_head(talk: Conversation) -> None:
    await talk.request()
    await talk.send(b"HTTP/1.1 200 OK\r\nContent-Ty")


async def half_a_body(talk: Conversation) -> None:
    await talk.request()
    await talk.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(GOOD_BODY), GOOD_BODY[:-9]))


async def half_a_chunk(talk: Conversation) -> None:
    await talk.request()
    await talk.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n" + GOOD_BODY[:90])


async def never(talk: Conversation) -> None:
    await talk.request()
    await asyncio.sleep(5)


async def drop_by_drop(talk: Conversation) -> None:
    await talk.request()
    await talk.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(GOOD_BODY))
    for byte in GOOD_BODY:
        await talk.send(bytes([byte]))
        await asyncio.sleep(0.05)


async def not_http(talk: Conversation) -> None:
    await talk.request()
    await talk.send(b"SSH-2.0-OpenSSH_9.9\r\n\r\n")


async def endless_head(talk: Conversation) -> None:
    await talk.request()
    await talk.send(b"HTTP/1.1 200 OK\r\n")
    while True:
        await talk.send(b"X-Filler: " + b"a" * 60_000 + b"\r\n")


async def endless_body(talk: Conversation) -> None:
    await talk.request()
    await talk.send(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
    while True:
        await talk.send(b" " * 65_536)


async def packed_bomb(talk: Conversation) -> None:
    await talk.request()
    await talk.answer(b"\x1f\x8b\x08\x00" + b"\x00" * 400, headers=b"Content-Encoding: gzip\r\n")


@pytest.mark.parametrize(
    ("talk", "reason"),
    [
        (close_at_once, R.CONNECTION_LOST),
        (reset_at_once, R.CONNECTION_LOST),
        (half_a_head, R.CONNECTION_LOST),
        (half_a_body, R.CONNECTION_LOST),
        (half_a_chunk, R.CONNECTION_LOST),
        (never, R.TIME_OUT),
        (drop_by_drop, R.TIME_OUT),
        (not_http, R.INVALID_ANSWER),
        (endless_head, R.INVALID_ANSWER),
        (endless_body, R.INVALID_ANSWER),
        (packed_bomb, R.INVALID_ANSWER),
    ],
)
async def test_what_is_cut_off_after_sending_is_an_unknown_bill_and_never_asked_twice(
    talk: object, reason: FailureReason
) -> None:
    async with raw_server(talk) as server:  # type: ignore[arg-type]
        began = time.monotonic()
        failure = await failure_of(provider_at(server.url, time_outs=QUICK))
        assert (failure.reason, failure.billing, failure.fully_sent) == (reason, Billing.UNKNOWN, True)
        assert time.monotonic() - began < 3
        assert len(server.requests) == 1


async def test_a_body_has_a_size_limit() -> None:
    async def padded(talk: Conversation) -> None:
        while True:
            await talk.request()
            fits = len(talk.server.requests) == 1
            await talk.answer(GOOD_BODY + b" " * (LARGEST_BODY - len(GOOD_BODY) + (0 if fits else 1)))

    async with raw_server(padded) as server, provider_at(server.url) as provider:
        assert (await provider.ask(NUMBER, PACKAGES)).valid is True
        with pytest.raises(ProviderError) as raised:
            await provider.ask(NUMBER, PACKAGES)
    assert raised.value.reason is R.INVALID_ANSWER


async def test_slow_packages_have_a_longer_time_limit() -> None:
    async def wait(talk: Conversation) -> None:
        while True:
            await talk.request()
            await asyncio.sleep(0.5)
            await talk.answer()

    async with raw_server(wait) as server, provider_at(server.url, time_outs=QUICK) as provider:
        answer = await provider.ask(NUMBER, ("line_type_intelligence", "line_status"))
        assert answer.response_time_ms >= 500
        with pytest.raises(ProviderError) as raised:
            await provider.ask(NUMBER, PACKAGES)
    assert raised.value.reason is R.TIME_OUT


def _self_signed(folder: Path) -> ssl.SSLContext:
    from datetime import UTC, datetime, timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "certificate.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context
