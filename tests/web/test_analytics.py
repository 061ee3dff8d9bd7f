"""Analytics: figures of a span of days, from the kept quarter hours."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone
from web_types import ClientOf

from bulk_lookup.models import ContactList, Organization, QuarterHourStat
from bulk_lookup.models.scope import organization_scope

pytestmark = pytest.mark.django_db

PAGES = ("volume", "quality", "costs", "speed")


@pytest.fixture
def counted(organization: Organization) -> Organization:
    """Two days of lookups: 90 and 10 completed, 10 failed on the first; 0.80 USD, of it 0.08 of unknown bill."""
    with organization_scope(organization.pk):
        ContactList.objects.create(organization=organization, name="Spring")
        for days_ago, completed, failed, micros, unknown in ((0, 90, 10, 640_000, 80_000), (1, 10, 0, 80_000, 0)):
            for package in ("", "line_type_intelligence"):
                QuarterHourStat.objects.create(
                    organization=organization,
                    quarter=timezone.now() - timedelta(days=days_ago),
                    simulated=False,
                    package=package,
                    currency="USD",
                    asked=completed + failed,
                    completed=completed,
                    failed=failed,
                    unknown=10 if unknown else 0,
                    billed_micros=micros if package else 0,
                    unknown_micros=unknown if package else 0,
                    latency=[0, 0, 0, completed, 0, 0, 0, 0, 0, 0, 0, 0],
                )
    return organization


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_there_with_and_without_data(client_of: ClientOf, counted: Organization, name: str) -> None:
    client = client_of("operator")

    assert client.get(f"/analytics/{name}?data=real").status_code == 200
    assert client.get(f"/analytics/{name}?data=simulated").status_code == 200
    assert client.get(f"/analytics/{name}?from=2020-01-01&to=2020-01-05").status_code == 200


def test_costs_add_up(client_of: ClientOf, counted: Organization) -> None:
    page = client_of("admin").get("/analytics/costs?data=real").content.decode()

    for words in ("0.80", "0.80 / 100 completed", "10 cut off, counted as spent", "0.008"):
        assert words in page, words


def test_volume_has_each_day(client_of: ClientOf, counted: Organization) -> None:
    page = client_of("viewer").get("/analytics/volume?data=real").content.decode().partition("Daily figures")[2]

    assert page.count('<th scope="row"><a href="/contacts?looked_up_from=') == 2


def test_speed_reads_the_buckets(client_of: ClientOf, counted: Organization) -> None:
    page = client_of("viewer").get("/analytics/speed?data=real").content.decode()

    assert "100–200 ms" in page and "150 ms" in page


@pytest.mark.parametrize("query", ["from=x", "to=0001-01-01", "from=1900-01-01", "from=2026-01-02&to=2025-01-01"])
def test_nonsense_in_the_span_is_no_error(client_of: ClientOf, query: str) -> None:
    for name in PAGES:
        assert client_of("operator").get(f"/analytics/{name}?{query}").status_code == 200


def test_days_are_those_of_the_organization(client_of: ClientOf, organization: Organization) -> None:
    organization.time_zone = "Pacific/Auckland"
    organization.save()
    with organization_scope(organization.pk):
        QuarterHourStat.objects.create(
            organization=organization,
            quarter=datetime(2026, 5, 1, 20, 0, tzinfo=UTC),
            simulated=False,
            package="",
            currency="USD",
            asked=1,
            completed=1,
            latency=[0] * 12,
        )
    page = client_of("viewer").get("/analytics/volume?data=real&from=2026-05-01&to=2026-05-03").content.decode()

    assert "looked_up_from=2026-05-02" in page


@pytest.mark.parametrize("name", PAGES)
def test_who_may_look(
    client: Client, client_of: ClientOf, counted: Organization, other_organization: Organization, name: str
) -> None:
    address = f"/analytics/{name}?data=real"

    assert client.get(address).status_code == 302
    assert client_of("viewer").get(address).status_code == (403 if name == "costs" else 200)
    assert client_of("owner").post(address).status_code == 405
    assert "0.80" not in client_of("owner", at=other_organization).get(address).content.decode()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_asks_the_database_a_bounded_number_of_times(
    client_of: ClientOf, counted: Organization, name: str, django_assert_max_num_queries: object
) -> None:
    client = client_of("owner")
    with django_assert_max_num_queries(26):  # type: ignore[operator]
        client.get(f"/analytics/{name}?data=real")
