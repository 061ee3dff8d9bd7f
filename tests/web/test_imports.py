"""The import wizard's first two steps: a file is given, its columns are chosen, one import begins."""

import gzip
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import import_stage
import pytest
from django.core.files.storage import default_storage
from django.test import Client
from import_stage import LIST, give, imports_of, upload_of
from web_types import ClientOf

from bulk_lookup.engine.preview_import import Choices
from bulk_lookup.lib.tables.writers import open_writer
from bulk_lookup.models import ContactList, Organization, Upload
from bulk_lookup.models.scope import organization_scope
from bulk_lookup.web.imports.choices import read_choices

pytestmark = pytest.mark.django_db

SCRIPT = "<script>alert(1)</script>"


@pytest.fixture(autouse=True)
def storage(tmp_path: Path, settings: Any) -> Path:
    """Files of this test alone."""
    import_stage.keep_files_in(tmp_path / "files", settings)
    return tmp_path / "files"


@pytest.fixture
def client(client_of: ClientOf) -> Client:
    return client_of("operator")


@pytest.fixture
def columns(client: Client) -> str:
    """The address of the columns step of a list that was given."""
    return give(client).headers["Location"]


class TestFile:
    def test_the_ways_to_give_a_list_and_the_limit_are_said(self, client: Client, settings: Any) -> None:
        settings.UPLOAD_LIMIT = 2_000_000_000
        page = client.get("/imports/new").content.decode()

        assert 'data-upload-limit="2000000000"' in page
        assert "Up to 2\N{NO-BREAK SPACE}GB" in page
        assert 'name="numbers"' in page

    def test_a_file_leads_to_its_columns(self, client: Client, organization: Organization) -> None:
        answer = give(client)

        assert (answer.status_code, answer.headers["Location"]) == (
            302,
            f"/imports/{upload_of(organization).pk}/columns",
        )

    def test_the_pages_own_script_is_told_where_to_go(self, client: Client, organization: Organization) -> None:
        answer = give(client, headers={"X-Upload": "1"})

        assert (answer.status_code, answer.headers["X-Location"]) == (
            201,
            f"/imports/{upload_of(organization).pk}/columns",
        )

    def test_pasted_numbers_are_a_list_too(self, client: Client, organization: Organization) -> None:
        answer = client.post("/imports/new", {"numbers": "+1 415 555 2671\r\n+1 415 555 2672"})
        page = client.get(answer.headers["Location"]).content.decode()

        assert upload_of(organization).file_name == "Pasted numbers"
        assert "Import 2 rows" in page

    @pytest.mark.parametrize("form", [{}, {"numbers": " \r\n"}])
    def test_nothing_given_is_said_so(self, client: Client, form: dict[str, str]) -> None:
        answer = client.post("/imports/new", form)

        assert answer.status_code == 422
        assert "nothing was pasted" in answer.content.decode()

    @pytest.mark.parametrize(
        ("content", "words"),
        [
            (b"", "is empty"),
            (b"\xef\xbb\xbf \r\n", "is empty"),
            (b"%PDF-1.7 a page", "PDF"),
            (b"PK\x03\x04" + bytes(100), "damaged"),
            (b"\x1f\x8b broken", "gzip"),
            (b"\x89PNG\r\n\x1a\n" + bytes(200), "picture"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "spring.csv"),
            (gzip.compress(bytes(120_000_000), 9), "spring.csv"),
        ],
        ids=["empty", "blank", "pdf", "zip", "gzip", "picture", "old office", "bomb"],
    )
    def test_what_is_no_list_gets_a_sentence_and_is_not_kept(
        self, client: Client, organization: Organization, storage: Path, content: bytes, words: str
    ) -> None:
        answer = give(client, content)
        page = answer.content.decode()

        assert answer.status_code == 422
        assert words.lower() in page.lower()
        assert "Nothing was stored" in page
        assert str(storage) not in page
        assert [path for path in storage.rglob("*") if path.is_file()] == []

    @pytest.mark.parametrize(
        "content",
        [
            b"{" * 5_000,
            b"phone\n" + b"\x00" * 500,
            b'phone\n"never closed',
            b"a," * 3_000 + b"\n1,2\n",
            bytes(range(1, 256)),
        ],
        ids=["braces", "nul", "quote", "wide", "bytes"],
    )
    def test_a_strange_list_is_looked_at_all_the_same(self, client: Client, content: bytes) -> None:
        answer = give(client, content)

        assert answer.status_code in (302, 422)
        if answer.status_code == 302:
            assert client.get(f"{answer.headers['Location']}?wide=1").status_code == 200

    def test_a_file_over_the_limit_is_refused(self, client: Client, organization: Organization, settings: Any) -> None:
        settings.UPLOAD_LIMIT = len(LIST) - 1
        answer = give(client)

        assert answer.status_code == 413
        assert "the most that can be given here at once" in answer.content.decode()
        with organization_scope(organization.pk):
            assert Upload.objects.count() == 0

    def test_a_script_for_a_file_name_is_text(self, client: Client) -> None:
        answer = give(client, LIST, name=f"{SCRIPT}.csv")

        assert SCRIPT not in client.get(answer.headers["Location"]).content.decode()


