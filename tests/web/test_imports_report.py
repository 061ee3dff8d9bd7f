"""The wizard's report: live while the rows come in, then what came in; cancel, read again, take the rejects."""

import csv
import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import import_stage
import pytest
from django.core.files.storage import default_storage
from django.http import StreamingHttpResponse
from django.test import Client
from django.utils import timezone
from import_stage import bring, give, imports_of
from web_types import ClientOf

from bulk_lookup.core.phone import Reason, Repair
from bulk_lookup.engine.import_file import import_file
from bulk_lookup.lib.tables.batch import ROW_PROBLEMS as ROW_PROBLEM_WORDS
from bulk_lookup.models import Import, Organization
from bulk_lookup.models.scope import organization_scope
from bulk_lookup.web.imports.words import REASONS, REPAIRS, ROW_PROBLEMS

pytestmark = pytest.mark.django_db

GERMAN = b"phone\n" + b"".join(b"0171 392%05d\n" % n for n in range(20)) + b"+1 415 555 2671\n"


@pytest.fixture(autouse=True)
def storage(tmp_path: Path, settings: Any) -> None:
    """Files of this test alone."""
    import_stage.keep_files_in(tmp_path / "files", settings)


@pytest.fixture
def client(client_of: ClientOf) -> Client:
    return client_of("operator")


@pytest.fixture
def waiting(client: Client, organization: Organization) -> Import:
    """An import that no worker has begun."""
    client.post(give(client).headers["Location"], {"phone": "1", "country": "2"})
    return imports_of(organization)[0]


@pytest.fixture
def finished(client: Client, organization: Organization) -> Import:
    return bring(client, organization, phone="1", country="2")


def text_of(answer: Any) -> str:
    assert isinstance(answer, StreamingHttpResponse)
    assert not answer.is_async
    return b"".join(answer).decode()


class TestWhileItRuns:
    def test_the_counts_add_up_and_the_page_asks_again(self, client: Client, waiting: Import) -> None:
        page = client.get(f"/imports/{waiting.pk}").content.decode()

        assert "Rows so far" in page
        assert f'hx-get="/imports/{waiting.pk}" hx-trigger="every 1s"' in page
        assert "Cancel import" in page
        assert "Get a quote" not in page

    def test_its_part_is_made_anew_until_it_is_over(
        self, client: Client, waiting: Import, organization: Organization
    ) -> None:
        asked = {"HX-Request": "true"}
        part = client.get(f"/imports/{waiting.pk}", headers=asked)
        import_file(organization.pk, waiting.pk)
        over = client.get(f"/imports/{waiting.pk}", headers=asked)

        assert "<html" not in part.content.decode()
        assert "HX-Refresh" not in part.headers
        assert over.headers["HX-Refresh"] == "true"

    def test_it_says_when_nobody_is_at_work(self, client: Client, waiting: Import, organization: Organization) -> None:
        assert "No worker is at work" not in client.get(f"/imports/{waiting.pk}").content.decode()
        with organization_scope(organization.pk):
            Import.objects.update(created_at=timezone.now() - timedelta(minutes=1))

        assert "No worker is at work" in client.get(f"/imports/{waiting.pk}").content.decode()

    def test_it_can_be_cancelled_and_what_has_ended_cannot(
        self, client: Client, waiting: Import, organization: Organization
    ) -> None:
        cancellation = f"/imports/{waiting.pk}/cancellation"

        assert client.post(cancellation).headers["Location"] == f"/imports/{waiting.pk}"
        assert imports_of(organization)[0].state == "cancelled"
        assert "was cancelled" in client.get(f"/imports/{waiting.pk}").content.decode()
        assert client.post(cancellation).status_code == 302
        assert imports_of(organization)[0].state == "cancelled"


