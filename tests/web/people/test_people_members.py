"""The members' page: who sees it, who may change whom, and that an owner always stays."""

import threading

import pytest
from django.db import connection
from django.test import Client
from people_cast import Cast, make_member

from bulk_lookup.core.role import Role
from bulk_lookup.models import Membership, Organization
from bulk_lookup.models.membership import LastOwner, NotYours

pytestmark = pytest.mark.django_db


def role_of(cast: Cast, name: str) -> str | None:
    return Membership.objects.filter(pk=cast[name].pk).values_list("role", flat=True).first()


@pytest.mark.parametrize("name", ["alice", "dan", "erin", "bob"])
def test_every_member_sees_who_is_there(cast: Cast, name: str) -> None:
    body = cast.client(name).get("/settings/members").content.decode()

    assert all(f"{one}@example.com" in body for one in ("alice", "dan", "erin", "bob"))
    assert "charlie@example.com" not in body


def test_strangers_are_asked_to_sign_in(cast: Cast) -> None:
    answer = Client().get("/settings/members")

    assert (answer.status_code, answer["Location"]) == (302, "/sign-in?next=/settings/members")


def test_who_belongs_nowhere_is_told_so(cast: Cast) -> None:
    client = cast.client("bob")
    cast["bob"].delete()

    assert client.get("/settings/members")["Location"] == "/organizations/none"
    assert "You belong to no organization" in client.get("/organizations/none").content.decode()


# Who makes whom what, and what comes of it.
@pytest.mark.parametrize(
    ("name", "whom", "role", "status"),
    [
        ("alice", "bob", "operator", 302),
        ("alice", "bob", "owner", 302),
        ("alice", "dan", "viewer", 302),
        ("alice", "alice", "admin", 409),  # the last owner
        ("dan", "bob", "admin", 302),
        ("dan", "dan", "viewer", 302),
        ("dan", "bob", "owner", 403),
        ("dan", "alice", "viewer", 403),
        ("dan", "dan", "owner", 403),
        ("erin", "bob", "operator", 403),
        ("erin", "erin", "admin", 403),
        ("bob", "bob", "owner", 403),
        ("charlie", "bob", "viewer", 404),
        ("alice", "charlie", "viewer", 404),
        ("alice", "bob", "emperor", 422),
        ("alice", "bob", "", 422),
    ],
)
def test_who_may_give_which_role(cast: Cast, name: str, whom: str, role: str, status: int) -> None:
    before = role_of(cast, whom)

    answer = cast.client(name).post(f"/settings/members/{cast[whom].pk}/role", {"role": role})

    assert answer.status_code == status
    assert role_of(cast, whom) == (role if status == 302 else before)


@pytest.mark.parametrize(
    ("name", "whom", "status"),
    [
        ("alice", "dan", 302),
        ("alice", "alice", 409),
        ("dan", "bob", 302),
        ("dan", "alice", 403),
        ("erin", "bob", 403),
        ("erin", "erin", 302),  # everybody may leave
        ("bob", "bob", 302),
        ("bob", "alice", 403),
        ("charlie", "bob", 404),
        ("alice", "charlie", 404),
    ],
)
def test_who_may_take_out_whom(cast: Cast, name: str, whom: str, status: int) -> None:
    answer = cast.client(name).post(f"/settings/members/{cast[whom].pk}/removal")

    assert answer.status_code == status
    assert (role_of(cast, whom) is None) is (status == 302)


def test_a_role_that_was_taken_away_is_gone_at_the_next_click(cast: Cast) -> None:
    client = cast.client("dan")
    cast["dan"].change_role(Role.VIEWER, by=cast["alice"])

    assert client.post(f"/settings/members/{cast['bob'].pk}/removal").status_code == 403


def test_a_role_is_judged_as_it_is_now_and_not_as_it_was_read(cast: Cast) -> None:
    read_before = Membership.objects.get(pk=cast["dan"].pk)
    cast["dan"].change_role(Role.VIEWER, by=cast["alice"])

    with pytest.raises(NotYours):
        cast["bob"].change_role(Role.ADMIN, by=read_before)


def test_an_owner_with_another_beside_may_go(cast: Cast, organization: Organization) -> None:
    second = make_member(organization, "olga", Role.OWNER)

    cast["alice"].remove(by=cast["alice"])

    with pytest.raises(LastOwner):
        second.remove(by=second)


def test_a_role_is_changed_by_a_form_only(cast: Cast) -> None:
    assert cast.client("alice").get(f"/settings/members/{cast['bob'].pk}/role").status_code == 405
    assert role_of(cast, "bob") == "viewer"


def test_taking_somebody_out_is_asked_before_it_is_done(cast: Cast) -> None:
    asked = cast.client("alice").get(f"/settings/members/{cast['bob'].pk}/removal")

    assert "Take bob@example.com out?" in asked.content.decode()
    assert (
        "Leave Alice &amp; Co?"
        in cast.client("bob").get(f"/settings/members/{cast['bob'].pk}/removal").content.decode()
    )
    assert cast.client("erin").get(f"/settings/members/{cast['bob'].pk}/removal").status_code == 403
    assert cast.client("charlie").get(f"/settings/members/{cast['bob'].pk}/removal").status_code == 404
    assert role_of(cast, "bob") == "viewer"


def test_without_its_token_a_form_does_nothing(cast: Cast) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast["alice"].user)

    assert client.post(f"/settings/members/{cast['bob'].pk}/removal").status_code == 403
    assert role_of(cast, "bob") == "viewer"


def test_a_name_with_a_script_in_it_is_text(cast: Cast) -> None:
    user = cast["bob"].user
    user.name = "<script>alert(1)</script>"
    user.save()

    body = cast.client("alice").get("/settings/members").content.decode()

    assert "<script>alert(1)" not in body
    assert "&lt;script&gt;alert(1)" in body


@pytest.mark.django_db(transaction=True)
def test_two_owners_who_take_each_other_out_at_once_leave_one(organization: Organization) -> None:
    owners = [make_member(organization, name, Role.OWNER) for name in ("olga", "otto")]
    ready = threading.Barrier(2)
    failures: list[str] = []

    def take_out(whom: Membership, by: Membership) -> None:
        try:
            ready.wait(10)
            whom.remove(by=by)
        except (LastOwner, NotYours, Membership.DoesNotExist) as error:
            failures.append(type(error).__name__)
        finally:
            connection.close()

    pairs = [(owners[0], owners[1]), (owners[1], owners[0])]
    threads = [threading.Thread(target=take_out, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    assert len(failures) == 1
    assert Membership.objects.filter(organization=organization, role="owner").count() == 1


def test_a_page_of_members_asks_the_database_as_often_for_many_as_for_few(
    cast: Cast, organization: Organization, django_assert_max_num_queries: object
) -> None:
    for number in range(20):
        make_member(organization, f"member{number}", Role.VIEWER)
    client = cast.client("alice")

    with django_assert_max_num_queries(20):  # type: ignore[operator]
        assert client.get("/settings/members").status_code == 200