class TestColumns:
    def test_the_first_rows_are_shown_as_they_would_be_read(self, client: Client, columns: str) -> None:
        page = client.get(f"{columns}?phone=1&country=2&region=US").content.decode()

        assert "Import 5 rows" in page
        assert "+49 171 39200154" in page
        assert "not a number" in page
        assert "(0) removed" in page
        assert "of row 2" in page
        assert "from country" in page

    def test_choices_change_the_verdicts_and_are_in_the_address(self, client: Client, columns: str) -> None:
        american = client.get(f"{columns}?phone=1&region=US").content.decode()
        german = client.get(f"{columns}?phone=1&region=DE").content.decode()

        assert "+49 171 39200154" not in american
        assert "+49 171 39200154" in german
        assert '<option value="DE" selected>' in german

    def test_a_part_of_the_page_is_all_that_its_script_asks_for(self, client: Client, columns: str) -> None:
        part = client.get(columns, headers={"HX-Request": "true"}).content.decode()

        assert "<html" not in part
        assert 'id="columns"' in part

    @pytest.mark.parametrize(
        ("show", "there", "not_there"),
        [("rejected", "Cy", "Ann"), ("repaired", "Di", "Cy"), ("duplicate", "Ed", "Ann")],
    )
    def test_one_verdict_can_be_looked_at(
        self, client: Client, columns: str, show: str, there: str, not_there: str
    ) -> None:
        page = client.get(f"{columns}?country=2&show={show}").content.decode()

        assert f">{there}<" in page
        assert f">{not_there}<" not in page

    @pytest.mark.parametrize(
        "query",
        [
            "phone=x&country=-1&region=Atlantis&search=9999999999&show=nonsense",
            "phone=99999&country=99999&search=99999",
            "phone=&phone=&region=%00&name=%00",
            "search=0&search=0&search=1&search=2&search=0&region=none&wide=1",
        ],
    )
    def test_nonsense_in_the_address_is_as_if_nothing_was_chosen(
        self, client: Client, columns: str, query: str
    ) -> None:
        assert client.get(f"{columns}?{query}").status_code == 200

    def test_script_in_a_header_or_a_cell_is_text(self, client: Client) -> None:
        content = f"{SCRIPT},phone\n{SCRIPT},(415) 555-2671\n{SCRIPT},{SCRIPT}\n".encode()
        address = give(client, content).headers["Location"]

        assert SCRIPT not in client.get(f"{address}?wide=1&name={SCRIPT}&search=0").content.decode()

    def test_without_scripts_a_button_looks_again_and_keeps_the_choices(
        self, client: Client, columns: str, organization: Organization
    ) -> None:
        form = {"phone": "1", "country": "2", "region": "DE", "search": ["0"], "name": "Spring", "look": "1"}
        address = client.post(columns, form).headers["Location"]
        chosen = parse_qs(urlsplit(address).query)

        assert chosen == {"phone": ["1"], "country": ["2"], "region": ["DE"], "search": ["0"], "name": ["Spring"]}
        assert "csrf" not in address
        assert imports_of(organization) == []

    def test_the_import_begins_with_what_was_chosen(
        self, client: Client, columns: str, organization: Organization
    ) -> None:
        form = {"phone": "1", "country": "2", "region": "DE", "search": ["0", "2"], "name": "  Spring \n sale "}
        answer = client.post(columns, form)
        (one,) = imports_of(organization)

        assert answer.headers["Location"] == f"/imports/{one.pk}"
        assert (one.mapping["phone_column"], one.mapping["country_column"], one.mapping["region"]) == (1, 2, "DE")
        assert (one.mapping["search_columns"], one.file_name) == ([0, 2], "spring.csv")
        with organization_scope(organization.pk):
            assert ContactList.objects.get().name == "Spring sale"

    def test_dates_that_are_not_certain_are_said_and_the_others_are_read(
        self, client: Client, organization: Organization
    ) -> None:
        address = give(client, b"phone,seen\n(415) 555-2671,31.05.2024\n(415) 555-2672,soon\n").headers["Location"]

        assert "such as “soon”" in client.get(f"{address}?verified=1").content.decode()
        client.post(address, {"phone": "0", "verified": "1"})
        assert imports_of(organization)[0].mapping["last_verified_column"] == 1

    def test_a_list_without_a_name_has_its_files(
        self, client: Client, columns: str, organization: Organization
    ) -> None:
        client.post(columns, {"phone": "1", "name": " "})

        with organization_scope(organization.pk):
            assert ContactList.objects.get().name == "spring"

    def test_a_form_posted_twice_makes_one_import_and_leads_to_it(
        self, client: Client, columns: str, organization: Organization
    ) -> None:
        first = client.post(columns, {"phone": "1"})
        second = client.post(columns, {"phone": "0"})

        assert second.headers["Location"] == first.headers["Location"]
        assert len(imports_of(organization)) == 1
        assert client.get(columns).headers["Location"] == first.headers["Location"]
        part = client.get(columns, headers={"HX-Request": "true"})
        assert part.headers["HX-Redirect"] == first.headers["Location"]

    def test_without_a_phone_column_nothing_begins(self, client: Client, organization: Organization) -> None:
        address = give(client, b"name,town\nAnn,Berlin\nBob,Rome\n").headers["Location"]
        answer = client.post(address, {"name": "Spring"})

        assert answer.status_code == 422
        assert "Choose the column" in answer.content.decode()
        assert imports_of(organization) == []

    def test_a_file_that_is_gone_is_said_so(self, client: Client, columns: str, organization: Organization) -> None:
        default_storage.delete(upload_of(organization).file)
        answer = client.post(columns, {"phone": "1"})

        assert answer.status_code == 410
        assert "not kept any more" in answer.content.decode()

    def test_another_sheet_can_be_chosen(self, client: Client, tmp_path: Path, organization: Organization) -> None:
        path = tmp_path / "book.xlsx"
        with open_writer(path, kind="xlsx", header=["phone"], sheet="Spring") as writer:
            writer.write([["(415) 555-2671"]])
        address = give(client, path.read_bytes(), "book.xlsx").headers["Location"]
        sheet = address.replace("columns", "sheet")

        assert client.post(sheet, {"sheet": "Spring"}).headers["Location"] == address
        refused = client.post(sheet, {"sheet": "Summer"})
        assert refused.status_code == 422
        assert "book.xlsx has no sheet" in refused.content.decode()
        assert client.get(address).status_code == 200

    def test_the_page_asks_the_database_little(
        self, client: Client, columns: str, django_assert_max_num_queries: Any
    ) -> None:
        with django_assert_max_num_queries(12):
            client.get(f"{columns}?country=2&wide=1")


