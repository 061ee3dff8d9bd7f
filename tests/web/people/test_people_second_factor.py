"""The second factor: codes of an app, recovery codes, and secrets that are encrypted at rest."""

import hmac
import re
import time
from base64 import b32decode
from collections.abc import Callable

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from people_cast import PASSWORD, Cast

pytestmark = pytest.mark.django_db

PERIOD = 30


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """A clock that stands in the middle of a code's 30 seconds, and moves when it is told to."""
    now = [time.time() // PERIOD * PERIOD + PERIOD / 2]
    monkeypatch.setattr(time, "time", lambda: now[0])

    def pass_by(seconds: float) -> None:
        now[0] += seconds

    return pass_by


def code_of(secret: str) -> str:
    """What an app would show now: RFC 6238."""
    counter = int(time.time()) // PERIOD
    digest = hmac.digest(b32decode(secret), counter.to_bytes(8, "big"), "sha1")
    offset = digest[-1] & 15
    return f"{(int.from_bytes(digest[offset : offset + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06}"


def confirm(client: Client) -> None:
    client.post("/sign-in", {"login": "alice@example.com", "password": PASSWORD})
    client.post("/account/confirm", {"password": PASSWORD})


def turn_on(client: Client) -> str:
    """Sign in, confirm the password, scan the key, type the app's code; the key."""
    confirm(client)
    page = client.get("/account/second-factor/totp/activate/")
    secret = str(page.context["form"].secret)
    assert "data:image/svg+xml" in page.content.decode()
    assert client.post("/account/second-factor/totp/activate/", {"code": code_of(secret)}).status_code == 302
    return secret


def test_with_it_a_password_alone_lets_nobody_in(cast: Cast, clock: Callable[[float], None]) -> None:
    secret = turn_on(Client())
    clock(PERIOD)
    client = Client()

    first = client.post("/sign-in", {"login": "alice@example.com", "password": PASSWORD})
    assert first["Location"].startswith("/account/second-factor/authenticate/")
    assert client.get("/account").status_code == 302
    wrong = client.post("/account/second-factor/authenticate/", {"code": "000000"})
    assert "This code is not right, or too old. Take the newest one." in wrong.content.decode()
    right = client.post("/account/second-factor/authenticate/", {"code": code_of(secret)})

    assert (right.status_code, right["Location"]) == (302, "/")
    assert client.get("/account").status_code == 200


def test_a_code_works_once(cast: Cast, clock: Callable[[float], None]) -> None:
    secret = turn_on(Client())
    clock(PERIOD)
    locations = []
    for _ in range(2):
        client = Client()
        client.post("/sign-in", {"login": "alice@example.com", "password": PASSWORD})
        client.post("/account/second-factor/authenticate/", {"code": code_of(secret)})
        locations.append(client.get("/account").status_code)

    assert locations == [200, 302]


def test_an_old_code_does_not_work(cast: Cast, clock: Callable[[float], None]) -> None:
    old = code_of(turn_on(Client()))
    clock(2 * PERIOD)
    client = Client()
    client.post("/sign-in", {"login": "alice@example.com", "password": PASSWORD})

    client.post("/account/second-factor/authenticate/", {"code": old})

    assert client.get("/account").status_code == 302


def test_a_recovery_code_lets_in_once(cast: Cast) -> None:
    owner = Client()
    turn_on(owner)
    shown = owner.get("/account/second-factor/recovery-codes/")
    codes = shown.context["unused_codes"]
    assert len(set(codes)) == 10
    assert codes[0] in shown.content.decode()
    answers = []
    for code in (codes[0], codes[0], codes[1]):
        client = Client()
        client.post("/sign-in", {"login": "alice@example.com", "password": PASSWORD})
        client.post("/account/second-factor/authenticate/", {"code": code})
        answers.append(client.get("/account").status_code)

    assert answers == [200, 302, 200]
    assert "8 of 10 are left" in owner.get("/account/second-factor/recovery-codes/").content.decode()
    downloaded = owner.get("/account/second-factor/recovery-codes/download/").content.decode().split()
    assert downloaded == list(codes[2:])


def test_new_recovery_codes_end_the_old_ones(cast: Cast) -> None:
    owner = Client()
    turn_on(owner)
    old = set(owner.get("/account/second-factor/recovery-codes/").context["unused_codes"])

    assert owner.get("/account/second-factor/recovery-codes/generate/").status_code == 200
    assert set(owner.get("/account/second-factor/recovery-codes/").context["unused_codes"]) == old
    owner.post("/account/second-factor/recovery-codes/generate/")

    assert not old & set(owner.get("/account/second-factor/recovery-codes/").context["unused_codes"])


def test_secrets_are_not_kept_as_they_are(cast: Cast) -> None:
    secret = turn_on(Client())

    kept = repr(list(Authenticator.objects.values_list("data", flat=True)))

    assert "secret" in kept
    assert secret not in kept


def test_turning_it_off_is_a_form_and_takes_the_recovery_codes_along(cast: Cast) -> None:
    owner = Client()
    turn_on(owner)

    assert owner.get("/account/second-factor/totp/deactivate/").status_code == 200
    assert Authenticator.objects.count() == 2
    owner.post("/account/second-factor/totp/deactivate/")

    assert not Authenticator.objects.exists()
    assert "Off. With it" in owner.get("/account/second-factor/").content.decode()


def test_what_guards_the_account_asks_again_who_it_is(cast: Cast, clock: Callable[[float], None]) -> None:
    client = cast.client("alice")  # a session that was left open

    asked = client.get("/account/second-factor/totp/activate/")
    assert asked["Location"].startswith("/account/confirm")
    wrong = client.post(asked["Location"], {"password": "wrong"})
    assert "This is not your password." in wrong.content.decode()
    right = client.post(asked["Location"], {"password": PASSWORD})

    assert right["Location"] == "/account/second-factor/totp/activate/"
    assert client.get("/account/second-factor/totp/activate/").status_code == 200


def test_who_has_it_is_asked_for_a_code_again(cast: Cast, clock: Callable[[float], None]) -> None:
    secret = turn_on(Client())
    clock(PERIOD)
    client = cast.client("alice")

    page = client.get("/account/second-factor/reauthenticate/")
    assert "Is it you?" in page.content.decode()
    done = client.post("/account/second-factor/reauthenticate/?next=/account/second-factor/", {"code": code_of(secret)})

    assert done["Location"] == "/account/second-factor/"
    assert client.get("/account/second-factor/totp/deactivate/").status_code == 200


def test_codes_cannot_be_guessed_from_many_addresses(cast: Cast) -> None:
    turn_on(Client())
    answers = []
    for number in range(11):
        client = Client(REMOTE_ADDR=f"203.0.113.{number}")
        client.post("/sign-in", {"login": "alice@example.com", "password": PASSWORD})
        answers.append(client.post("/account/second-factor/authenticate/", {"code": "000000"}).status_code)

    assert answers == [200] * 10 + [429]


def test_the_key_can_be_typed_instead_of_scanned(cast: Cast) -> None:
    client = Client()
    confirm(client)

    page = client.get("/account/second-factor/totp/activate/").content.decode()

    assert re.search(r"<code>[A-Z2-7]{32}</code>", page)
