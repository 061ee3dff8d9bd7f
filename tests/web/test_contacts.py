"""The contacts page: tabs, filters, pages by key, one contact, and what may be done with many."""

import re
from collections.abc import Iterator

import pytest
from django.test import Client
from web_types import ClientOf

from bulk_lookup.models import Contact, ContactList, FacetCount, Import, Organization
from bulk_lookup.models.scope import organization_scope

pytestmark = pytest.mark.django_db

ROWS = 120


@pytest.fixture
def contact_list(organization: Organization) -> ContactList:
    """A list of 120 rows: every third failed, one with a script for a name."""
    with organization_scope(organization.pk):
        return fill(organization)


def fill(organization: Organization) -> ContactList:
    one = ContactList.objects.create(organization=organization, name="Spring <b>")
    imported = Import.objects.create(
        organization=organization, contact_list_id=one.pk, file_name="a.csv", path="/x", header=["Name", "Phone"]
    )
    for row in range(2, ROWS + 2):
        Contact.objects.create(
            organization=organization,
            contact_list_id=one.pk,
            import_id=imported.pk,
            row_number=row,
            raw_phone_number=f"415200{row:04d}",
            formatted_phone_number=f"+1415200{row:04d}",
            country_code="US",
            cells=["<script>alert(1)</script>" if row == 2 else f"Person {row}", f"415200{row:04d}"],
            status="failed" if row % 3 == 0 else "pending",
            reason="not_found" if row % 3 == 0 else "",
        )
    for status, reason, contacts in (("failed", "not_found", 40), ("pending", "", 80)):
        FacetCount.objects.create(
            organization=organization,
            contact_list_id=one.pk,
            simulated=False,
            status=status,
            country_code="US",
            line_type="",
            carrier_name="",
            reason=reason,
            contacts=contacts,
        )
    return one


def rows_of(page: str) -> list[int]:
    return [int(found) for found in re.findall(r'id="contact-(\d+)"', page)]


def walk(client: Client, address: str, way: str) -> Iterator[list[int]]:
    """The rows of each page from here on, by its own links."""
    while address:
        page = client.get(address).content.decode()
        yield rows_of(page)
        link = re.search(rf'href="(\?[^"]*)" rel="{way}"', page)
        assert not link or link.group(1).replace("&amp;", "&") not in address, "a page that leads to itself"
        address = "/contacts" + link.group(1).replace("&amp;", "&") if link else ""


def test_every_row_stands_on_one_page_and_the_way_back_is_the_same(
    client_of: ClientOf, contact_list: ContactList, organization: Organization
) -> None:
    client = client_of("viewer")
    there = list(walk(client, f"/contacts?list={contact_list.pk}", "next"))
    with organization_scope(organization.pk):
        expected = list(Contact.objects.order_by("row_number").values_list("pk", flat=True))

    assert [row for page in there for row in page] == expected
    last = client.get(f"/contacts?list={contact_list.pk}&sort=-row").content.decode()
    assert rows_of(last) == expected[::-1][:50]


@pytest.mark.parametrize("query", ["", "sort=created", "sort=-created", "scope=failed"])
def test_pages_follow_each_other_without_a_gap(client_of: ClientOf, contact_list: ContactList, query: str) -> None:
    pages = list(walk(client_of("viewer"), f"/contacts?{query}", "next"))
    rows = [row for page in pages for row in page]

    assert len(rows) == len(set(rows)) == (40 if "failed" in query else ROWS)


def test_a_page_leads_back(client_of: ClientOf, contact_list: ContactList) -> None:
    client = client_of("viewer")
    first = client.get("/contacts").content.decode()
    second_address = re.search(r'href="(\?[^"]*)" rel="next"', first).group(1).replace("&amp;", "&")  # type: ignore[union-attr]
    second = client.get("/contacts" + second_address).content.decode()
    assert "Rows 51–100 of 120" in second
    back = re.search(r'href="(\?[^"]*)" rel="prev"', second).group(1).replace("&amp;", "&")  # type: ignore[union-attr]
    again = client.get("/contacts" + back).content.decode()

    assert rows_of(again) == rows_of(first)
    assert "Rows 1–50 of 120" in again


def test_tabs_say_how_many(client_of: ClientOf, contact_list: ContactList) -> None:
    page = client_of("viewer").get("/contacts").content.decode()

    assert re.search(r'Failed <span class="scope-tabs__count">40</span>', page)
    assert re.search(r'Needs lookup <span class="scope-tabs__count">120</span>', page)


