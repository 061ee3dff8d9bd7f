"""Sign-in and sign-out, walked with Django's client on the real database."""

import pytest
from django.test import Client
from people_cast import PASSWORD, Cast

pytestmark = pytest.mark.django_db


def test_who_knows_the_password_comes_in_and_goes_out(cast: Cast) -> None:
    client = Client()

    page = client.get("/sign-in")
    assert page.status_code == 200
    assert "invitation link" in page.content.decode()

    entered = client.post("/sign-in", {"login": " Alice@Example.com", "password": PASSWORD})
    assert (entered.status_code, entered["Location"]) == (302, "/")
    assert client.get("/account").status_code == 200

    left = client.post("/sign-out")
    assert (left.status_code, left["Location"]) == (302, "/sign-in")
    assert client.get("/account")["Location"] == "/sign-in?next=/account"


def test_one_comes_back_to_the_page_one_wanted(cast: Cast) -> None:
    entered = Client().post("/sign-in", {"login": "alice@example.com", "password": PASSWORD, "next": "/account"})

    assert entered["Location"] == "/account"


def test_nobody_is_led_to_a_stranger_s_page(cast: Cast) -> None:
    entered = Client().post(
        "/sign-in", {"login": "alice@example.com", "password": PASSWORD, "next": "https://evil.example/"}
    )

    assert entered["Location"] == "/"


@pytest.mark.parametrize(("login", "password"), [("alice@example.com", "wrong"), ("nobody@example.com", PASSWORD)])
def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(cast: Cast, login: str, password: str) -> None:
    client = Client()

    refused = client.post("/sign-in", {"login": login, "password": password})

    assert refused.status_code == 200
    assert "This e-mail and password do not match. After 5 tries there is a short wait." in refused.content.decode()
    assert client.get("/account").status_code == 302


def test_a_closed_account_stays_out(cast: Cast) -> None:
    user = cast["bob"].user
    user.is_active = False
    user.save()
    client = Client()

    client.post("/sign-in", {"login": user.email, "password": PASSWORD})

    assert client.get("/account").status_code == 302


def test_only_a_form_signs_out(cast: Cast) -> None:
    client = cast.client("alice")

    assert client.get("/sign-out").status_code == 405
    assert client.get("/account").status_code == 200


def test_without_its_token_a_form_does_nothing(cast: Cast) -> None:
    client = Client(enforce_csrf_checks=True)

    assert client.post("/sign-in", {"login": "alice@example.com", "password": PASSWORD}).status_code == 403


def test_an_installation_without_a_person_leads_to_the_first_run_page(db: None) -> None:
    answer = Client().get("/sign-in")

    assert (answer.status_code, answer["Location"]) == (302, "/welcome")
