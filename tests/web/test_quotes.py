"""The quote's page: the sum follows the choices, and one order makes one run."""

import re

import pytest
from django.test import Client
from web_types import ClientOf

from bulk_lookup.engine.credentials import keep_account
from bulk_lookup.models import Contact, ContactList, FacetCount, Import, Organization, ProviderAccount, Run
from bulk_lookup.models.scope import organization_scope

pytestmark = pytest.mark.django_db

NUMBERS = 20
TWILIO = {"TWILIO_ACCOUNT_SID": "AC1", "TWILIO_AUTH_TOKEN": "x", "BULK_LOOKUP_TWILIO_URL": ""}


@pytest.fixture
def contact_list(organization: Organization) -> ContactList:
    """Twenty numbers of the United States, two rejects, and a Twilio account to ask."""
    with organization_scope(organization.pk):
        one = ContactList.objects.create(organization=organization, name="Spring <i>")
        imported = Import.objects.create(
            organization=organization, contact_list_id=one.pk, file_name="a.csv", path="/x", header=["Phone"]
        )
        for row in range(2, NUMBERS + 4):
            add(imported, row, rejected=row >= NUMBERS + 2)
        for status, country, contacts in (("pending", "US", NUMBERS), ("invalid", "", 2)):
            FacetCount.objects.create(
                organization=organization,
                contact_list_id=one.pk,
                simulated=False,
                status=status,
                country_code=country,
                line_type="",
                carrier_name="",
                reason="",
                contacts=contacts,
            )
        keep_account(organization.pk, TWILIO, simulated=False, name="Main")
    return one


def add(imported: Import, row: int, *, rejected: bool = False) -> None:
    Contact.objects.create(
        organization_id=imported.organization_id,
        contact_list_id=imported.contact_list_id,
        import_id=imported.pk,
        row_number=row,
        raw_phone_number=f"415200{row:04d}",
        formatted_phone_number=None if rejected else f"+1415200{row:04d}",
        country_code="" if rejected else "US",
        cells=[f"415200{row:04d}"],
        status="invalid" if rejected else "pending",
        validation_error="too_short" if rejected else "",
    )


def form_of(page: str) -> dict[str, list[str]]:
    """The hidden fields of the order."""
    fields: dict[str, list[str]] = {}
    form = page[page.index('/order"') :]
    for name, value in re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form[: form.index("</form>")]):
        fields.setdefault(name, []).append(value)
    return fields


def test_the_sum_follows_the_choices(client_of: ClientOf, contact_list: ContactList) -> None:
    client = client_of("operator")
    address = f"/lists/{contact_list.pk}/quote"
    first = client.get(address).content.decode()
    both = client.get(f"{address}?chosen=1&package=line_type_intelligence&package=caller_name").content.decode()
    none = client.get(f"{address}?chosen=1").content.decode()

    assert "Run, spend up to 0.16" in first
    assert "20 numbers, each bought once" in first
    assert "Run, spend up to 0.36" in both
    assert "Choose at least one question" in none
    assert "Spring &lt;i&gt;" in first and "Spring <i>" not in first


def test_an_order_begins_one_run_however_often_it_is_sent(
    client_of: ClientOf, contact_list: ContactList, organization: Organization
) -> None:
    client, other = client_of("operator"), client_of("admin")
    form = form_of(
        client.get(f"/lists/{contact_list.pk}/quote?chosen=1&package=line_type_intelligence&cap=5").content.decode()
    )
    second = form_of(other.get(f"/lists/{contact_list.pk}/quote").content.decode())
    assert form["token"] != second["token"]
    answers = [client.post(f"/lists/{contact_list.pk}/order", form) for _ in range(2)]
    answers.append(other.post(f"/lists/{contact_list.pk}/order", second))

    with organization_scope(organization.pk):
        [run] = Run.objects.all()
    assert {answer.headers["Location"] for answer in answers} == {f"/runs/{run.pk}"}
    assert (run.state, run.cap_micros, run.quoted_micros, run.packages) == (
        "planning",
        5_000_000,
        160_000,
        ["line_type_intelligence"],
    )