class TestDoors:
    def test_a_viewer_may_not_import(self, client_of: ClientOf, columns: str) -> None:
        viewer = client_of("viewer")

        assert viewer.get("/imports/new").status_code == 403
        assert give(viewer).status_code == 403
        assert viewer.get(columns).status_code == 403
        assert viewer.post(columns, {"phone": "1"}).status_code == 403
        assert viewer.post(columns.replace("columns", "sheet"), {"sheet": "A"}).status_code == 403

    def test_another_organizations_upload_is_not_there(
        self, client_of: ClientOf, columns: str, other_organization: Organization
    ) -> None:
        outsider = client_of("owner", at=other_organization)

        assert outsider.get(columns).status_code == 404
        assert outsider.post(columns, {"phone": "1"}).status_code == 404
        assert outsider.post(columns.replace("columns", "sheet"), {"sheet": "A"}).status_code == 404

    @pytest.mark.parametrize("number", ["4711", "99999999999999999999999999"])
    def test_an_upload_that_never_was_is_not_there(self, client: Client, number: str) -> None:
        assert client.get(f"/imports/{number}/columns").status_code == 404

    def test_who_signs_in_again_comes_back_to_the_same_step(self, columns: str) -> None:
        address = f"{columns}?phone=1&country=2"
        stranger = Client()

        for answer in (stranger.get(address), stranger.post(address, {"phone": "1"})):
            assert answer.status_code == 302
            assert parse_qs(urlsplit(answer.headers["Location"]).query)["next"] == [address]

    def test_a_post_without_its_token_is_refused(self, client: Client, organization: Organization) -> None:
        strict = Client(enforce_csrf_checks=True)
        strict.cookies = client.cookies

        assert give(strict).status_code == 403
        with organization_scope(organization.pk):
            assert Upload.objects.count() == 0

    def test_a_sheet_is_not_chosen_by_a_get(self, client: Client, columns: str) -> None:
        assert client.get(columns.replace("columns", "sheet")).status_code == 405

    def test_other_methods_are_refused(self, client: Client, columns: str) -> None:
        assert client.put("/imports/new").status_code == 405
        assert client.delete(columns).status_code == 405


def test_choices_come_back_from_their_address_as_they_were() -> None:
    chosen = read_choices(
        {
            "phone": ["1"],
            "country": ["0"],
            "region": ["de"],
            "search": ["2", "0", "2"],
            "show": ["rejected"],
            "verified": ["3"],
        }
    )
    again = read_choices(parse_qs(chosen.as_query()))

    assert again == chosen
    assert chosen.made == Choices(
        phone_column=1, country_column=0, region="DE", search_columns=(2, 0), last_verified_column=3
    )
