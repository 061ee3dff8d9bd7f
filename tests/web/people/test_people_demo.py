"""The demonstration's person."""

import pytest
from django.test import Client

from bulk_lookup.models import Membership, Organization, User
from bulk_lookup.web.people.demo import make_demo_person

pytestmark = pytest.mark.django_db


def test_the_demo_s_person_can_sign_in_and_owns_the_organization(organization: Organization) -> None:
    email, password = make_demo_person(organization)
    client = Client()

    assert client.post("/sign-in", {"login": email, "password": password}).status_code == 302
    assert "Alice &amp; Co" in client.get("/account").content.decode()
    assert Membership.objects.get().role == "owner"


def test_a_second_demo_gives_the_same_person_another_password(organization: Organization) -> None:
    email, first = make_demo_person(organization)
    again, second = make_demo_person(organization)

    assert (email, User.objects.count(), Membership.objects.count()) == (again, 1, 1)
    assert first != second
    assert User.objects.get().check_password(second)
