"""What an import does when told, and that imports of one list take turns."""

from collections.abc import Callable, Iterator

import cast
import pytest
from django.db import IntegrityError, transaction

from bulk_lookup.models import ContactList, Import, Organization
from bulk_lookup.models.imports import ImportMoved
from bulk_lookup.models.scope import organization_scope

pytestmark = pytest.mark.django_db


@pytest.fixture
def contact_list(organization: Organization) -> Iterator[ContactList]:
    with organization_scope(organization.pk):
        yield cast.make_list(organization)


def test_an_import_begins_behind_the_rows_that_the_list_has(contact_list: ContactList) -> None:
    first = cast.make_import(contact_list)
    assert first.begin() is None
    assert (first.state, first.row_offset) == ("running", 0)
    Import.objects.filter(pk=first.pk).update(last_row=101, rows=100, valid=100)
    first.refresh_from_db()
    first.finish()
    second = cast.make_import(contact_list)

    assert second.begin() is None

    assert (second.state, second.row_offset) == ("running", 101)
    assert second.started_at is not None


def test_a_second_import_of_a_list_waits_for_the_first(contact_list: ContactList) -> None:
    first, second = cast.make_import(contact_list), cast.make_import(contact_list)
    first.begin()

    assert second.begin() == first

    assert (second.state, second.started_at) == ("waiting", None)
    first.cancel()
    assert second.begin() is None


def test_an_import_of_another_list_does_not_wait(contact_list: ContactList, organization: Organization) -> None:
    cast.make_import(contact_list).begin()

    assert cast.make_import(cast.make_list(organization, "other")).begin() is None


def test_an_import_that_runs_already_goes_on_where_it_was(contact_list: ContactList) -> None:
    one = cast.make_import(contact_list, row_offset=7)
    one.begin()
    Import.objects.filter(pk=one.pk).update(last_row=50, row_offset=7)

    assert one.begin() is None

    assert (one.state, one.row_offset, one.last_row) == ("running", 7, 50)


def test_the_end_of_an_import_says_when_and_why(contact_list: ContactList) -> None:
    finished, cancelled, failed = (cast.make_import(contact_list, bytes_total=10) for _ in range(3))
    finished.begin()
    finished.finish(other_region="GB", other_region_share=0.9)
    cancelled.cancel()
    failed.begin()
    failed.fail("The file is empty.")

    assert (finished.state, finished.bytes_read, finished.other_region) == ("finished", 10, "GB")
    assert cancelled.state == "cancelled"
    assert (failed.state, failed.problem) == ("failed", "The file is empty.")
    for one in (finished, cancelled, failed):
        one.refresh_from_db()
        assert one.finished_at is not None


VERBS: dict[str, tuple[Callable[[Import], object], set[str]]] = {
    "begin": (Import.begin, {"waiting", "running"}),
    "finish": (Import.finish, {"running"}),
    "cancel": (Import.cancel, {"waiting", "running"}),
    "fail": (lambda one: one.fail("no"), {"waiting", "running"}),
}
WRONG = [(verb, state) for verb, (_, states) in VERBS.items() for state in Import.State.values if state not in states]


@pytest.mark.parametrize(("verb", "state"), WRONG)
def test_a_verb_in_the_wrong_state_raises_and_changes_nothing(contact_list: ContactList, verb: str, state: str) -> None:
    one = cast.make_import(contact_list, state=state)

    with pytest.raises(ImportMoved, match=str(one.pk)):
        VERBS[verb][0](one)

    one.refresh_from_db()
    assert (one.state, one.finished_at, one.problem) == (state, None, "")


@pytest.mark.parametrize("counts", [{"rows": 1}, {"valid": 1}, {"rows": 3, "valid": 1, "invalid": 1, "duplicates": 2}])
def test_the_database_refuses_counters_that_do_not_add_up(contact_list: ContactList, counts: dict[str, int]) -> None:
    one = cast.make_import(contact_list)

    with pytest.raises(IntegrityError, match="import_adds_up"), transaction.atomic():
        Import.objects.filter(pk=one.pk).update(**counts)
