"""Rate limits, by a set clock: who is counted, by what, how long one waits, and what a forged header changes: nothing."""

from collections.abc import Callable
from ipaddress import ip_network
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from bulk_lookup.models import RequestTally, User
from bulk_lookup.models.request_tally import forget_stale, hit
from bulk_lookup.web.rate_limit import (
    ACCOUNT,
    GUESS,
    PERSON,
    STRANGER,
    LimitRates,
    TooManyRequests,
    TrustForwarded,
    client,
    count,
    forget,
)

pytestmark = pytest.mark.django_db

NOON = 1_800_000_000.0


class Door:
    """The middleware before a view that says yes, at a time that the test sets."""

    def __init__(self) -> None:
        self.now = NOON
        self.let_in = 0
        self._limits = LimitRates(self._view, clock=lambda: self.now)
        self._door = TrustForwarded(self._limits)

    def _view(self, request: HttpRequest) -> HttpResponse:
        self.let_in += 1
        return HttpResponse("yes")

    def knock(
        self, path: str = "/contacts", *, address: str = "203.0.113.7", user: User | None = None, **more: str
    ) -> Any:
        """One request; `method="POST"` posts, other words are headers."""
        method = more.pop("method", "GET")
        request = RequestFactory().generic(method, path, REMOTE_ADDR=address, headers=more)
        request.user = user or AnonymousUser()
        return self._door(request)


def codes(knock: Callable[[], Any], times: int) -> list[int]:
    return [knock().status_code for _ in range(times)]


def test_a_stranger_may_ask_100_times_a_minute() -> None:
    door = Door()

    assert codes(door.knock, 101) == [200] * 100 + [429]
    assert door.let_in == 100
    assert door.knock(address="203.0.113.8").status_code == 200  # another one is another count


def test_the_minute_slides() -> None:
    door = Door()
    door.knock()
    door.now += 59
    assert codes(door.knock, 100) == [200] * 99 + [429]  # one of them a minute ago, almost
    door.now = NOON + 60
    assert codes(door.knock, 2) == [200, 429]


def test_the_answer_says_how_long_to_wait_and_it_is_true() -> None:
    door = Door()
    codes(door.knock, 100)
    door.now += 12.4

    refused = door.knock()

    assert refused["Retry-After"] == "48"
    assert "You can try again in" in refused.content.decode()
    assert "48" in refused.content.decode()
    door.now += 47.5
    assert door.knock().status_code == 429
    door.now = NOON + 12.4 + int(refused["Retry-After"])
    assert door.knock().status_code == 200


def test_whoever_goes_on_knocking_does_not_wait_longer() -> None:
    door = Door()
    codes(door.knock, 100)
    for _ in range(30):
        door.now += 1
        assert door.knock().status_code == 429
    door.now = NOON + 60

    assert door.knock().status_code == 200


def test_the_sixth_sign_in_within_20_seconds_from_an_address_waits() -> None:
    door = Door()

    def post() -> Any:
        door.now += 1
        return door.knock("/sign-in", method="POST")

    assert codes(post, 6) == [200] * 5 + [429]
    assert door.knock("/sign-in", method="POST", address="203.0.113.8").status_code == 200
    assert door.knock("/sign-in").status_code == 200  # looking at the form is no try
    door.now = NOON + 1 + 20  # the first of the five is 20 s ago
    assert codes(lambda: door.knock("/sign-in", method="POST"), 2) == [200, 429]


@pytest.mark.parametrize(
    "path",
    ["/welcome", "/password", "/account/second-factor/authenticate/", "/invitations/x", "/password/1-set-password"],
)
def test_whatever_can_be_guessed_is_counted_so(path: str) -> None:
    door = Door()

    assert codes(lambda: door.knock(path, method="POST"), 6) == [200] * 5 + [429]
    assert door.knock("/sign-in", method="POST").status_code == 200  # each page by itself


