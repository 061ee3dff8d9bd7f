"""Order an export of contacts: one for each form, made by a job."""

from collections.abc import Sequence

from bulk_lookup.core.contact_filter import ContactFilter
from bulk_lookup.engine.export_choice import ExportChoice
from bulk_lookup.models import Export
from bulk_lookup.queue import Job, defer

AT_ONCE = 20
"""Exports of an organization that may be on their way."""

FORMATS = ("csv", "tsv", "xlsx", "jsonl", "parquet")


class TooManyExports(Exception):
    """So many are on their way already; the message is a sentence for the person."""


def order_export(
    organization_id: int,
    *,
    form_key: str,
    made_by: str,
    name: str,
    format: str,
    wanted: ContactFilter,
    choice: ExportChoice,
    contact_ids: Sequence[int] = (),
) -> Export:
    """The export of this form, ordered now or before; call it inside a scope. Raises TooManyExports."""
    existing = Export.objects.filter(form_key=form_key).first()
    if existing is not None:
        return existing
    if Export.objects.active().count() >= AT_ONCE:
        raise TooManyExports(f"{AT_ONCE} exports are being made. Wait until one is ready, or cancel one.")
    # Two posts of one form at the same moment: the second one waits for the first and finds its row.
    export, made = Export.objects.get_or_create(
        organization_id=organization_id,
        form_key=form_key,
        defaults={
            "name": name,
            "format": format,
            "filter": "" if contact_ids else wanted.as_query(),
            "contact_ids": list(contact_ids),
            "columns": choice.as_json(),
            "made_by": made_by,
        },
    )
    if made:
        defer(Job.EXPORT_CONTACTS, organization_id, export_id=export.pk)
    return export
