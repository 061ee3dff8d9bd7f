"""One's own account: name, password by mail and by hand, and organizations."""

import re
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from people_cast import PASSWORD, Cast, make_member

from bulk_lookup.core.role import Role
from bulk_lookup.environment import Value
from bulk_lookup.models import Membership, Organization, User
from bulk_lookup.models.directory import membership_of

pytestmark = pytest.mark.django_db

NEW_PASSWORD = "another battery staple"


def allow(settings: Any, who: str) -> None:
    """BULK_LOOKUP_ORGANIZATIONS as it would be read from the environment."""
    name = "BULK_LOOKUP_ORGANIZATIONS"
    settings.VALUES = settings.VALUES | {name: Value(settings.VALUES[name].setting, who, "environment")}


@pytest.mark.parametrize("path", ["/account", "/account/password", "/account/second-factor/", "/organizations/new"])
def test_strangers_are_asked_to_sign_in(cast: Cast, path: str) -> None:
    answer = Client().get(path)

    assert (answer.status_code, answer["Location"]) == (302, f"/sign-in?next={path}")


def test_a_name_is_saved(cast: Cast) -> None:
    client = cast.client("bob")

    assert client.post("/account", {"name": " Bob "}).status_code == 302
    assert client.post("/account", {"name": "x" * 121}).status_code == 422
    assert User.objects.get(email="bob@example.com").name == "Bob"


def test_a_password_is_changed_by_who_knows_the_old_one(cast: Cast) -> None:
    here, elsewhere = cast.client("bob"), cast.client("bob")
    form = {"oldpassword": "wrong", "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}

    assert "This is not your password." in here.post("/account/password", form).content.decode()
    changed = here.post("/account/password", form | {"oldpassword": PASSWORD})

    assert (changed.status_code, changed["Location"]) == (302, "/account")
    assert User.objects.get(email="bob@example.com").check_password(NEW_PASSWORD)
    assert here.get("/account").status_code == 200
    assert elsewhere.get("/account").status_code == 302  # signed out everywhere else


def test_a_forgotten_password_is_reset_by_mail_once(cast: Cast) -> None:
    client, signed_in = Client(), cast.client("bob")

    assert client.post("/password", {"email": "Bob@example.com"})["Location"] == "/password/sent"
    (message,) = mail.outbox
    assert message.to == ["bob@example.com"]
    link = re.search(r"http://testserver(/password/\S+)", message.body)
    assert link is not None
    form = client.get(link[1], follow=True)
    assert "New password" in form.content.decode()
    saved = client.post(form.request["PATH_INFO"], {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD})

    assert saved["Location"] == "/password/changed"
    assert "Password saved" in client.get("/password/changed").content.decode()
    assert User.objects.get(email="bob@example.com").check_password(NEW_PASSWORD)
    assert signed_in.get("/account").status_code == 302
    assert "This link is used or too old" in Client().get(link[1], follow=True).content.decode()


def test_an_unknown_address_gets_the_same_answer_and_no_mail(cast: Cast) -> None:
    answer = Client().post("/password", {"email": "nobody@example.com"})

    assert (answer.status_code, answer["Location"]) == (302, "/password/sent")
    assert "If there is an account" in Client().get("/password/sent").content.decode()
    assert mail.outbox == []


def test_a_weak_password_is_refused(cast: Cast) -> None:
    form = {"oldpassword": PASSWORD, "password1": "bob@example", "password2": "bob@example"}

    assert cast.client("bob").post("/account/password", form).status_code == 200
    assert User.objects.get(email="bob@example.com").check_password(PASSWORD)


@pytest.mark.parametrize(
    ("who", "member_may", "stranger_may"), [("operator", False, False), ("invited", True, False), ("open", True, True)]
)
def test_the_setting_says_who_may_make_organizations(
    cast: Cast, settings: Any, who: str, member_may: bool, stranger_may: bool
) -> None:
    allow(settings, who)
    form = {"name": "Second", "country_code": "FR", "time_zone": "Europe/Paris"}

    assert cast.client("bob").post("/organizations/new", form).status_code == (302 if member_may else 403)
    assert Organization.objects.filter(name="Second").exists() is member_may
    Client().post("/sign-up", {"email": "stranger@example.com", "password1": PASSWORD})
    assert User.objects.filter(email="stranger@example.com").exists() is stranger_may
    assert ("Make one" in Client().get("/sign-in").content.decode()) is stranger_may


def test_the_operator_may_make_organizations_in_any_case(cast: Cast) -> None:
    user = cast["alice"].user
    user.is_staff = True
    user.save()
    client = cast.client("alice")

    assert client.post("/organizations/new", {"name": "Second", "time_zone": "UTC"}).status_code == 302
    assert "Second" in client.get("/account").content.decode()
    assert Membership.objects.get(organization__name="Second").role == "owner"


def test_a_stranger_who_signed_up_is_asked_for_an_organization(db: None, settings: Any) -> None:
    allow(settings, "open")
    client = Client()
    User.objects.create_user("first@example.com")

    assert client.post("/sign-up", {"email": "stranger@example.com", "password1": PASSWORD})["Location"] == "/"
    assert client.get("/organizations/none")["Location"] == "/organizations/new"
    client.post("/organizations/new", {"name": "Mine", "time_zone": "UTC"})

    assert "stranger@example.com" in client.get("/settings/members").content.decode()


def test_one_changes_between_one_s_own_organizations_only(
    cast: Cast, organization: Organization, other_organization: Organization
) -> None:
    Membership.objects.create(organization=organization, user=cast["charlie"].user, role="viewer")
    client = cast.client("charlie")

    assert client.post(f"/organizations/{organization.pk}/switch").status_code == 302
    assert "alice@example.com" in client.get("/settings/members").content.decode()
    assert client.post(f"/organizations/{other_organization.pk}/switch").status_code == 302
    assert "alice@example.com" not in client.get("/settings/members").content.decode()
    assert client.get(f"/organizations/{organization.pk}/switch").status_code == 405
    for missing in (other_organization.pk, 10**9):
        assert cast.client("bob").post(f"/organizations/{missing}/switch").status_code == 404


def test_without_a_choice_one_is_where_one_was_last(
    cast: Cast, organization: Organization, other_organization: Organization
) -> None:
    from datetime import UTC, datetime, timedelta

    noon = datetime(2026, 11, 23, 12, tzinfo=UTC)
    second = make_member(other_organization, "twice", Role.VIEWER)
    first = Membership.objects.create(organization=organization, user=second.user, role="viewer")

    assert membership_of(second.user) == second  # never seen anywhere: the older membership
    first.see(noon)
    assert membership_of(second.user) == first
    second.see(noon + timedelta(minutes=1))
    assert membership_of(second.user) == second
    assert membership_of(second.user, organization.pk) == first
    assert membership_of(second.user, 10**9) == second


def test_being_seen_is_written_at_most_every_five_minutes(cast: Cast, django_assert_num_queries: Any) -> None:
    from datetime import UTC, datetime, timedelta

    noon, bob = datetime(2026, 11, 23, 12, tzinfo=UTC), cast["bob"]
    bob.see(noon)

    with django_assert_num_queries(0):
        bob.see(noon + timedelta(minutes=4, seconds=59))
    with django_assert_num_queries(1):
        bob.see(noon + timedelta(minutes=5))
