"""Invitations: made by who may, good once and for a week, for whom they are meant."""

from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone
from people_cast import PASSWORD, Cast, make_member

from bulk_lookup.core.role import Role
from bulk_lookup.models import Invitation, Membership, Organization, User
from bulk_lookup.models.invitation import InvitationUsed

pytestmark = pytest.mark.django_db


def invite(cast: Cast, *, role: Role = Role.OPERATOR, email: str = "", by: str = "alice") -> str:
    _, token = Invitation.make(by=cast[by], role=role, email=email, now=timezone.now())
    return token


def test_somebody_new_comes_in_by_the_link(cast: Cast, organization: Organization) -> None:
    token, client = invite(cast, email="New@Example.com"), Client()

    page = client.get(f"/invitations/{token}").content.decode()
    assert "Join Alice &amp; Co" in page
    assert "new@example.com" in page
    entered = client.post(f"/invitations/{token}", {"name": "Newt", "password": PASSWORD})

    assert (entered.status_code, entered["Location"]) == (302, "/")
    member = Membership.objects.select_related("user").get(user__email="new@example.com")
    assert (member.organization_id, member.role, member.user.name) == (organization.pk, "operator", "Newt")
    assert not member.user.is_staff
    assert client.get("/account").status_code == 200


def test_whoever_has_an_open_link_names_the_address(cast: Cast) -> None:
    Client().post(f"/invitations/{invite(cast)}", {"email": "any@example.com", "password": PASSWORD})

    assert Membership.objects.get(user__email="any@example.com").role == "operator"


def test_the_address_of_an_invitation_cannot_be_changed(cast: Cast) -> None:
    Client().post(
        f"/invitations/{invite(cast, email='new@example.com')}", {"email": "mine@example.com", "password": PASSWORD}
    )

    assert User.objects.filter(email="new@example.com").exists()
    assert not User.objects.filter(email="mine@example.com").exists()


def test_a_link_works_once(cast: Cast) -> None:
    token = invite(cast)
    Client().post(f"/invitations/{token}", {"email": "one@example.com", "password": PASSWORD})

    for answer in (
        Client().get(f"/invitations/{token}"),
        Client().post(f"/invitations/{token}", {"email": "two@example.com", "password": PASSWORD}),
    ):
        assert answer.status_code == 404
    assert not User.objects.filter(email="two@example.com").exists()


def test_a_link_ends_after_a_week(cast: Cast) -> None:
    now = timezone.now()
    invitation, token = Invitation.make(by=cast["alice"], role=Role.VIEWER, now=now)

    assert Invitation.of(token, now=now + timedelta(days=7, seconds=-1)) == invitation
    assert Invitation.of(token, now=now + timedelta(days=7, seconds=1)) is None
    with pytest.raises(InvitationUsed):
        invitation.accept(cast["charlie"].user, now=now + timedelta(days=8))


@pytest.mark.parametrize("token", ["x", "%00", "A" * 300, "..%2F..%2Fetc"])
def test_an_invented_link_is_not_there(cast: Cast, token: str) -> None:
    assert Client().get(f"/invitations/{token}").status_code == 404


def test_a_person_of_another_organization_joins_as_who_they_are(cast: Cast, organization: Organization) -> None:
    client = cast.client("charlie")
    token = invite(cast, role=Role.ADMIN)

    assert "signed in as charlie@example.com" in client.get(f"/invitations/{token}").content.decode()
    client.post(f"/invitations/{token}")

    assert Membership.objects.get(user=cast["charlie"].user, organization=organization).role == "admin"
    assert Membership.objects.filter(user=cast["charlie"].user).count() == 2


def test_a_member_who_takes_an_invitation_keeps_the_role(cast: Cast) -> None:
    cast.client("alice").post(f"/invitations/{invite(cast, role=Role.VIEWER)}")

    assert Membership.objects.get(user=cast["alice"].user).role == "owner"


