"""A person to try the product with."""

import secrets

from django.utils import timezone

from bulk_lookup.core.role import Role
from bulk_lookup.models import Membership, Organization, User

EMAIL = "demo@example.com"
_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"  # without those that look alike


def make_demo_person(organization: Organization) -> tuple[str, str]:
    """The owner of a demonstration, with a new password each time: e-mail and password."""
    password = "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4))
    user = User.objects.filter(email=EMAIL).first() or User.objects.create_user(EMAIL, name="Demo", is_staff=True)
    user.set_password(password)
    user.save(update_fields=["password"])
    Membership.objects.update_or_create(
        organization=organization, user=user, defaults={"role": Role.OWNER.value, "last_seen_at": timezone.now()}
    )
    return EMAIL, password
