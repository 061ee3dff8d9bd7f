"""Signed-in people: `client_of(role)` is a test client of somebody with that role in Alice's organization."""

from itertools import count
from typing import TYPE_CHECKING

import pytest
from django.test import Client
from web_types import ClientOf

if TYPE_CHECKING:  # this file is read before Django is set up
    from bulk_lookup.models import Organization

_NUMBERS = count(1)


@pytest.fixture
def client_of(organization: "Organization") -> ClientOf:
    """client_of(role, at=Alice's organization, staff=False): a client with a session; each call is another person."""
    from bulk_lookup.models import User
    from bulk_lookup.models.membership import Membership

    def make(role: str, *, at: "Organization" = organization, staff: bool = False) -> Client:
        user = User.objects.create_user(f"{role}-{next(_NUMBERS)}@example.com", "a long password", is_staff=staff)
        Membership.objects.create(organization=at, user=user, role=str(role))
        client = Client()
        client.force_login(user)
        return client

    return make
