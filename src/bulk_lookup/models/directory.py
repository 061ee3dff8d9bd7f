"""The door to the directory: the tables without row-level security, which say who there is and not what they have."""

from django.db import connection, transaction

from bulk_lookup.models.organization import Organization

# Tables that no policy protects, by intent: they hold no organization's lists, numbers or money.
DIRECTORY_TABLES = ("organization", "person", "worker", "account_allowance", "allowance_share")

_FIRST_ORGANIZATION_LOCK = 7_315_003


def the_organization() -> Organization:
    """The installation's first organization, made by itself where there is none."""
    found = Organization.objects.order_by("id").first()
    if found is not None:
        return found
    with transaction.atomic():
        with connection.cursor() as cursor:  # two commands that start at once make one
            cursor.execute("select pg_advisory_xact_lock(%s)", [_FIRST_ORGANIZATION_LOCK])
        return Organization.objects.order_by("id").first() or Organization.objects.create(name="My organization")
