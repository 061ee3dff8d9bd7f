"""A membership: the role of one person in one organization. Part of the directory."""

from datetime import datetime, timedelta

from django.db import models, transaction

from bulk_lookup.core.role import Role, roles_to_give
from bulk_lookup.models.fields import one_of
from bulk_lookup.models.organization import Organization
from bulk_lookup.models.user import User

# A page a second must not be a write a second.
SEEN_EVERY = timedelta(minutes=5)


class LastOwner(Exception):
    """An organization would be left without an owner, whom nobody could make again."""


class NotYours(Exception):
    """The role that would be given or taken away is above what this member may hand out."""


class Membership(models.Model):
    """What a person may do in an organization is its role (`core/role.py`); a person may have several memberships."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.TextField(choices=[(role.value, role.name.title()) for role in Role])
    last_seen_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "membership"
        constraints = [
            one_of("membership", "role", [role.value for role in Role]),
            models.UniqueConstraint(fields=["organization", "user"], name="membership_key"),
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.organization}: {self.role}"

    def see(self, now: datetime) -> None:
        """Note that the person was here; at most one write in five minutes."""
        if self.last_seen_at is not None and now - self.last_seen_at < SEEN_EVERY:
            return
        Membership.objects.filter(pk=self.pk).update(last_seen_at=now)
        self.last_seen_at = now

    def change_role(self, role: Role, *, by: "Membership") -> None:
        """Give this member another role. Raises NotYours and LastOwner."""
        with transaction.atomic():
            self._hold()
            self._refuse_beyond(by, role)
            if role is not Role.OWNER:
                self._refuse_last_owner()
            self.role = role.value
            self.save(update_fields=["role"])

    def remove(self, *, by: "Membership") -> None:
        """End this membership; the person stays, and may leave by themselves. Raises NotYours and LastOwner."""
        with transaction.atomic():
            self._hold()
            if by.pk != self.pk:
                self._refuse_beyond(by)
            self._refuse_last_owner()
            self.delete()

    def _hold(self) -> None:
        """Changes of one organization's roles take turns: two owners who remove each other would both succeed."""
        Organization.objects.select_for_update().get(pk=self.organization_id)
        self.refresh_from_db(fields=["role"])

    def _refuse_beyond(self, by: "Membership", *roles: Role) -> None:
        """The role of `by` is read again, as it may have been taken away a moment ago."""
        current = Membership.objects.filter(pk=by.pk, organization_id=self.organization_id).values_list(
            "role", flat=True
        )
        may_give = {one for role in current for one in roles_to_give(Role(role))}
        if not {Role(self.role), *roles} <= may_give:
            raise NotYours(f"{by} cannot change {self}")

    def _refuse_last_owner(self) -> None:
        owners = Membership.objects.filter(organization_id=self.organization_id, role=Role.OWNER.value)
        if self.role == Role.OWNER and not owners.exclude(pk=self.pk).exists():
            raise LastOwner(f"{self.organization} has no other owner")
