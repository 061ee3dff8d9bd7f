"""Signed-in people: `client_of(role)` is a test client of somebody with that role in Alice's organization."""

from collections.abc import Callable
from itertools import count

import pytest
from django.test import Client

from bulk_lookup.core.role import Role
from bulk_lookup.models import Organization, User
from bulk_lookup.models.membership import Membership

_NUMBERS = count(1)

ClientOf = Callable[..., Client]


@pytest.fixture
def client_of(organization: Organization) -> ClientOf:
    """client_of(role, organization=Alice's, staff=False): a client with a session; each call is another person."""

    def make(role: Role | str, *, at: Organization = organization, staff: bool = False) -> Client:
        user = User.objects.create_user(f"{role}-{next(_NUMBERS)}@example.com", "a long password", is_staff=staff)
        Membership.objects.create(organization=at, user=user, role=str(role))
        client = Client()
        client.force_login(user)
        return client

    return make