class TestReport:
    def test_rows_are_valid_invalid_and_duplicate(self, client: Client, finished: Import) -> None:
        page = client.get(f"/imports/{finished.pk}").content.decode()

        assert (finished.rows, finished.valid, finished.invalid, finished.duplicates) == (5, 3, 1, 1)
        for words in ("60.0\N{NO-BREAK SPACE}%, can be looked up", "20.0\N{NO-BREAK SPACE}%, never asked, never paid"):
            assert words in page
        assert "All 5 rows and their 3 columns are kept" in page

    def test_each_reason_leads_to_its_rows(self, client: Client, finished: Import) -> None:
        page = client.get(f"/imports/{finished.pk}").content.decode()
        address = f"/contacts?scope=invalid&list={finished.contact_list_id}&reason=not_a_number"

        assert address.replace("&", "&amp;") in page
        assert "Not a number" in page
        assert client.get(address).status_code == 200

    def test_countries_and_repairs_are_counted(self, client: Client, finished: Import) -> None:
        page = client.get(f"/imports/{finished.pk}").content.decode()

        for words in ("United States", "Germany", "United Kingdom", "No country", "(0) removed"):
            assert words in page

    def test_repairs_of_a_long_list_are_counted_afterwards(
        self, client: Client, finished: Import, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("bulk_lookup.web.imports.reports._COUNTED_AT_ONCE", 1)
        address = f"/imports/{finished.pk}/repairs"
        page = client.get(f"/imports/{finished.pk}").content.decode()
        part = client.get(address, headers={"HX-Request": "true"}).content.decode()

        assert "Being counted" in page
        assert f'hx-get="{address}"' in page
        assert "(0) removed" in part
        assert "<html" not in part
        assert "(0) removed" in client.get(address).content.decode()

    def test_what_the_rejects_would_be_is_said_and_read_again_once(
        self, client: Client, organization: Organization
    ) -> None:
        first = bring(client, organization, GERMAN, phone="0", region="US")
        page = client.get(f"/imports/{first.pk}").content.decode()
        assert "100\N{NO-BREAK SPACE}% of the rejects would be valid as numbers of Germany" in page
        assert "Read again as DE" in page

        again = client.post(f"/imports/{first.pk}/second-reading", {"region": "DE"}).headers["Location"]
        assert client.post(f"/imports/{first.pk}/second-reading", {"region": "DE"}).headers["Location"] == again
        before, second = imports_of(organization)
        import_file(organization.pk, second.pk)

        assert again == f"/imports/{second.pk}"
        assert second.contact_list_id != before.contact_list_id
        assert imports_of(organization)[1].valid == 21

    @pytest.mark.parametrize("region", ["", "Atlantis", "<b>"])
    def test_a_second_reading_needs_a_country(
        self, client: Client, finished: Import, organization: Organization, region: str
    ) -> None:
        answer = client.post(f"/imports/{finished.pk}/second-reading", {"region": region})

        assert answer.status_code == 422
        assert len(imports_of(organization)) == 1

    def test_a_second_reading_needs_the_file(
        self, client: Client, finished: Import, organization: Organization
    ) -> None:
        default_storage.delete(import_stage.upload_of(organization).file)

        answer = client.post(f"/imports/{finished.pk}/second-reading", {"region": "DE"})

        assert answer.status_code == 410
        assert len(imports_of(organization)) == 1

    def test_a_file_that_breaks_is_told_by_its_own_name(
        self, client: Client, waiting: Import, organization: Organization
    ) -> None:
        default_storage.delete(import_stage.upload_of(organization).file)
        import_file(organization.pk, waiting.pk)
        page = client.get(f"/imports/{waiting.pk}").content.decode()

        assert imports_of(organization)[0].state == "failed"
        assert "spring.csv does not exist" in page
        assert import_stage.upload_of(organization).file not in page

    def test_the_page_asks_the_database_little(
        self, client: Client, finished: Import, django_assert_max_num_queries: Any
    ) -> None:
        with django_assert_max_num_queries(16):
            client.get(f"/imports/{finished.pk}")


class TestRejectsFile:
    def test_rejects_come_as_they_were_written_and_no_spreadsheet_runs_them(
        self, client: Client, organization: Organization
    ) -> None:
        rows = [["phone"], ["(415) 555-2671"], ['=cmd|"/c calc"!A1'], ["+1 555 0132"], ["n/a\nb"], ["<script>"]]
        text = io.StringIO()
        csv.writer(text).writerows(rows)
        one = bring(client, organization, text.getvalue().encode(), phone="0", region="US")

        answer = client.get(f"/imports/{one.pk}/rejects.csv")
        header, *found = csv.reader(io.StringIO(text_of(answer)))

        assert header == ["row_number", "raw_phone_number", "reason"]
        assert [cell for _, cell, _ in found] == ['\'=cmd|"/c calc"!A1', "+1 555 0132", "n/a\nb", "<script>"]
        assert answer.headers["Content-Disposition"] == 'attachment; filename="spring.rejects.csv"'
        assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"


class TestDoors:
    def test_a_viewer_sees_the_report_and_changes_nothing(
        self, client_of: ClientOf, waiting: Import, organization: Organization
    ) -> None:
        viewer = client_of("viewer")
        page = viewer.get(f"/imports/{waiting.pk}")

        assert page.status_code == 200
        assert "Cancel import" not in page.content.decode()
        assert viewer.post(f"/imports/{waiting.pk}/cancellation").status_code == 403
        assert viewer.post(f"/imports/{waiting.pk}/second-reading", {"region": "DE"}).status_code == 403
        assert viewer.get(f"/imports/{waiting.pk}/rejects.csv").status_code == 403
        assert imports_of(organization)[0].state == "waiting"

    def test_another_organizations_import_is_not_there(
        self, client_of: ClientOf, finished: Import, other_organization: Organization
    ) -> None:
        outsider = client_of("owner", at=other_organization)

        for address in ("", "/repairs", "/rejects.csv"):
            assert outsider.get(f"/imports/{finished.pk}{address}").status_code == 404
        for address in ("/cancellation", "/second-reading"):
            assert outsider.post(f"/imports/{finished.pk}{address}", {"region": "DE"}).status_code == 404

    def test_strangers_sign_in_first(self, finished: Import) -> None:
        for address in ("", "/repairs", "/rejects.csv"):
            assert Client().get(f"/imports/{finished.pk}{address}").headers["Location"].startswith("/sign-in?next=")

    def test_what_changes_something_is_no_get(self, client: Client, finished: Import) -> None:
        for address in ("/cancellation", "/second-reading"):
            assert client.get(f"/imports/{finished.pk}{address}").status_code == 405


def test_every_word_has_its_sentence() -> None:
    assert set(REASONS) == set(Reason)
    assert set(REPAIRS) == set(Repair)
    assert set(ROW_PROBLEMS) == ROW_PROBLEM_WORDS
