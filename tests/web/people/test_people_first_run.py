"""The first-run page: the set-up code, the first person, their organization; and closed to everybody after."""

import threading
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from people_cast import PASSWORD

from bulk_lookup.core.role import Role
from bulk_lookup.models import Membership, Organization, User
from bulk_lookup.models.directory import AlreadySettled, settle, the_organization
from bulk_lookup.web.people import setup_code

pytestmark = pytest.mark.django_db


def filled(**changes: str) -> dict[str, str]:
    return {
        "code": setup_code.setup_code(),
        "email": "Maya@Example.com",
        "password": PASSWORD,
        "name": "Harbor & Pine",
        "country_code": "DE",
        "time_zone": "Europe/Berlin",
    } | changes


def test_the_first_person_owns_the_organization_and_is_the_operator() -> None:
    client = Client()

    assert "It is in the log of the web process." in client.get("/welcome").content.decode()
    entered = client.post("/welcome", filled())

    assert (entered.status_code, entered["Location"]) == (302, "/")
    membership = Membership.objects.select_related("user", "organization").get()
    assert (membership.user.email, membership.user.is_staff, membership.role) == (
        "maya@example.com",
        True,
        Role.OWNER.value,
    )
    organization = membership.organization
    assert (organization.name, organization.country_code, organization.time_zone) == (
        "Harbor & Pine",
        "DE",
        "Europe/Berlin",
    )
    assert client.get("/account").status_code == 200


def test_an_organization_that_a_command_made_is_adopted() -> None:
    made = the_organization()

    Client().post("/welcome", filled())

    assert Organization.objects.get().pk == made.pk
    assert Membership.objects.get().organization.name == "Harbor & Pine"


def test_an_organization_that_has_members_is_left_alone(organization: Organization) -> None:
    gone = User.objects.create_user("gone@example.com")
    Membership.objects.create(organization=organization, user=gone, role=Role.VIEWER.value)
    with pytest.raises(AlreadySettled):
        settle(lambda: gone, name="Mine", country_code="", time_zone="UTC")

    assert Membership.objects.get().organization.name == "Alice & Co"


@pytest.mark.parametrize("code", ["", "AAAA-BBBB-CCCC-DDDD", "ÄÖÜ", "x" * 41])
def test_without_the_code_nothing_is_made(code: str) -> None:
    refused = Client().post("/welcome", filled(code=code))

    assert refused.status_code == 422
    assert not User.objects.exists()
    assert not Organization.objects.exists()


def test_the_code_may_be_typed_as_one_reads_it() -> None:
    typed = setup_code.setup_code().lower().replace("-", " ")

    assert Client().post("/welcome", filled(code=f" {typed} ")).status_code == 302


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "nobody"),
        ("password", "short"),
        ("password", "password1234"),
        ("password", "maya@example"),  # too like the address
        ("name", ""),
        ("country_code", "XX"),
        ("time_zone", "Moon/Base"),
    ],
)
def test_what_cannot_be_is_said_at_its_field_and_makes_nothing(field: str, value: str) -> None:
    refused = Client().post("/welcome", filled(**{field: value}))

    assert refused.status_code == 422
    assert list(refused.context["form"].errors) == [field]
    assert not User.objects.exists()


def test_a_password_and_a_code_that_were_refused_are_not_shown_again() -> None:
    body = Client().post("/welcome", filled(name="")).content.decode()

    assert PASSWORD not in body


def test_once_somebody_is_here_the_page_leads_to_sign_in() -> None:
    User.objects.create_user("alice@example.com", PASSWORD)

    for answer in (Client().get("/welcome"), Client().post("/welcome", filled())):
        assert (answer.status_code, answer["Location"]) == (302, "/sign-in")
    assert User.objects.count() == 1


def test_the_code_is_the_same_in_every_process_and_another_with_another_key(settings: Any) -> None:
    code = setup_code.setup_code()

    assert setup_code.setup_code() == code
    assert len(code) == 19
    settings.SECRET_KEY = "another"
    assert setup_code.setup_code() != code


def test_the_code_is_logged_only_while_nobody_is_here(capsys: pytest.CaptureFixture[str]) -> None:
    setup_code._say_once.cache_clear()
    User.objects.create_user("alice@example.com")
    setup_code.announce()
    before = capsys.readouterr()
    User.objects.all().delete()
    setup_code.announce()
    after = capsys.readouterr()

    assert setup_code.setup_code() not in before.out + before.err
    assert setup_code.setup_code() in after.out + after.err


@pytest.mark.django_db(transaction=True)
def test_of_two_who_come_at_once_one_is_the_first_person() -> None:
    results: list[str] = []
    ready = threading.Barrier(2)

    def come(name: str) -> None:
        try:
            ready.wait(10)
            settle(lambda: User.objects.create_user(f"{name}@example.com"), name=name, country_code="", time_zone="UTC")
            results.append("first")
        except AlreadySettled:
            results.append("late")
        finally:
            connection.close()

    threads = [threading.Thread(target=come, args=[name]) for name in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    assert sorted(results) == ["first", "late"]
    assert User.objects.count() == Organization.objects.count() == Membership.objects.count() == 1
