"""The lists and one list: what is in them, their names, their deletion."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import import_stage
import pytest
from django.db import connection
from django.test import Client
from import_stage import bring
from web_types import ClientOf

from bulk_lookup.engine.change_contacts import change_contacts
from bulk_lookup.engine.remove_uploads import remove_uploads
from bulk_lookup.models import Contact, ContactList, FacetCount, Import, Organization, ProviderAccount, Run
from bulk_lookup.models.list_summary import summaries
from bulk_lookup.models.scope import organization_scope
from bulk_lookup.web.pages.lists import LISTS_AT_ONCE

pytestmark = pytest.mark.django_db

SCRIPT = "<script>alert(1)</script>"


@pytest.fixture
def client(client_of: ClientOf) -> Client:
    return client_of("admin")


@pytest.fixture
def imported(client: Client, organization: Organization, tmp_path: Path, settings: Any) -> Import:
    """A list of five rows, one of them invalid and one a duplicate."""
    import_stage.keep_files_in(tmp_path / "files", settings)
    return bring(client, organization, phone="1", country="2", name="Spring")


def make_run(organization: Organization, contact_list_id: int, **fields: Any) -> Run:
    with organization_scope(organization.pk):
        account, _ = ProviderAccount.objects.get_or_create(
            organization=organization, account_sid="AC1", defaults={"name": "A", "secret": b"x", "account_key": "k"}
        )
        values = {"packages": ["basic"], "simulated": False, "state": "finished"} | fields
        return Run.objects.create(
            organization=organization, contact_list_id=contact_list_id, provider_account_id=account.pk, **values
        )


def address_of(one: Import, more: str = "") -> str:
    return f"/lists/{one.contact_list_id}{more}"


def jobs() -> list[tuple[str, dict[str, Any]]]:
    with connection.cursor() as cursor:
        cursor.execute("select task_name, args::text::json from procrastinate_jobs where task_name = 'change_contacts'")
        return list(cursor.fetchall())


class TestLists:
    def test_an_organization_without_lists_is_told_how_to_begin(self, client: Client) -> None:
        page = client.get("/lists").content.decode()

        assert "No list yet" in page
        assert 'href="/imports/new"' in page

    def test_each_list_says_what_is_in_it_and_what_it_has_cost(
        self, client: Client, imported: Import, organization: Organization
    ) -> None:
        make_run(organization, imported.contact_list_id, spent_micros=1_230_000)
        make_run(organization, imported.contact_list_id, spent_micros=2_000_000, state="running")
        make_run(
            organization,
            imported.contact_list_id,
            spent_micros=9_000_000,
            simulated=True,
            state="paused",
            reason="user",
        )
        page = client.get("/lists").content.decode()

        assert f'href="{address_of(imported)}"' in page
        assert "3.23" in page
        assert "9.00" in page
        assert "Simulated" in page
        assert "Paused" in page

    def test_money_is_not_for_viewers(self, client_of: ClientOf, imported: Import, organization: Organization) -> None:
        make_run(organization, imported.contact_list_id, spent_micros=1_230_000)
        viewer = client_of("viewer")

        for address in ("/lists", address_of(imported)):
            page = viewer.get(address).content.decode()
            assert "Spring" in page
            assert "1.23" not in page

    def test_more_lists_than_a_page_holds_are_on_the_next(self, client: Client, organization: Organization) -> None:
        with organization_scope(organization.pk):
            for number in range(LISTS_AT_ONCE + 3):
                ContactList.objects.create(organization=organization, name=f"List {number:03d}")
            oldest_shown = ContactList.objects.get(name="List 003").pk
        first = client.get("/lists").content.decode()
        second = client.get(f"/lists?before={oldest_shown}").content.decode()

        assert f'href="?before={oldest_shown}"' in first
        assert ("List 052" in first, "List 003" in first, "List 002" in first) == (True, True, False)
        assert ("List 003" in second, "List 002" in second, "List 000" in second) == (False, True, True)

    @pytest.mark.parametrize("before", ["x", "-1", "9" * 30, "%00"])
    def test_nonsense_in_the_address_is_the_first_page(
        self, client: Client, organization: Organization, before: str
    ) -> None:
        with organization_scope(organization.pk):
            ContactList.objects.create(organization=organization, name="Spring")

        assert "Spring" in client.get(f"/lists?before={before}").content.decode()

    def test_the_pages_ask_the_database_little_however_many_lists(
        self, client: Client, organization: Organization, django_assert_max_num_queries: Any
    ) -> None:
        with organization_scope(organization.pk):
            made = [ContactList.objects.create(organization=organization, name=f"List {n}") for n in range(30)]
        for one in made:
            make_run(organization, one.pk, spent_micros=1)

        with django_assert_max_num_queries(18):
            client.get("/lists")
        with django_assert_max_num_queries(20):
            client.get(f"/lists/{made[0].pk}")


class TestList:
    def test_its_rows_imports_and_runs_are_shown(
        self, client: Client, imported: Import, organization: Organization
    ) -> None:
        run = make_run(organization, imported.contact_list_id, numbers=3, spent_micros=24_000)
        page = client.get(address_of(imported)).content.decode()

        assert f'href="/imports/{imported.pk}"' in page
        assert f"Run {run.pk}" in page
        assert "0.02" in page
        assert f"/contacts?list={imported.contact_list_id}" in page
        assert f"/contacts?scope=invalid&amp;list={imported.contact_list_id}" in page

    def test_a_summary_counts_the_contacts_that_are_there(self, imported: Import, organization: Organization) -> None:
        with organization_scope(organization.pk):
            contact = Contact.objects.filter(status="pending").order_by("id").first()
            assert contact is not None
            facet = FacetCount.objects.get(status="pending", country_code="US")
            FacetCount.objects.create(
                organization=organization,
                contact_list_id=imported.contact_list_id,
                simulated=False,
                status="completed",
                country_code="US",
                contacts=facet.contacts,
            )
            facet.delete()
            (found,) = summaries(list(ContactList.objects.all()))

        assert (found.rows, found.valid, found.invalid, found.duplicates, found.completed) == (5, 3, 1, 1, 1)
        assert (found.last_run, found.importing, found.spends) == (None, None, [])

    def test_it_gets_another_name(self, client: Client, imported: Import, organization: Organization) -> None:
        answer = client.post(address_of(imported, "/name"), {"name": f" {SCRIPT} \n sale "})
        page = client.get(address_of(imported)).content.decode()

        assert answer.headers["Location"] == address_of(imported)
        assert SCRIPT not in page
        with organization_scope(organization.pk):
            assert ContactList.objects.get().name == f"{SCRIPT} sale"

    def test_it_does_not_lose_its_name(self, client: Client, imported: Import, organization: Organization) -> None:
        assert client.post(address_of(imported, "/name"), {"name": " \0 "}).status_code == 422
        with organization_scope(organization.pk):
            assert ContactList.objects.get().name == "Spring"


class TestDeletion:
    def test_the_number_of_rows_has_to_be_typed(
        self, client: Client, imported: Import, organization: Organization
    ) -> None:
        address = address_of(imported, "/deletion")

        assert "Type 5 to delete this list" in client.get(address).content.decode()
        for typed in ("", "4", "5 rows", "Spring"):
            assert client.post(address, {"typed": typed}).status_code == 422
        assert client.get(address_of(imported)).status_code == 200
        assert jobs() == []

    def test_a_deleted_list_is_gone_with_its_contacts_and_its_money_stays(
        self, client: Client, imported: Import, organization: Organization
    ) -> None:
        run = make_run(organization, imported.contact_list_id, spent_micros=1_000)
        answer = client.post(address_of(imported, "/deletion"), {"typed": "5"})
        assert answer.headers["Location"] == "/lists"
        assert client.get(address_of(imported)).status_code == 404
        assert "No list yet" in client.get("/lists").content.decode()

        ((name, arguments),) = jobs()
        assert (name, arguments["organization_id"]) == ("change_contacts", organization.pk)
        change_contacts(**arguments)
        assert remove_uploads() == 1

        with organization_scope(organization.pk):
            assert Contact.objects.count() == 0
            assert sum(FacetCount.objects.values_list("contacts", flat=True)) == 0
            assert Run.objects.get(pk=run.pk).spent_micros == 1_000
            assert ContactList.objects.get(pk=imported.contact_list_id).name == "Spring"

    def test_nothing_is_deleted_twice(self, client: Client, imported: Import) -> None:
        client.post(address_of(imported, "/deletion"), {"typed": "5"})

        assert client.post(address_of(imported, "/deletion"), {"typed": "5"}).status_code == 404
        assert len(jobs()) == 1

    @pytest.mark.parametrize("state", ["draft", "planning", "running", "paused"])
    def test_a_list_at_work_stays(
        self, client: Client, imported: Import, organization: Organization, state: str
    ) -> None:
        reason = "user" if state == "paused" else ""
        make_run(organization, imported.contact_list_id, state=state, reason=reason)
        answer = client.post(address_of(imported, "/deletion"), {"typed": "5"})

        assert answer.status_code == 409
        assert "A run over this list is not over" in answer.content.decode()
        assert jobs() == []

    def test_a_list_that_is_being_filled_stays(
        self, client: Client, imported: Import, organization: Organization
    ) -> None:
        with organization_scope(organization.pk):
            Import.objects.update(state="running", started_at=datetime.now(UTC))
        answer = client.post(address_of(imported, "/deletion"), {"typed": "5"})

        assert answer.status_code == 409
        assert "An import into this list is not over" in answer.content.decode()


class TestDoors:
    @pytest.mark.parametrize(
        ("role", "may_name", "may_delete"), [("viewer", 403, 403), ("operator", 302, 403), ("admin", 302, 200)]
    )
    def test_roles_may_what_they_may(
        self, client_of: ClientOf, imported: Import, role: str, may_name: int, may_delete: int
    ) -> None:
        person = client_of(role)

        assert person.get("/lists").status_code == person.get(address_of(imported)).status_code == 200
        assert person.post(address_of(imported, "/name"), {"name": "Summer"}).status_code == may_name
        assert person.get(address_of(imported, "/deletion")).status_code == may_delete
        if may_delete == 403:
            assert person.post(address_of(imported, "/deletion"), {"typed": "5"}).status_code == 403
            assert "Delete this list" not in person.get(address_of(imported)).content.decode()

    def test_another_organizations_list_is_not_there(
        self, client_of: ClientOf, imported: Import, other_organization: Organization
    ) -> None:
        outsider = client_of("owner", at=other_organization)

        assert "Spring" not in outsider.get("/lists").content.decode()
        assert outsider.get(address_of(imported)).status_code == 404
        assert outsider.get(address_of(imported, "/deletion")).status_code == 404
        assert outsider.post(address_of(imported, "/deletion"), {"typed": "5"}).status_code == 404
        assert outsider.post(address_of(imported, "/name"), {"name": "Mine"}).status_code == 404

    def test_strangers_sign_in_first(self, imported: Import) -> None:
        for address in ("/lists", address_of(imported), address_of(imported, "/deletion")):
            assert Client().get(address).headers["Location"].startswith("/sign-in?next=")

    def test_what_changes_something_is_no_get(self, client: Client, imported: Import) -> None:
        assert client.get(address_of(imported, "/name")).status_code == 405
        assert client.post("/lists").status_code == 405