def test_what_a_file_brings_is_text(client_of: ClientOf, contact_list: ContactList) -> None:
    client = client_of("viewer")
    page = client.get(f"/contacts?list={contact_list.pk}&q=<script>x</script>").content.decode()
    whole = client.get(f"/contacts?list={contact_list.pk}").content.decode()

    assert "<script>x" not in page and "<script>alert" not in whole
    assert "Spring <b>" not in whole and "Spring &lt;b&gt;" in whole


@pytest.mark.parametrize(
    "query", ["scope=x&list=a&at=1", "at=f_1_1_2", "at=b_-1_2_x", "q=1", "sort=row", "cost_from=x"]
)
def test_nonsense_in_an_address_is_no_error(client_of: ClientOf, contact_list: ContactList, query: str) -> None:
    assert client_of("viewer").get(f"/contacts?{query}").status_code == 200


def test_an_empty_filter_says_which_condition_to_drop(client_of: ClientOf, contact_list: ContactList) -> None:
    page = client_of("viewer").get("/contacts?country=DE").content.decode()

    assert "No contact matches this filter." in page
    assert "there would be 120" in page


def test_one_contact_shows_its_row(client_of: ClientOf, contact_list: ContactList, organization: Organization) -> None:
    with organization_scope(organization.pk):
        one = Contact.objects.get(row_number=2)
    page = client_of("viewer").get(f"/contacts/{one.pk}").content.decode()

    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "Never asked, so nothing was paid." in page


def test_a_stranger_sees_nothing(
    client_of: ClientOf,
    client: Client,
    contact_list: ContactList,
    other_organization: Organization,
    organization: Organization,
) -> None:
    with organization_scope(organization.pk):
        one = Contact.objects.order_by("pk").first()
    assert one is not None
    stranger = client_of("owner", at=other_organization)

    assert stranger.get(f"/contacts/{one.pk}").status_code == 404
    assert rows_of(stranger.get(f"/contacts?list={contact_list.pk}").content.decode()) == []
    stranger.post("/contacts/pending", {"contact": one.pk})
    stranger.post("/contacts/deletion", {"contact": one.pk, "typed": "1"})
    with organization_scope(organization.pk):
        assert Contact.objects.count() == ROWS
    assert client.get("/contacts").status_code == 302


@pytest.mark.parametrize(("role", "status"), [("viewer", 403), ("operator", 302)])
def test_marking_needs_its_right(client_of: ClientOf, contact_list: ContactList, role: str, status: int) -> None:
    assert client_of(role).post("/contacts/pending", {"all": "yes", "filter": "scope=failed"}).status_code == status


@pytest.mark.parametrize("address", ["/contacts/pending", "/contacts/deletion"])
def test_a_get_changes_nothing(client_of: ClientOf, address: str) -> None:
    assert client_of("owner").get(address).status_code == 405


def test_all_that_match_are_marked(client_of: ClientOf, contact_list: ContactList, organization: Organization) -> None:
    answer = client_of("operator").post("/contacts/pending", {"all": "yes", "filter": "scope=failed"}, follow=True)

    assert "40 contacts are pending again." in answer.content.decode()
    with organization_scope(organization.pk):
        assert Contact.objects.pending().count() == ROWS


def test_a_deletion_names_the_count(client_of: ClientOf, contact_list: ContactList, organization: Organization) -> None:
    client = client_of("admin")
    asked = client.post("/contacts/deletion", {"all": "yes", "filter": "scope=failed"})
    wrong = client.post("/contacts/deletion", {"all": "yes", "filter": "scope=failed", "typed": "41"})
    assert (asked.status_code, wrong.status_code) == (200, 422)
    assert "Type 40 to delete these contacts" in asked.content.decode()

    client.post("/contacts/deletion", {"all": "yes", "filter": "scope=failed", "typed": "40"})
    with organization_scope(organization.pk):
        assert Contact.objects.count() == 80
    assert client_of("operator").post("/contacts/deletion", {"all": "yes", "typed": "80"}).status_code == 403


def test_nothing_ticked_is_nothing_done(
    client_of: ClientOf, contact_list: ContactList, organization: Organization
) -> None:
    answer = client_of("operator").post("/contacts/pending", {"filter": "scope=failed"}, follow=True)

    assert "Tick the contacts first." in answer.content.decode()
    with organization_scope(organization.pk):
        assert Contact.objects.failed().count() == 40


def test_a_page_asks_the_database_a_bounded_number_of_times(
    client_of: ClientOf, contact_list: ContactList, django_assert_max_num_queries: object
) -> None:
    client = client_of("viewer")
    with django_assert_max_num_queries(26):  # type: ignore[operator]
        client.get(f"/contacts?list={contact_list.pk}&country=US")
