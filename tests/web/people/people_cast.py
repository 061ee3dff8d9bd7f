"""The cast of the pages about people: alice owns, dan administers, erin operates, bob may only look; charlie is an outsider."""

from dataclasses import dataclass

from django.test import Client

from bulk_lookup.core.role import Role
from bulk_lookup.models import Membership, Organization, User

PASSWORD = "correct horse battery"
_ROLES = {"alice": Role.OWNER, "dan": Role.ADMIN, "erin": Role.OPERATOR, "bob": Role.VIEWER}


@dataclass(frozen=True, slots=True)
class Cast:
    """Everybody's membership by name; `charlie` owns the other organization."""

    members: dict[str, Membership]

    def __getitem__(self, name: str) -> Membership:
        return self.members[name]

    def client(self, name: str) -> Client:
        """A browser in which this person is signed in."""
        client = Client()
        client.force_login(self.members[name].user)
        return client


def make_cast(organization: Organization, other_organization: Organization) -> Cast:
    members = {name: make_member(organization, name, role) for name, role in _ROLES.items()}
    return Cast(members | {"charlie": make_member(other_organization, "charlie", Role.OWNER)})


def make_member(organization: Organization, name: str, role: Role) -> Membership:
    user = User.objects.create_user(f"{name}@example.com", PASSWORD)
    return Membership.objects.create(organization=organization, user=user, role=role.value)
