"""How often somebody may ask: strangers by their address, members by person, and guesses at a password far less.

Every count is exact over a sliding time ("no more than 5 in any 20 s") and shared by all web processes: in PostgreSQL
(`models/request_tally.py`), or in Redis where REDIS_URL is set.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from math import ceil
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import Resolver404, resolve

from bulk_lookup.models import request_tally

Answer = Callable[[HttpRequest], HttpResponseBase]


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `count` requests in any `seconds`."""

    name: str
    count: int
    seconds: float


# Of one address, for whoever is not signed in; of one person otherwise, where ten pages a second are no person any more.
STRANGER = Limit("stranger", 100, 60)
PERSON = Limit("person", 600, 60)
# Of one address, posts to a page where something could be guessed: a password, a code, a link.
GUESS = Limit("guess", 5, 20)
# Of one account, from wherever: tries at its password or its second factor, and mails that it is sent.
ACCOUNT = Limit("account", 10, 900)
MAIL = Limit("mail", 5, 900)

GUESSABLE = frozenset(
    {
        "account_login",
        "account_signup",
        "account_reset_password",
        "account_reset_password_from_key",
        "mfa_authenticate",
        "welcome",
        "invitation",
    }
)
"""Names of the addresses that `GUESS` counts, each by itself."""


class TooManyRequests(Exception):
    """One more than the limit; `wait` is the number of seconds until the next is let through."""

    def __init__(self, wait: float) -> None:
        super().__init__(f"too many requests; the next one in {wait:.1f} s")
        self.wait = wait


def count(limit: Limit, who: str, *, now: float | None = None) -> None:
    """Count one request of `who`; raises TooManyRequests where it is one too many."""
    wait = _tallies().hit(
        _key(limit, who), count=limit.count, seconds=limit.seconds, now=time.time() if now is None else now
    )
    if wait > 0:
        raise TooManyRequests(wait)


def forget(limit: Limit, who: str) -> None:
    """Begin to count `who` anew, as after a password that was right."""
    _tallies().forget(_key(limit, who))


def client(request: HttpRequest) -> str:
    """Whose address this is: an IPv4 address, or the /64 network that one IPv6 customer has."""
    address = _address(request.META.get("REMOTE_ADDR", ""))
    if isinstance(address, IPv6Address):
        return str(IPv6Network((address, 64), strict=False))
    return str(address or "unknown")


class TrustForwarded:
    """Take the client's address from a trusted proxy's headers; what anybody else forwards is removed from the request."""

    def __init__(self, get_response: Answer) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if _trusted(_address(request.META.get("REMOTE_ADDR", ""))):
            request.META["REMOTE_ADDR"] = _forwarded_for(request)
        else:
            for name in [name for name in request.META if name.startswith(("HTTP_X_FORWARDED", "HTTP_FORWARDED"))]:
                del request.META[name]
        return self._get_response(request)


class LimitRates:
    """Count each request before its view, and answer 429 where there were too many. Static files never come here."""

    def __init__(self, get_response: Answer, *, clock: Callable[[], float] = time.time) -> None:
        self._get_response, self._clock, self._calls = get_response, clock, 0

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        now = self._clock()
        try:
            if request.user.is_authenticated:
                count(PERSON, str(request.user.pk), now=now)
            else:
                count(STRANGER, client(request), now=now)
            if request.method == "POST" and (name := _name(request)) in GUESSABLE:
                count(GUESS, f"{name} {client(request)}", now=now)
        except TooManyRequests as error:
            return too_many(request, error)
        self._sweep(now)
        return self._get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """A view, too, may count."""
        return too_many(request, error) if isinstance(error, TooManyRequests) else None

    def _sweep(self, now: float) -> None:
        self._calls += 1
        if self._calls % 1000 == 0:
            _tallies().forget_stale(now)


def too_many(request: HttpRequest, error: TooManyRequests) -> HttpResponse:
    """The page that says how long to wait."""
    seconds = ceil(error.wait)
    answer = render(request, "429.html", {"seconds": seconds}, status=429)
    answer.headers["Retry-After"] = str(seconds)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _key(limit: Limit, who: str) -> str:
    # A hash, so that the table is no list of addresses and e-mails.
    return f"{limit.name}:{sha256(who.encode()).hexdigest()[:32]}"


def _tallies() -> Any:
    if not settings.VALUES["REDIS_URL"].value:
        return request_tally
    from bulk_lookup.web import redis_tally

    return redis_tally


def _name(request: HttpRequest) -> str:
    try:
        return resolve(request.path_info).url_name or ""
    except Resolver404:
        return ""


def _address(text: str) -> IPv4Address | IPv6Address | None:
    """An address as proxies write it: with a port, in brackets, IPv4 within IPv6."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


def _trusted(address: IPv4Address | IPv6Address | None) -> bool:
    return address is not None and any(address in network for network in settings.TRUSTED_PROXIES)


def _forwarded_for(request: HttpRequest) -> str:
    """From the right: each trusted proxy vouches for the one before it, and the first that is none of them is the client."""
    nearest = request.META["REMOTE_ADDR"]
    for part in reversed(request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")):
        address = _address(part)
        if address is None:
            break
        nearest = str(address)
        if not _trusted(address):
            break
    return str(nearest)