def test_a_page_that_guards_nothing_may_be_posted_to_more_often() -> None:
    door, user = Door(), User.objects.create_user("alice@example.com")

    assert set(codes(lambda: door.knock("/account", method="POST", user=user), 20)) == {200}


def test_a_member_is_counted_by_person_and_generously() -> None:
    door = Door()
    alice, bob = (User.objects.create_user(f"{name}@example.com") for name in ("alice", "bob"))
    for number in range(PERSON.count):
        assert door.knock(user=alice, address=f"198.51.100.{number % 250}").status_code == 200

    assert door.knock(user=alice, address="198.51.100.251").status_code == 429
    assert door.knock(user=bob, address="198.51.100.1").status_code == 200
    assert door.knock(address="198.51.100.1").status_code == 200


@pytest.mark.parametrize(
    "header", ["X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "Forwarded", "X-Real-IP", "X-Client-IP"]
)
def test_a_forged_header_changes_nothing(header: str) -> None:
    door = Door()
    forged = iter(range(1000))

    def knock() -> Any:
        return door.knock(**{header.lower(): f"192.0.2.{next(forged)}"})

    assert codes(knock, 101) == [200] * 100 + [429]


def test_what_a_stranger_forwards_is_removed() -> None:
    seen: list[HttpRequest] = []
    trust = TrustForwarded(lambda request: seen.append(request) or HttpResponse())

    trust(
        RequestFactory().get(
            "/", headers={"x-forwarded-for": "1.1.1.1", "x-forwarded-proto": "https", "forwarded": "a"}
        )
    )

    (request,) = seen
    assert request.META["REMOTE_ADDR"] == "127.0.0.1"
    assert not request.is_secure()
    assert not [name for name in request.META if "FORWARDED" in name]


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("10.0.0.5", "203.0.113.9", "203.0.113.9"),
        ("10.0.0.5", "203.0.113.9, 10.0.0.6", "203.0.113.9"),  # two proxies of ours
        ("10.0.0.5", "1.1.1.1, 203.0.113.9", "203.0.113.9"),  # the first was forged by the client
        ("10.0.0.5", "1.1.1.1, 203.0.113.9, 10.0.0.6", "203.0.113.9"),
        ("10.0.0.5", "203.0.113.9:4711", "203.0.113.9"),
        ("10.0.0.5", "[2001:db8::1]:4711", "2001:db8::1"),
        ("10.0.0.5", "::ffff:203.0.113.9", "203.0.113.9"),
        ("::ffff:10.0.0.5", "203.0.113.9", "203.0.113.9"),
        ("10.0.0.5", "", "10.0.0.5"),
        ("10.0.0.5", "unknown", "10.0.0.5"),
        ("10.0.0.5", "203.0.113.9, nonsense", "10.0.0.5"),  # nobody vouches for what is before
        ("10.0.0.5", "10.0.0.7", "10.0.0.7"),  # a request from the proxies' own network
        ("203.0.113.1", "203.0.113.9", "203.0.113.1"),  # no proxy of ours
        ("", "203.0.113.9", ""),
    ],
)
def test_the_address_is_the_last_one_that_a_trusted_proxy_vouches_for(
    settings: Any, peer: str, forwarded: str, address: str
) -> None:
    settings.TRUSTED_PROXIES = (ip_network("10.0.0.0/24"),)
    seen: list[str] = []
    trust = TrustForwarded(lambda request: seen.append(request.META["REMOTE_ADDR"]) or HttpResponse())

    trust(RequestFactory().get("/", REMOTE_ADDR=peer, headers={"x-forwarded-for": forwarded}))

    assert seen == [address]


def test_a_trusted_proxy_says_whether_it_was_asked_by_https(settings: Any) -> None:
    settings.TRUSTED_PROXIES = (ip_network("10.0.0.5/32"),)
    seen: list[bool] = []
    trust = TrustForwarded(lambda request: seen.append(request.is_secure()) or HttpResponse())

    for peer in ("10.0.0.5", "10.0.0.6"):
        trust(RequestFactory().get("/", REMOTE_ADDR=peer, headers={"x-forwarded-proto": "https"}))

    assert seen == [True, False]


