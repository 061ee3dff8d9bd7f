"""Change many contacts, a batch a transaction: mark them as pending, or delete them."""

from collections.abc import Iterator, Sequence
from enum import StrEnum

from django.db import connection
from django.utils import timezone

from bulk_lookup.core.contact_filter import read_filter
from bulk_lookup.models import Organization
from bulk_lookup.models.contact_filtering import matching
from bulk_lookup.models.queries import query
from bulk_lookup.models.scope import organization_scope

BATCH = 5_000

# Nothing is known of how many rows a CTE has: rather thousands of probes of an index than one reading of all receipts.
_BY_KEY = "".join(f"set local enable_{way} = off;" for way in ("seqscan", "hashjoin", "mergejoin"))


class Change(StrEnum):
    """What may be done to many contacts at once; each is a named query."""

    MARK_PENDING = "mark_pending"
    DELETE = "delete_contacts"


def change_contacts(
    organization_id: int,
    change: str,
    *,
    ids: Sequence[int] = (),
    parameters: dict[str, list[str]] | None = None,
    region: str = "",
) -> int:
    """Change those with these ids, or all that a filter's parameters find; returns how many were changed.

    A batch that was done is not done again when the job is: what is deleted is gone, what is pending stays so.
    """
    verb = Change(change)
    batches = _found(organization_id, parameters, region) if parameters is not None else _parts(ids)
    with timezone.override(Organization.objects.get(pk=organization_id).time_zone):  # a filter's days are its days
        return sum(_change(organization_id, verb, batch) for batch in batches)


def _change(organization_id: int, verb: Change, ids: Sequence[int]) -> int:
    with organization_scope(organization_id), connection.cursor() as cursor:
        cursor.execute(_BY_KEY)
        cursor.execute(query(verb.value), {"organization_id": organization_id, "ids": list(ids)})
        return int(cursor.fetchone()[0])


def _parts(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), BATCH):
        yield ids[start : start + BATCH]


def _found(organization_id: int, parameters: dict[str, list[str]], region: str) -> Iterator[Sequence[int]]:
    """By rising id, so that a change that takes a contact out of the filter skips none."""
    wanted, _ = read_filter(parameters)
    last = 0
    while True:
        with organization_scope(organization_id):
            found = matching(wanted, region=region).filter(pk__gt=last).order_by("pk")
            ids = list(found.values_list("pk", flat=True)[:BATCH])
        if not ids:
            return
        yield ids
        last = ids[-1]
