"""One HTTP request out, one whole answer back: time-outs, limits, and the network's errors in our words.

The client library underneath is `pyreqwest`. It never repeats a request that it has begun to send (a test with servers
that hang up holds it to that): a repeated GET would be bought twice.
"""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address
from urllib.parse import urlsplit

from pyreqwest.client import Client, ClientBuilder
from pyreqwest.exceptions import BuilderError, DecodeError, PyreqwestError, RequestError, RequestTimeoutError
from pyreqwest.response import Response

from bulk_lookup.core.billing import Billing
from bulk_lookup.core.failure import Failure, FailureReason
from bulk_lookup.providers.base import ProviderError, TimeOuts
from bulk_lookup.providers.twilio.credentials import TwilioCredentials
from bulk_lookup.providers.twilio.failures import unreadable
from bulk_lookup.providers.twilio.sentences import sentence

USER_AGENT = "bulk-lookup"
# A whole answer with all packages is below 4 KB.
LARGEST_BODY = 256 * 1024
# Twilio closes idle connections; one that we close first cannot break under a request.
IDLE_SECONDS = 50.0
SETTLE_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """What came back, whole; of the headers those that were asked for, None where one is missing."""

    status: int
    body: bytes
    headers: Mapping[str, str | None]
    milliseconds: int


class Transport:
    """A pool of connections that signs every request in.

    A proxy of the environment (HTTPS_PROXY and its like) is used for encrypted addresses of other machines only: it
    sees neither the password nor the numbers. A plain address is a simulator's.
    """

    def __init__(self, credentials: TwilioCredentials, *, time_outs: TimeOuts, headers: tuple[str, ...]) -> None:
        self._credentials = credentials
        self._time_outs = time_outs
        self._headers = headers
        self._client: Client | None = None
        self._failed_at = -SETTLE_SECONDS

    async def get(self, url: str, *, time_out: float) -> HttpAnswer:
        """Send one GET; raises ProviderError where no whole answer came, or one that is too long.

        When it is cancelled, what was sent stays at the other side until the time-out: its bill is unknown.
        """
        began = time.perf_counter()
        try:
            client = self._client or self._open()
            async with client.get(url).timeout(timedelta(seconds=time_out)).build_streamed() as response:
                body = await response.body_reader.read(LARGEST_BODY + 1)
                took = time.perf_counter() - began
                status = response.status
                headers = {name: _header(response, name) for name in self._headers}
        except PyreqwestError as error:
            self._failed_at = time.perf_counter()
            # Its text holds the address with the phone number: it must not get into a traceback.
            raise ProviderError(transport_failure(error)) from None
        if body is None:
            return HttpAnswer(status, b"", headers, round(took * 1000))
        if len(body) > LARGEST_BODY:
            raise ProviderError(unreadable(status))
        return HttpAnswer(status, body.to_bytes(), headers, round(took * 1000))

    async def close(self) -> None:
        """Close the idle connections, and let the library's own thread come to rest.

        A program that ended within milliseconds of a failed request was aborted by Python ("PyGILState_Release": 7 of 40
        tries), since that thread still let go of the exception; after 20 ms of rest 0 of 40.
        """
        if self._client is not None:
            await self._client.close()
        if time.perf_counter() - self._failed_at < SETTLE_SECONDS:
            await asyncio.sleep(SETTLE_SECONDS)

    def _open(self) -> Client:
        self._client = _build(self._credentials, self._time_outs)
        return self._client


def transport_failure(error: PyreqwestError) -> Failure:
    """What an exception of the client library means, and whether the request can have been processed.

    The class of the exception does not tell (a connection that breaks after the request was sent is a ConnectError too,
    a time-out while waiting for the answer a ConnectTimeoutError), the chain of causes does: only with `Connect` in it
    was no connection there. What is not known for certain to be unsent counts as sent.
    """
    if isinstance(error, BuilderError):
        no_certificates = any(_NO_CERTIFICATES in cause["message"] for cause in error.details["causes"] or ())
        return NO_CERTIFICATES if no_certificates else _failure(FailureReason.BAD_REQUEST, sent=False)
    causes = error.details["causes"] if isinstance(error, RequestError) else None
    if any(cause["message"] == _NO_CONNECTION for cause in causes or ()):
        return _failure(FailureReason.NETWORK, sent=False)
    if isinstance(error, RequestTimeoutError):
        return _failure(FailureReason.TIME_OUT, sent=True)
    if isinstance(error, DecodeError) and not any(cause["message"] in _CUT_SHORT for cause in causes or ()):
        return _failure(FailureReason.INVALID_ANSWER, sent=True)
    return _failure(FailureReason.CONNECTION_LOST, sent=True)


# DNS, TCP and TLS alike; everything later is called SendRequest.
_NO_CONNECTION = "client error (Connect)"
_NO_CERTIFICATES = "No CA certificates"
_CUT_SHORT = frozenset({"error reading a body from connection"})

# It heals as soon as they are installed: the pool is made anew at each request until it can be.
NO_CERTIFICATES = Failure(
    reason=FailureReason.NETWORK,
    billing=Billing.NOT_PROCESSED,
    fully_sent=False,
    message=(
        "This machine has no certificates to know Twilio by. Install the system's package ca-certificates, or name a file "
        "with them in SSL_CERT_FILE."
    ),
)

_LOCAL_NAMES = frozenset({"localhost", "localhost.localdomain", "ip6-localhost"})


def _header(response: Response, name: str) -> str | None:
    try:
        return response.get_header(name)
    except ValueError:
        # Not ASCII: it is there, and says nothing.
        return ""


def _failure(reason: FailureReason, *, sent: bool) -> Failure:
    billing = Billing.UNKNOWN if sent else Billing.NOT_PROCESSED
    return Failure(reason=reason, billing=billing, fully_sent=sent, message=sentence(reason))


def _build(credentials: TwilioCredentials, time_outs: TimeOuts) -> Client:
    builder = (
        ClientBuilder()
        .user_agent(USER_AGENT)
        .default_headers({"Authorization": credentials.authorization, "Accept": "application/json"})
        .follow_redirects(False)
        .referer(False)
        .http1_only()
        .connect_timeout(timedelta(seconds=time_outs.connect))
        .pool_idle_timeout(timedelta(seconds=IDLE_SECONDS))
        # Answers are small, and what is not packed cannot burst.
        .gzip(False)
        .brotli(False)
        .zstd(False)
        .deflate(False)
    )
    addresses = (credentials.addresses.lookups, credentials.addresses.api)
    if all(address.startswith("http://") for address in addresses):
        # Without a proxy and without redirects no connection is encrypted, so there is no certificate to accept. It says
        # so because the library otherwise reads the system's (20 ms), and refuses to start where there are none.
        return builder.no_proxy().danger_accept_invalid_certs(True).build()
    return (builder.no_proxy() if all(map(_is_local, addresses)) else builder).build()


def _is_local(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host in _LOCAL_NAMES
