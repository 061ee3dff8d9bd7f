"""Every row of a file becomes a contact, with its verdict; the counters and the rollup add up."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bulk_lookup.engine.import_file import import_file, start_import
from bulk_lookup.engine.import_reading import inspect_file
from bulk_lookup.models import Contact, FacetCount, Import, Organization
from bulk_lookup.models.scope import organization_scope

pytestmark = pytest.mark.django_db


@pytest.fixture
def import_text(organization: Organization, tmp_path: Path) -> Callable[..., Import]:
    def run(text: str, *, contact_list_id: int | None = None, **asked: Any) -> Import:
        path = tmp_path / "list.csv"
        path.write_text(text, encoding="utf-8")
        inspection = inspect_file(path, **{"organization_country": "US"} | asked)
        one = start_import(
            organization.id,
            list_name="list",
            file_name="list.csv",
            path=path,
            mapping=inspection.mapping,
            contact_list_id=contact_list_id,
        )
        import_file(organization.id, one.id)
        with organization_scope(organization.id):
            one.refresh_from_db()
        return one

    return run


def test_every_row_becomes_a_contact_with_its_cells(
    organization: Organization, import_text: Callable[..., Import]
) -> None:
    one = import_text('name,phone,note\nAnn,(415) 555-2671,"a ""b""\\\n\tc"\nBob,n/a,\nCid,+1 415-555-2671,x\n')

    assert (one.state, one.rows, one.valid, one.invalid, one.duplicates) == ("finished", 3, 1, 1, 1)
    assert one.header == ["name", "phone", "note"]
    with organization_scope(organization.id):
        first, second, third = Contact.objects.order_by("row_number")
        assert first.cells == ["Ann", "(415) 555-2671", 'a "b"\\\n\tc']
        assert (first.row_number, first.raw_phone_number, first.formatted_phone_number) == (
            2,
            "(415) 555-2671",
            "+14155552671",
        )
        assert (first.status, first.country_code, first.kind) == ("pending", "US", "fixed_line_or_mobile")
        assert (second.row_number, second.status, second.validation_error) == (3, "invalid", "empty")
        assert (third.status, third.duplicate_of) == ("duplicate", 2)
        facets = FacetCount.objects.values_list("status", "country_code", "reason", "contacts").order_by("status")
        assert list(facets) == [("duplicate", "US", "", 1), ("invalid", "", "empty", 1), ("pending", "US", "", 1)]
