"""One number as a list of its own, and what is known of it afterwards: a single lookup leaves the same receipts as a list."""

import csv
import os
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

from django.db import connection

from bulk_lookup.engine.export_columns import export_columns
from bulk_lookup.engine.import_file import import_file, start_import
from bulk_lookup.engine.import_mapping import ColumnMapping
from bulk_lookup.models import Import, Run
from bulk_lookup.models.scope import organization_scope


def list_of_one(
    organization_id: int, number: str, *, region: str | None, last_verified: date | None, folder: Path
) -> Import:
    """Make a list with this one row, through a file in `folder` as every list, and return its finished import."""
    descriptor, name = tempfile.mkstemp(prefix="number-", suffix=".csv", dir=folder)
    path = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(["phone", "last_verified"])
            rows.writerow([number, last_verified.isoformat() if last_verified else ""])
        mapping = ColumnMapping(phone_column=0, region=region, last_verified_column=1)
        one = start_import(organization_id, list_name=number, file_name="number", path=path, mapping=mapping)
        import_file(organization_id, one.pk)  # its job, when a worker finds it, has nothing left to do
    finally:
        path.unlink(missing_ok=True)
    with organization_scope(organization_id):
        return Import.objects.get(id=one.pk)


def answer_of(run: Run) -> dict[str, Any]:
    """What an export would append to the row of a list of one, by column; call it inside the scope."""
    columns = export_columns(run.packages)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            select {", ".join(column.sql for column in columns)} from contact
            where organization_id = %(organization_id)s and contact_list_id = %(contact_list_id)s
            order by row_number limit 1
            """,  # noqa: S608 (the columns are ours)
            {
                "organization_id": run.organization_id,
                "contact_list_id": run.contact_list_id,
                "run_id": run.pk,
            },
        )
        row = cursor.fetchone()
    assert row is not None
    return dict(zip((column.name for column in columns), row, strict=True))