def test_an_invitation_for_somebody_else_lets_nobody_in(cast: Cast, organization: Organization) -> None:
    client, token = cast.client("charlie"), invite(cast, email="new@example.com")

    assert "This invitation is for new@example.com" in client.get(f"/invitations/{token}").content.decode()
    assert client.post(f"/invitations/{token}").status_code == 403
    assert not Membership.objects.filter(user=cast["charlie"].user, organization=organization).exists()


def test_who_has_an_account_is_asked_to_sign_in_and_comes_back(cast: Cast) -> None:
    token = invite(cast, email="charlie@example.com")

    page = Client().get(f"/invitations/{token}").content.decode()
    assert f"/sign-in?next=/invitations/{token}" in page
    refused = Client().post(
        f"/invitations/{invite(cast)}", {"email": "charlie@example.com", "password": "another long one"}
    )

    assert refused.status_code == 422
    assert "There is an account with this e-mail already." in refused.content.decode()
    assert User.objects.get(email="charlie@example.com").check_password(PASSWORD)


def test_a_link_is_shown_once_and_kept_as_a_hash(cast: Cast) -> None:
    client = cast.client("alice")

    made = client.post("/settings/members/invitations", {"email": "", "role": "viewer"})

    link = made.context["link"]
    token = link.rpartition("/")[2]
    assert made.status_code == 201
    assert link in made.content.decode()
    assert Client().get(f"/invitations/{token}").status_code == 200
    assert token not in repr(list(Invitation.objects.values()))
    assert token not in client.get("/settings/members").content.decode()


def test_an_invitation_with_an_address_is_mailed(cast: Cast) -> None:
    made = cast.client("dan").post("/settings/members/invitations", {"email": "new@example.com", "role": "viewer"})

    assert [message.to for message in mail.outbox] == [["new@example.com"]]
    assert made.context["link"] in mail.outbox[0].body
    assert "Alice & Co" in mail.outbox[0].subject
    assert "Mailed to new@example.com" in made.content.decode()


@pytest.mark.parametrize(
    ("name", "role", "status"),
    [
        ("alice", "owner", 201),
        ("dan", "owner", 422),  # an admin makes no owners
        ("dan", "admin", 201),
        ("alice", "emperor", 422),
        ("erin", "viewer", 403),
        ("bob", "viewer", 403),
    ],
)
def test_who_may_invite_as_what(cast: Cast, name: str, role: str, status: int) -> None:
    answer = cast.client(name).post("/settings/members/invitations", {"role": role})

    assert answer.status_code == status
    assert Invitation.objects.exists() is (status == 201)


def test_an_invitation_is_withdrawn(cast: Cast) -> None:
    token = invite(cast)
    invitation = Invitation.objects.get()

    assert cast.client("erin").post(f"/settings/members/invitations/{invitation.pk}/withdrawal").status_code == 403
    assert cast.client("charlie").post(f"/settings/members/invitations/{invitation.pk}/withdrawal").status_code == 404
    assert cast.client("dan").post(f"/settings/members/invitations/{invitation.pk}/withdrawal").status_code == 302
    assert Client().get(f"/invitations/{token}").status_code == 404


def test_what_writes_refuses_get(cast: Cast) -> None:
    client = cast.client("alice")
    invite(cast)

    assert client.get("/settings/members/invitations").status_code == 405
    assert client.get(f"/settings/members/invitations/{Invitation.objects.get().pk}/withdrawal").status_code == 405
    assert Invitation.objects.count() == 1


def test_a_new_member_works_in_the_organization_that_invited(cast: Cast, other_organization: Organization) -> None:
    client = Client()
    client.force_login(make_member(other_organization, "eve", Role.OWNER).user)

    client.post(f"/invitations/{invite(cast, role=Role.VIEWER)}")

    assert "alice@example.com" in client.get("/settings/members").content.decode()