def test_the_same_form_after_the_end_of_its_run_begins_nothing(
    client_of: ClientOf, contact_list: ContactList, organization: Organization
) -> None:
    client = client_of("operator")
    form = form_of(client.get(f"/lists/{contact_list.pk}/quote").content.decode())
    client.post(f"/lists/{contact_list.pk}/order", form)
    with organization_scope(organization.pk):
        Run.objects.update(state="finished")
    client.post(f"/lists/{contact_list.pk}/order", form)

    with organization_scope(organization.pk):
        assert Run.objects.count() == 1


def test_a_list_that_would_cost_more_by_now_is_not_bought(
    client_of: ClientOf, contact_list: ContactList, organization: Organization
) -> None:
    client = client_of("operator")
    form = form_of(client.get(f"/lists/{contact_list.pk}/quote").content.decode())
    with organization_scope(organization.pk):
        add(Import.objects.get(), 99)
    answer = client.post(f"/lists/{contact_list.pk}/order", form)

    assert answer.status_code == 409
    assert "it would cost more than you agreed to" in answer.content.decode()
    with organization_scope(organization.pk):
        assert not Run.objects.exists()


def test_an_unknown_price_is_not_bought(
    client_of: ClientOf, contact_list: ContactList, organization: Organization
) -> None:
    client = client_of("operator")
    with organization_scope(organization.pk):
        Contact.objects.pending().update(country_code="GB")
        FacetCount.objects.filter(status="pending").update(country_code="GB")
    page = client.get(f"/lists/{contact_list.pk}/quote?chosen=1&package=sms_pumping_risk").content.decode()
    answer = client.post(f"/lists/{contact_list.pk}/order", form_of(page))

    assert "Enter a price for sms_pumping_risk" in page
    assert (answer.status_code, "Nobody knows what sms_pumping_risk costs" in answer.content.decode()) == (409, True)


def test_a_halted_account_is_not_asked(
    client_of: ClientOf, contact_list: ContactList, organization: Organization
) -> None:
    client = client_of("operator")
    form = form_of(client.get(f"/lists/{contact_list.pk}/quote").content.decode())
    with organization_scope(organization.pk):
        ProviderAccount.objects.update(state="halted", reason="account_suspended")
    answer = client.post(f"/lists/{contact_list.pk}/order", form)

    assert (answer.status_code, "Main is halted" in answer.content.decode()) == (409, True)


@pytest.mark.parametrize("query", ["cap=x", "cap=-1", "reuse=x", "account=x", "package=nonsense", "cap=NaN&chosen=1"])
def test_nonsense_in_the_form_is_said(client_of: ClientOf, contact_list: ContactList, query: str) -> None:
    assert client_of("operator").get(f"/lists/{contact_list.pk}/quote?{query}").status_code == 200


def test_who_may(
    client: Client, client_of: ClientOf, contact_list: ContactList, other_organization: Organization
) -> None:
    address = f"/lists/{contact_list.pk}/quote"
    viewer, stranger = client_of("viewer"), client_of("owner", at=other_organization)
    seen = viewer.get(address).content.decode()

    assert "Ask an operator to start it." in seen and "0.16" not in seen
    assert viewer.post(f"/lists/{contact_list.pk}/order").status_code == 403
    assert (stranger.get(address).status_code, stranger.post(f"/lists/{contact_list.pk}/order").status_code) == (
        404,
        404,
    )
    assert client.get(address).status_code == 302
    assert client_of("owner").get(f"/lists/{contact_list.pk}/order").status_code == 405
    assert client_of("owner").post(f"/lists/{contact_list.pk}/order", {"agreed": "x"}).status_code == 302


def test_it_asks_the_database_a_bounded_number_of_times(
    client_of: ClientOf, contact_list: ContactList, django_assert_max_num_queries: object
) -> None:
    client = client_of("owner")
    with django_assert_max_num_queries(45):  # type: ignore[operator]
        client.get(f"/lists/{contact_list.pk}/quote")
