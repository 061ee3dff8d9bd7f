"""The dashboard: figures from the kept counts, and nothing for those outside."""

import pytest
from django.test import Client
from django.utils import timezone
from web_types import ClientOf

from bulk_lookup.models import ContactList, FacetCount, Organization, QuarterHourStat
from bulk_lookup.models.scope import organization_scope

pytestmark = pytest.mark.django_db


@pytest.fixture
def counted(organization: Organization) -> Organization:
    """1,200 completed mobiles, 30 failed, 70 pending; 9.60 USD spent this month of 12."""
    with organization_scope(organization.pk):
        one = ContactList.objects.create(organization=organization, name="Spring")
        for status, line_type, contacts in (("completed", "mobile", 1_200), ("failed", "", 30), ("pending", "", 70)):
            FacetCount.objects.create(
                organization=organization,
                contact_list_id=one.pk,
                simulated=False,
                status=status,
                country_code="US",
                line_type=line_type,
                carrier_name="Acme <i>" if line_type else "",
                reason="",
                contacts=contacts,
            )
        for package, micros in (("", 0), ("line_type_intelligence", 9_600_000)):
            QuarterHourStat.objects.create(
                organization=organization,
                quarter=timezone.now(),
                simulated=False,
                package=package,
                currency="USD",
                asked=1_230,
                completed=1_200,
                failed=30,
                billed_micros=micros,
                latency=[0] * 12,
            )
    organization.monthly_budget_micros = 12_000_000
    organization.save()
    return organization


def test_an_empty_dashboard_says_how_to_begin(client_of: ClientOf) -> None:
    assert "Start with a list of phone numbers" in client_of("owner").get("/").content.decode()


def test_the_figures_are_those_of_the_kept_counts(client_of: ClientOf, counted: Organization) -> None:
    page = client_of("owner").get("/").content.decode()

    for words in (
        "1,200",
        "of 1,300 valid numbers",
        "94.6\N{NO-BREAK SPACE}%",
        "97.6\N{NO-BREAK SPACE}%",
        "9.60",
        "80 % used",
    ):
        assert words in page, words
    assert "Acme <i>" not in page and "Acme &lt;i&gt;" in page


def test_a_viewer_sees_no_money(client_of: ClientOf, counted: Organization) -> None:
    page = client_of("viewer").get("/").content.decode()

    assert "Spend in" not in page and "9.60" not in page


def test_nobody_outside_sees_it(
    client: Client, client_of: ClientOf, counted: Organization, other_organization: Organization
) -> None:
    assert client.get("/").status_code == 302
    assert "1,200" not in client_of("owner", at=other_organization).get("/").content.decode()
    assert client_of("owner").post("/").status_code == 405


def test_it_asks_the_database_a_bounded_number_of_times(
    client_of: ClientOf, counted: Organization, django_assert_max_num_queries: object
) -> None:
    client = client_of("owner")
    with django_assert_max_num_queries(32):  # type: ignore[operator]
        client.get("/")
