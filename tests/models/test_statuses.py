"""Statuses and scopes of contacts, imports and runs: which words there are, and which rows each scope shows."""

from collections.abc import Callable

import cast
import pytest
import storing
from django.db import IntegrityError, connection, models, transaction

from bulk_lookup.models import Contact, Export, Import, Lookup, Organization, ProviderAccount, Run
from bulk_lookup.models.scope import organization_scope

pytestmark = pytest.mark.django_db

Made = tuple[Import, Run]


@pytest.fixture(autouse=True)
def _scope(organization: Organization) -> object:
    with organization_scope(organization.pk):
        yield


@pytest.fixture
def make(organization: Organization) -> Callable[..., Made]:
    """A list of so many contacts, and a running run over it with a lookup for each."""

    def make(rows: int, *, name: str = "list") -> Made:
        contact_list = cast.make_list(organization, name)
        account = ProviderAccount.objects.first() or cast.make_account(organization)
        imported = cast.make_import(contact_list)
        run = cast.make_run(contact_list, account, state="running", numbers=rows)
        for position in range(1, rows + 1):
            cast.make_contact(imported, position)
            cast.make_lookup(run, position)
        return imported, run

    return make


@pytest.mark.parametrize("status", Contact.Status.values)
def test_each_status_has_a_scope_of_its_name_that_shows_it_and_no_other(
    organization: Organization, status: str
) -> None:
    imported = cast.make_import(cast.make_list(organization))
    for row, one in enumerate(Contact.Status.values, 2):
        cast.make_contact(imported, row, status=one, lookup_performed_at=cast.NOON if one == "completed" else None)

    assert [contact.status for contact in getattr(Contact.objects.all(), status)()] == [status]


def test_the_scopes_of_a_list_show_its_contacts_only(organization: Organization) -> None:
    first, second = (cast.make_import(cast.make_list(organization, name)) for name in ("first", "second"))
    mine = cast.make_contact(first, 2)
    cast.make_contact(second, 2)

    assert list(Contact.objects.of_list(first.contact_list_id).pending()) == [mine]


MISSPELT = [
    (Contact, "status", "complete"),
    (Contact, "status", "processing"),  # derived, never stored
    (Contact, "status", ""),
    (Import, "state", "done"),
    (Run, "state", "started"),
    (Lookup, "state", "answered"),
    (Export, "state", "finished"),
    (ProviderAccount, "state", "OK"),
]


@pytest.mark.parametrize(("model", "column", "word"), MISSPELT)
def test_the_database_refuses_a_misspelt_status(
    organization: Organization, model: type[models.Model], column: str, word: str
) -> None:
    row = next(one for one in cast.fill(organization) if isinstance(one, model))

    with pytest.raises(IntegrityError, match=f"{model._meta.db_table}_{column}_word"), transaction.atomic():
        model._default_manager.filter(pk=row.pk).update(**{column: word})


def test_each_choice_of_a_status_is_one_that_the_database_takes(organization: Organization) -> None:
    """The choices of the model and the words of the check are written in two places."""
    for row in cast.fill(organization):
        for field in row._meta.concrete_fields:
            for word, _ in field.flatchoices:
                changes = {field.name: word}
                if word == "completed":
                    changes["lookup_performed_at"] = cast.NOON
                if word == "paused":
                    changes["reason"] = "user"
                type(row)._default_manager.filter(pk=row.pk).update(**changes)


def test_no_contact_is_completed_without_its_time(organization: Organization) -> None:
    contact = cast.make_contact(cast.make_import(cast.make_list(organization)), 2)

    with pytest.raises(IntegrityError, match="contact_completed_at"), transaction.atomic():
        Contact.objects.filter(pk=contact.pk).update(status="completed")


def test_marking_completed_sets_the_time(make: Callable[..., Made]) -> None:
    _, run = make(3)
    storing.claim(run, 7)

    storing.store(run, storing.answer(1, 7), storing.failure(2, 7), storing.answer(3, 7, answered_at=None))

    completed, failed, without_answer = Contact.objects.order_by("row_number")
    assert (completed.status, completed.lookup_performed_at) == ("completed", cast.NOON)
    assert failed.status == "failed"
    assert failed.lookup_performed_at is not None
    assert without_answer.status == "completed"
    assert without_answer.lookup_performed_at is not None


def test_what_waits_or_is_skipped_gets_no_time(make: Callable[..., Made]) -> None:
    _, run = make(2)
    storing.claim(run, 7)
    unknown = {"state": "pending", "due": ["line_type_intelligence"], "reason": "time_out", "unknown_micros": 8_000}

    storing.store(run, storing.failure(1, 7, **unknown), storing.failure(2, 7, state="skipped", reason="not_covered"))

    waiting, skipped = Contact.objects.order_by("row_number")
    assert (waiting.status, waiting.reason, waiting.lookup_performed_at) == ("pending", "time_out", None)
    assert (skipped.status, skipped.reason, skipped.lookup_performed_at) == ("pending", "not_covered", None)


def test_processing_is_what_a_living_claim_is_asking_for(make: Callable[..., Made]) -> None:
    imported, run = make(4)
    claim = cast.make_claim(run, 1, 2)
    storing.claim(run, claim.pk, want=3)  # the third is asked for outside any claim's range: nobody is asking it

    assert [one.position for one in Lookup.objects.being_asked().order_by("position")] == [1, 2]
    processing = Contact.objects.of_list(imported.contact_list_id).processing().order_by("row_number")
    assert [contact.row_number for contact in processing] == [1, 2]
    assert {contact.status for contact in processing} == {"pending"}


def test_nothing_is_processing_once_it_is_answered_or_its_claim_is_gone(make: Callable[..., Made]) -> None:
    _, run = make(3)
    claim = cast.make_claim(run, 1, 3)
    storing.claim(run, claim.pk)
    storing.store(run, storing.answer(1, claim.pk))
    assert [contact.row_number for contact in Contact.objects.processing().order_by("row_number")] == [2, 3]

    claim.delete()

    assert not Contact.objects.processing().exists()
    assert not Lookup.objects.being_asked().exists()


def test_the_same_number_in_another_list_is_not_processing(make: Callable[..., Made]) -> None:
    """An answer goes to the contacts of the run's own list."""
    _, run = make(1, name="asked")
    other, _ = make(1, name="not asked")
    storing.claim(run, cast.make_claim(run, 1, 1).pk)

    assert [contact.contact_list_id for contact in Contact.objects.processing()] == [run.contact_list_id]
    assert not Contact.objects.of_list(other.contact_list_id).processing().exists()


def test_only_the_claim_that_holds_a_lookup_writes_its_receipt(make: Callable[..., Made]) -> None:
    _, run = make(2)
    storing.claim(run, 7)

    assert storing.store(run, storing.answer(1, 6), storing.answer(2, 7)) == ("running", 1, 1)

    assert [contact.status for contact in Contact.objects.order_by("row_number")] == ["pending", "completed"]
    run.refresh_from_db()
    assert (run.done, run.spent_micros, run.reserved_micros) == (1, 8_000, 8_000)


def test_no_index_names_the_state_of_a_lookup() -> None:
    """Every update of a receipt can stay in its page: none of its columns that an answer changes is indexed."""
    with connection.cursor() as cursor:
        cursor.execute("select indexdef from pg_indexes where tablename = 'lookup'")
        definitions = [definition for (definition,) in cursor.fetchall()]

    for word in ("state", "claim_id", "answered_at", "ask_at", "attempts", "packages", "micros"):
        assert not any(word in definition for definition in definitions), word
