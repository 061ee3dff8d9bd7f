"""An invitation: a link that makes somebody a member of an organization. Part of the directory."""

import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from django.db import models, transaction

from bulk_lookup.core.role import Role, roles_to_give
from bulk_lookup.models.fields import one_of
from bulk_lookup.models.membership import Membership, NotYours
from bulk_lookup.models.organization import Organization
from bulk_lookup.models.user import User

VALID_FOR = timedelta(days=7)
_TOKEN_BYTES = 24


class InvitationUsed(Exception):
    """The link has been used, has expired, or was withdrawn."""


class Invitation(models.Model):
    """Good for one person and one week. The token is in the link alone; what is kept is its hash."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField(default="", blank=True)  # "": whoever has the link
    role = models.TextField(choices=[(role.value, role.name.title()) for role in Role])
    token_hash = models.TextField(unique=True)
    invited_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "invitation"
        constraints = [one_of("invitation", "role", [role.value for role in Role])]

    def __str__(self) -> str:
        return f"{self.email or 'anybody'} to {self.organization} as {self.role}"

    @classmethod
    def make(cls, *, by: Membership, role: Role, now: datetime, email: str = "") -> tuple["Invitation", str]:
        """A new invitation and the token of its link, which is shown once. Raises NotYours."""
        if role not in roles_to_give(Role(by.role)):
            raise NotYours(f"{by} cannot invite as {role}")
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        invitation = cls.objects.create(
            organization_id=by.organization_id,
            email=email.strip().lower(),
            role=role.value,
            token_hash=_hash(token),
            invited_by_id=by.user_id,
            expires_at=now + VALID_FOR,
        )
        return invitation, token

    @classmethod
    def of(cls, token: str, *, now: datetime) -> "Invitation | None":
        """The invitation of a link that is still good."""
        return (
            cls.objects.select_related("organization", "invited_by")
            .filter(token_hash=_hash(token), accepted_at=None, expires_at__gt=now)
            .first()
        )

    def accept(self, user: User, *, now: datetime) -> Membership:
        """Make `user` a member; who is one already keeps the role. Raises InvitationUsed."""
        with transaction.atomic():
            # Two who open one link at once: the second one's update finds nothing.
            taken = Invitation.objects.filter(pk=self.pk, accepted_at=None, expires_at__gt=now).update(accepted_at=now)
            if not taken:
                raise InvitationUsed(str(self))
            membership, _ = Membership.objects.get_or_create(
                organization_id=self.organization_id, user=user, defaults={"role": self.role, "last_seen_at": now}
            )
        return membership

    def suits(self, email: str) -> bool:
        """Whether somebody with this address may use the link."""
        return self.email in ("", email.strip().lower())


def _hash(token: str) -> str:
    # The token is long and random, so a plain hash cannot be guessed back.
    return sha256(token.encode()).hexdigest()
