"""The rows of a list that hold no number that could be asked: each with its place and its reason."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from bulk_lookup.models import Contact
from bulk_lookup.models.scope import organization_scope

_PAGE: Final = 5_000


def rejects(organization_id: int, contact_list_id: int) -> Iterator[tuple[int, str, str]]:
    """Yield row number, phone cell as written and reason word of each rejected row, in the list's order."""
    last = 0
    while True:
        # A page per scope: nobody knows how long the reader of a page takes.
        with organization_scope(organization_id):
            page = list(
                Contact.objects.of_list(contact_list_id)
                .invalid()
                .filter(row_number__gt=last)
                .order_by("row_number")
                .values_list("row_number", "raw_phone_number", "validation_error")[:_PAGE]
            )
        yield from page
        if len(page) < _PAGE:
            return
        last = page[-1][0]


def write_rejects(organization_id: int, contact_list_id: int, path: Path) -> int:
    """Write the rejected rows as CSV with a header; returns how many there were. Raises OSError."""
    written = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["row_number", "raw_phone_number", "reason"])
        for reject in rejects(organization_id, contact_list_id):
            writer.writerow(reject)
            written += 1
    return written
