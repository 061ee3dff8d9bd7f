"""The exports page: ordered by a form, made by a job, downloaded by the organization alone."""

import csv
import html
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.core.files.storage import default_storage
from django.db import connection
from django.test import AsyncClient, Client
from django.utils import timezone
from import_stage import bring, keep_files_in
from web_types import ClientOf

from bulk_lookup.core.role import Role
from bulk_lookup.engine.export_contacts import export_contacts
from bulk_lookup.models import Contact, ContactList, Export, Organization
from bulk_lookup.models.scope import organization_scope
from bulk_lookup.web.exports.download import file_name

pytestmark = pytest.mark.django_db

LIST = b"name,phone\nAnn,(415) 555-2671\nBo,(415) 555-2672\nCy,call\n"


@pytest.fixture(autouse=True)
def storage(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BULK_LOOKUP_DATA_DIR", str(tmp_path / "data"))
    keep_files_in(tmp_path / "files", settings)


@pytest.fixture
def client(client_of: ClientOf, organization: Organization) -> Client:
    """An operator's, with a list of three rows."""
    one = client_of("operator")
    bring(one, organization, LIST)
    return one


def form(page: str) -> dict[str, Any]:
    """What a browser would post from the form as it stands."""
    inside = page[page.index('action="/exports"') :]
    hidden = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', inside)
    given: dict[str, Any] = {name: html.unescape(value) for name, value in hidden if name != "contact"}
    given["contact"] = [value for name, value in hidden if name == "contact"]
    found = re.search(r'name="name"[^>]* value="([^"]*)"', inside)
    assert found
    given["name"] = html.unescape(found[1])
    given["column"] = re.findall(r'name="column" value="([^"]*)" checked', inside)
    given["format"] = re.findall(r'name="format" value="(\w+)" checked', inside)[0]
    return given


def order(client: Client, query: str = "", **changes: Any) -> Any:
    return client.post("/exports", form(client.get(f"/exports/new?{query}").content.decode()) | changes)


def exports_of(organization: Organization) -> list[Export]:
    with organization_scope(organization.pk):
        return list(Export.objects.order_by("id"))


def newest(organization: Organization) -> Export:
    return exports_of(organization)[-1]


def newest_list(organization: Organization) -> int:
    with organization_scope(organization.pk):
        return ContactList.objects.latest("id").pk


def make(client: Client, organization: Organization, query: str = "", **changes: Any) -> Export:
    """Order one and do what its job does."""
    assert order(client, query, **changes).status_code == 302
    export_contacts(organization.pk, newest(organization).pk)
    return newest(organization)


def content(answer: Any) -> str:
    return b"".join(answer.streaming_content).decode()


class TestOrder:
    def test_the_whole_way_from_a_filter_to_its_file(self, client: Client, organization: Organization) -> None:
        export = make(client, organization, "scope=invalid")
        answer = client.get(f"/exports/{export.pk}/file")
        rows = list(csv.DictReader(content(answer).splitlines()))

        assert [row["name"] for row in rows] == ["Cy"]
        assert list(rows[0])[:2] == ["name", "phone"]
        assert answer.headers["Content-Disposition"] == 'attachment; filename="Contacts, invalid.csv"'
        assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
        assert int(answer.headers["Content-Length"]) == export.bytes

    def test_the_form_says_what_will_be_in_the_file(self, client: Client, organization: Organization) -> None:
        with organization_scope(organization.pk):
            one = ContactList.objects.get()
        page = client.get(f"/exports/new?list={one.pk}").content.decode()
        given = form(page)

        assert ">3</strong>" in page
        assert page.index("Your own columns") < page.index("What was found out")
        assert given["name"] == one.name
        assert given["format"] == "csv"
        assert len([one for one in given["column"] if one.startswith("own-")]) == 2
        assert "api_cost" in given["column"]

    def test_ticked_contacts_alone(self, client: Client, organization: Organization) -> None:
        with organization_scope(organization.pk):
            ids = list(Contact.objects.order_by("row_number").values_list("pk", flat=True))
        export = make(client, organization, f"filter=scope%3Dall&contact={ids[2]}&contact={ids[0]}&contact=nonsense")

        assert export.contact_ids == [ids[0], ids[2]]
        assert export.rows == 2

    def test_all_that_match_although_some_are_ticked(self, client: Client, organization: Organization) -> None:
        with organization_scope(organization.pk):
            first = Contact.objects.order_by("row_number").values_list("pk", flat=True)[0]

        assert make(client, organization, f"filter=&contact={first}&all=yes").rows == 3

    def test_no_token_stays_in_an_address(self, client: Client) -> None:
        answer = client.get("/exports/new?csrfmiddlewaretoken=secret&filter=scope%3Dfailed&contact=7")

        assert answer.status_code == 302
        assert answer.headers["Location"] == "/exports/new?filter=scope%3Dfailed&contact=7"

    def test_the_columns_chosen_and_no_others(self, client: Client, organization: Organization) -> None:
        keys = form(client.get("/exports/new").content.decode())["column"]
        export = make(client, organization, column=[keys[1], "country_code", "invented"])

        assert content(client.get(f"/exports/{export.pk}/file")).splitlines()[0] == "phone,country_code"

    def test_a_list_with_very_many_columns_can_be_ordered(
        self, client_of: ClientOf, organization: Organization
    ) -> None:
        one = client_of("operator")
        wide = ",".join(["phone", *(f"c{number}" for number in range(1_500))])
        bring(one, organization, f"{wide}\n(415) 555-2671{',x' * 1_500}\n".encode())

        assert make(one, organization, "list=" + str(newest_list(organization))).rows == 1
        assert len(newest(organization).columns["own"]) == 1_501

    def test_a_form_posted_twice_makes_one_export(self, client: Client, organization: Organization) -> None:
        given = form(client.get("/exports/new").content.decode())

        assert [client.post("/exports", given).status_code for _ in range(2)] == [302, 302]
        assert len(exports_of(organization)) == 1
        client.post("/exports", form(client.get("/exports/new").content.decode()))
        assert len(exports_of(organization)) == 2

    @pytest.mark.parametrize(
        ("query", "changes", "sentence"),
        [
            ("", {"format": "exe"}, "Choose one of the formats."),
            ("q=nobody", {}, "There is no such contact"),
            ("q=12", {}, "Type at least 3 digits"),
        ],
    )
    def test_what_cannot_be_made_is_said_and_not_ordered(
        self, client: Client, organization: Organization, query: str, changes: dict[str, str], sentence: str
    ) -> None:
        answer = order(client, query, **changes)

        assert answer.status_code == 422
        assert sentence in html.unescape(answer.content.decode())
        assert exports_of(organization) == []

    def test_rows_beyond_a_sheet_are_said_with_csv_instead(
        self, client: Client, organization: Organization, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("bulk_lookup.engine.export_contacts.XLSX_ROWS", 2)
        page = client.get("/exports/new").content.decode()
        answer = order(client, format="xlsx")

        assert re.search(r'value="xlsx" disabled', page)
        assert "3 rows do not fit one sheet" in page
        assert answer.status_code == 422
        assert form(answer.content.decode())["format"] == "csv"
        assert exports_of(organization) == []

    def test_one_that_grew_beyond_a_sheet_offers_csv_for_the_same_contacts(
        self, client: Client, organization: Organization, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert order(client, "scope=invalid", format="xlsx").status_code == 302
        monkeypatch.setattr("bulk_lookup.engine.export_contacts.XLSX_ROWS", 0)
        export_contacts(organization.pk, newest(organization).pk)
        page = client.get("/exports").content.decode()

        assert "1 rows do not fit one sheet" in page
        assert 'href="/exports/new?scope=invalid&amp;format=csv"' in page

    def test_parquet_is_offered_where_it_can_be_written(self, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        assert 'value="parquet"' in client.get("/exports/new").content.decode()
        monkeypatch.setattr("bulk_lookup.web.exports.order_form.find_spec", lambda _: None)
        assert 'value="parquet"' not in client.get("/exports/new").content.decode()

    @pytest.mark.parametrize(
        "query", ["filter=%00%ff", "contact=-1&contact=99999999999999999999", "list=abc&scope=what", "format=%3Cb%3E"]
    )
    def test_nonsense_in_the_address_is_harmless(self, client: Client, query: str) -> None:
        page = client.get(f"/exports/new?{query}")

        assert page.status_code == 200
        assert "<b>" not in page.content.decode()


class TestTable:
    def test_what_is_being_made_is_asked_for_again(self, client: Client, organization: Organization) -> None:
        order(client)
        export = newest(organization)
        with organization_scope(organization.pk):
            export.begin(rows_total=3, now=timezone.now())
            export.advance(1)
        page = client.get("/exports").content.decode()

        assert f'hx-select-oob="#exports-again,#export-{export.pk}"' in page
        assert "1 of 3 rows" in page
        export_contacts(organization.pk, export.pk)
        again = client.get("/exports", headers={"HX-Request": "true"}).content.decode()
        assert "hx-get" not in again and "<html" not in again
        assert f'href="/exports/{export.pk}/file"' in again
        assert "operator-" in again

    def test_a_name_is_text(self, client: Client, organization: Organization) -> None:
        export = make(client, organization, name="<script>alert(1)</script>\n../..\x00")
        page = client.get("/exports").content.decode()
        disposition = client.get(f"/exports/{export.pk}/file").headers["Content-Disposition"]

        assert "<script>alert" not in page
        assert disposition == 'attachment; filename="_script_alert(1)__script_ .._.csv"'

    def test_an_empty_page_says_what_an_export_is(self, client_of: ClientOf) -> None:
        assert "No export yet" in client_of("operator").get("/exports").content.decode()
        assert "/exports/new" not in client_of("viewer").get("/exports").content.decode()

    def test_simulated_data_says_so_in_page_and_file_name(self, client: Client, organization: Organization) -> None:
        with organization_scope(organization.pk):
            Contact.objects.filter(row_number=2).update(simulated=True)
        export = make(client, organization, name="Spring")

        assert "Simulated" in client.get("/exports").content.decode()
        assert "Spring (simulated).csv" in client.get(f"/exports/{export.pk}/file").headers["Content-Disposition"]

    def test_a_page_asks_the_database_a_few_times_only(
        self, client: Client, organization: Organization, django_assert_max_num_queries: Any
    ) -> None:
        for _ in range(5):
            export = make(client, organization)

        with django_assert_max_num_queries(10):
            client.get("/exports")
        with django_assert_max_num_queries(18):
            client.get("/exports/new?scope=pending")
        with django_assert_max_num_queries(10):
            client.get(f"/exports/{export.pk}/file").close()


class TestVerbs:
    def test_a_cancelled_one_is_not_made(self, client: Client, organization: Organization) -> None:
        order(client)
        export = newest(organization)
        assert client.post(f"/exports/{export.pk}/cancellation").status_code == 302
        export_contacts(organization.pk, export.pk)

        assert newest(organization).state == "cancelled"
        assert client.get(f"/exports/{export.pk}/file").status_code == 404

    def test_cancelling_one_that_is_ready_says_so(self, client: Client, organization: Organization) -> None:
        export = make(client, organization)
        page = client.post(f"/exports/{export.pk}/cancellation", follow=True).content.decode()

        assert "It was over before it could be cancelled." in page
        assert newest(organization).state == "ready"

    def test_a_removed_one_is_gone_with_its_file(
        self, client: Client, organization: Organization, django_capture_on_commit_callbacks: Any
    ) -> None:
        export = make(client, organization)
        with django_capture_on_commit_callbacks(execute=True):
            assert client.post(f"/exports/{export.pk}/deletion").status_code == 302

        assert exports_of(organization) == []
        assert not default_storage.exists(export.file)
        assert client.get(f"/exports/{export.pk}/file").status_code == 404

    def test_one_that_is_over_is_not_there_although_nobody_has_removed_it_yet(
        self, client: Client, organization: Organization
    ) -> None:
        export = make(client, organization)
        with organization_scope(organization.pk):
            Export.objects.update(kept_until=timezone.now())

        assert client.get(f"/exports/{export.pk}/file").status_code == 404
        assert f'id="export-{export.pk}"' not in client.get("/exports").content.decode()

    def test_a_file_that_is_gone_from_the_storage_is_not_found(
        self, client: Client, organization: Organization
    ) -> None:
        export = make(client, organization)
        default_storage.delete(export.file)

        assert client.get(f"/exports/{export.pk}/file").status_code == 404


class TestWho:
    @pytest.mark.parametrize("role", list(Role))
    def test_who_may_make_and_fetch(
        self, client: Client, client_of: ClientOf, organization: Organization, role: Role
    ) -> None:
        export = make(client, organization)
        given = form(client.get("/exports/new").content.decode())
        one, before = client_of(role), exports_of(organization)
        allowed = role is not Role.VIEWER

        assert one.get("/exports").status_code == 200
        assert one.get("/exports/new").status_code == (200 if allowed else 403)
        assert one.post("/exports", given).status_code == (302 if allowed else 403)
        assert one.get(f"/exports/{export.pk}/file").status_code == (200 if allowed else 403)
        for verb in ("cancellation", "deletion"):
            assert one.post(f"/exports/{export.pk}/{verb}").status_code == (302 if allowed else 403)
        # Who may has made one and removed the other; who may not has changed nothing.
        assert (newest(organization).pk == before[-1].pk) is not allowed

    def test_another_organizations_export_is_not_there(
        self, client: Client, client_of: ClientOf, organization: Organization, other_organization: Organization
    ) -> None:
        export = make(client, organization)
        charlie = client_of("owner", at=other_organization)

        assert charlie.get(f"/exports/{export.pk}/file").status_code == 404
        for verb in ("cancellation", "deletion"):
            assert charlie.post(f"/exports/{export.pk}/{verb}").status_code == 404
        assert f'id="export-{export.pk}"' not in charlie.get("/exports").content.decode()
        assert newest(organization).state == "ready"

    def test_who_is_not_signed_in_is_led_there(self, client: Client, organization: Organization) -> None:
        export = make(client, organization)
        stranger = Client()

        for path in ("/exports", "/exports/new", f"/exports/{export.pk}/file"):
            assert stranger.get(path).headers["Location"].startswith("/sign-in")
        assert stranger.post("/exports").headers["Location"].startswith("/sign-in")

    @pytest.mark.parametrize("verb", ["cancellation", "deletion"])
    def test_a_get_changes_nothing(self, client: Client, organization: Organization, verb: str) -> None:
        export = make(client, organization)

        assert client.get(f"/exports/{export.pk}/{verb}").status_code == 405
        assert newest(organization).state == "ready"

    @pytest.mark.parametrize("number", [0, 10**9, 2**63, 10**30])
    def test_a_number_that_is_nobodys_is_not_there(self, client: Client, number: int) -> None:
        assert client.get(f"/exports/{number}/file").status_code == 404
        assert client.post(f"/exports/{number}/deletion").status_code == 404


@pytest.mark.parametrize(
    ("name", "called"),
    [
        ("Spring", "Spring.csv"),
        ("Spring.csv", "Spring.csv"),
        ("../../etc/passwd", "_.._etc_passwd.csv"),
        (".bashrc", "bashrc.csv"),
        ("a.exe", "a.exe.csv"),
        ("...", "contacts.csv"),
    ],
)
def test_a_file_is_called_as_what_it_is(name: str, called: str) -> None:
    assert file_name(Export(name=name, format="csv")) == called


@pytest.fixture
def kept(client: Client, organization: Organization) -> Iterator[tuple[Client, Export]]:
    yield client, make(client, organization)


@pytest.mark.django_db(transaction=True)
async def test_an_asynchronous_server_sends_the_same_file(kept: tuple[Client, Export]) -> None:
    signed_in, export = kept
    client = AsyncClient()
    client.cookies = signed_in.cookies
    answer: Any = await client.get(f"/exports/{export.pk}/file")
    blocks = [block async for block in answer.streaming_content]

    await sync_to_async(lambda: connection.close())()  # that of the thread in which the view ran

    assert len(b"".join(blocks)) == export.bytes
    assert b"Ann" in blocks[0]
