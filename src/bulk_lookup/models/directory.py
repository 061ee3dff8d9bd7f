"""The door to the directory: the tables without row-level security, which say who there is and not what they have."""

from collections.abc import Callable

from django.db import connection, transaction

from bulk_lookup.core.role import Role
from bulk_lookup.models.membership import Membership
from bulk_lookup.models.organization import Organization
from bulk_lookup.models.user import User

# Tables that no policy protects, by intent: they hold no organization's lists, numbers or money.
DIRECTORY_TABLES = (
    "organization",
    "person",
    "membership",
    "invitation",
    "request_tally",
    "worker",
    "account_allowance",
    "allowance_share",
    "job_failure",
)

_FIRST_ORGANIZATION_LOCK = 7_315_003
_FIRST_PERSON_LOCK = 7_315_004


class AlreadySettled(Exception):
    """Somebody is here already; whoever comes now needs an invitation."""


def the_organization() -> Organization:
    """The installation's first organization, made by itself where there is none."""
    found = Organization.objects.order_by("id").first()
    if found is not None:
        return found
    with transaction.atomic():
        _take_turns(_FIRST_ORGANIZATION_LOCK)  # two commands that start at once make one
        return Organization.objects.order_by("id").first() or Organization.objects.create(name="My organization")


def somebody_is_here() -> bool:
    """Whether the installation has its first person."""
    return User.objects.exists()


def settle(make_person: Callable[[], User], *, name: str, country_code: str, time_zone: str) -> Membership:
    """Make the first person the owner of an organization; raises AlreadySettled where there is somebody.

    An organization that a command made, and that has no member, is adopted with all that it holds.
    """
    with transaction.atomic():
        _take_turns(_FIRST_PERSON_LOCK)
        if somebody_is_here():
            raise AlreadySettled
        values = {"name": name, "country_code": country_code, "time_zone": time_zone}
        found = Organization.objects.filter(memberships=None).order_by("id").first()
        if found is None:
            found = Organization.objects.create(**values)
        else:
            Organization.objects.filter(pk=found.pk).update(**values)
            found.refresh_from_db()
        return Membership.objects.create(organization=found, user=make_person(), role=Role.OWNER.value)


def found_organization(user: User, *, name: str, country_code: str, time_zone: str) -> Membership:
    """One more organization, with `user` as its owner."""
    with transaction.atomic():
        made = Organization.objects.create(name=name, country_code=country_code, time_zone=time_zone)
        return Membership.objects.create(organization=made, user=user, role=Role.OWNER.value)


def membership_of(user: User, organization_id: int | None = None) -> Membership | None:
    """The person's membership in this organization, else in the one where they were last; None without any."""
    memberships = memberships_of(user)
    chosen = [membership for membership in memberships if membership.organization_id == organization_id]
    return next(iter(chosen or memberships), None)


def memberships_of(user: User) -> list[Membership]:
    """All memberships of a person, the one used last first, with their organizations."""
    found = Membership.objects.filter(user=user).select_related("organization", "user")
    return sorted(found, key=lambda one: (one.last_seen_at is None, -_seconds(one), one.pk))


def members_of(organization: Organization) -> list[Membership]:
    """Everybody in an organization, with their persons: owners first, then by address."""
    found = Membership.objects.filter(organization=organization).select_related("user", "organization")
    order = list(Role)
    return sorted(found, key=lambda one: (order.index(Role(one.role)), one.user.email))


def _seconds(membership: Membership) -> float:
    return membership.last_seen_at.timestamp() if membership.last_seen_at is not None else 0.0


def _take_turns(lock: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [lock])