@pytest.mark.parametrize(
    ("address", "counted_as"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),  # one customer has 2^64 addresses
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("", "unknown"),
    ],
)
def test_an_address_is_counted_as_its_customer(address: str, counted_as: str) -> None:
    assert client(RequestFactory().get("/", REMOTE_ADDR=address)) == counted_as


def test_an_account_is_counted_wherever_the_tries_come_from() -> None:
    for _ in range(ACCOUNT.count):
        count(ACCOUNT, "alice@example.com", now=NOON)

    with pytest.raises(TooManyRequests) as refused:
        count(ACCOUNT, "alice@example.com", now=NOON + 60)
    assert refused.value.wait == ACCOUNT.seconds - 60
    count(ACCOUNT, "bob@example.com", now=NOON)
    forget(ACCOUNT, "alice@example.com")
    count(ACCOUNT, "alice@example.com", now=NOON + 60)


def test_the_limits_are_those_that_were_asked_for() -> None:
    assert (STRANGER.count, STRANGER.seconds) == (100, 60)
    assert (GUESS.count, GUESS.seconds) == (5, 20)
    assert ACCOUNT.count / ACCOUNT.seconds < GUESS.count / GUESS.seconds


def test_static_files_are_answered_before_anybody_counts(settings: Any) -> None:
    order = settings.MIDDLEWARE
    limits = order.index("bulk_lookup.web.rate_limit.LimitRates")

    assert order[0] == "bulk_lookup.web.rate_limit.TrustForwarded"
    assert order.index("whitenoise.middleware.WhiteNoiseMiddleware") < limits
    assert order.index("django.contrib.auth.middleware.AuthenticationMiddleware") < limits


def test_through_all_of_the_product_the_sixth_try_waits(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    User.objects.create_user("alice@example.com", "correct horse battery")
    form = {"login": "alice@example.com", "password": "wrong"}

    answers = [Client().post("/sign-in", form, headers={"x-forwarded-for": f"1.1.1.{n}"}) for n in range(6)]

    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert 1 <= int(answers[5]["Retry-After"]) <= 20
    assert "Too many tries" in answers[5].content.decode()
    # Also the right password waits: who guessed it learns nothing.
    assert Client().post("/sign-in", form | {"password": "correct horse battery"}).status_code == 429


def test_through_all_of_the_product_an_account_waits_for_all_addresses(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    User.objects.create_user("alice@example.com", "correct horse battery")

    def post(n: int, email: str) -> int:
        form = {"login": email, "password": "wrong"}
        return int(Client(REMOTE_ADDR=f"203.0.113.{n}").post("/sign-in", form).status_code)

    assert [post(n, "Alice@example.com") for n in range(11)] == [200] * 10 + [429]
    assert [post(n, "nobody@example.com") for n in range(11)] == [200] * 10 + [429]  # known or not


def test_the_table_holds_neither_addresses_nor_e_mails() -> None:
    Door().knock("/sign-in", method="POST")
    count(ACCOUNT, "alice@example.com", now=NOON)

    kept = repr(list(RequestTally.objects.values_list("key", flat=True)))

    assert "203.0.113" not in kept
    assert "alice" not in kept


def test_what_counts_nothing_any_more_is_removed() -> None:
    hit("old", count=5, seconds=20, now=NOON)
    hit("new", count=5, seconds=60, now=NOON)

    forget_stale(NOON + 30)

    assert list(RequestTally.objects.values_list("key", flat=True)) == ["new"]


def test_a_long_life_keeps_no_long_rows() -> None:
    for second in range(300):
        hit("somebody", count=100, seconds=20, now=NOON + second)

    assert len(RequestTally.objects.get(key="somebody").moments) == 20


def test_the_table_costs_no_write_ahead_log() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "select relname from pg_class where relname in ('request_tally', 'cache_entry') and relpersistence = 'u'"
        )
        assert len(cursor.fetchall()) == 2
