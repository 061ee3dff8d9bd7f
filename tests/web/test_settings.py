"""Settings but the accounts: who sees which section, prices, reuse, budget, organization, appearance."""

from datetime import date, timedelta

import pytest
from django.test import Client
from web_types import ClientOf

from bulk_lookup.models import Organization, Price
from bulk_lookup.models.scope import organization_scope

pytestmark = pytest.mark.django_db

TODAY = date.today()
PRICE = {"package": "caller_name", "country": "", "amount": "0.0085", "currency": "usd", "since": TODAY.isoformat()}
PLACE = {"name": "Harbor & Pine", "country_code": "DE", "time_zone": "Europe/Berlin"}

# Address, what is posted, the least role that may.
CHANGES = [
    ("prices/new", PRICE, "admin"),
    ("reuse/change", {"days": "7"}, "admin"),
    ("budget/change", {"budget": "1,200.50"}, "admin"),
    ("organization/change", PLACE, "owner"),
    ("appearance/change", {"theme": "night"}, "viewer"),
]
ROLES = ["viewer", "operator", "admin", "owner"]


def prices_of(organization: Organization) -> list[Price]:
    with organization_scope(organization.pk):
        return list(Price.objects.order_by("pk"))


def main_of(client: Client, path: str) -> str:
    return client.get(f"/settings/{path}").content.decode().split("<main", 1)[1]


@pytest.mark.parametrize(
    ("role", "first"),
    [("viewer", "/settings/members"), ("operator", "/settings/accounts"), ("owner", "/settings/accounts")],
)
def test_settings_lead_to_the_first_section_that_one_may_see(client_of: ClientOf, role: str, first: str) -> None:
    assert client_of(role).get("/settings")["Location"] == first


@pytest.mark.parametrize("section", ["prices", "reuse", "budget", "organization"])
def test_a_viewer_sees_no_section_but_appearance(client_of: ClientOf, section: str) -> None:
    viewer = client_of("viewer")

    assert viewer.get(f"/settings/{section}").status_code == 403
    assert client_of("operator").get(f"/settings/{section}").status_code == 200
    assert f"/settings/{section}" not in main_of(viewer, "appearance")


@pytest.mark.parametrize(("path", "posted", "least"), CHANGES)
@pytest.mark.parametrize("role", ROLES)
def test_who_may_change_what(client_of: ClientOf, role: str, path: str, posted: dict[str, str], least: str) -> None:
    may = ROLES.index(role) >= ROLES.index(least)

    assert client_of(role).post(f"/settings/{path}", posted).status_code == (302 if may else 403)
    assert client_of(role).get(f"/settings/{path}").status_code == 405


@pytest.mark.parametrize("section", ["", "/prices", "/reuse", "/budget", "/organization", "/appearance"])
def test_strangers_are_asked_to_sign_in(client: Client, section: str) -> None:
    assert client.get(f"/settings{section}")["Location"].startswith("/sign-in")


def test_without_its_token_a_form_does_nothing(client_of: ClientOf, organization: Organization) -> None:
    client = client_of("owner")
    client.handler.enforce_csrf_checks = True  # type: ignore[attr-defined]

    assert client.post("/settings/budget/change", {"budget": "5"}).status_code == 403
    organization.refresh_from_db()
    assert organization.monthly_budget_micros is None


def test_prices_say_by_whose_word_they_are(client_of: ClientOf) -> None:
    page = main_of(client_of("operator"), "prices")

    assert "list, as of 3 Oct 2026, not confirmed" in page
    assert "price unknown" in page, "nobody knows what SMS pumping risk costs"


def test_a_price_of_ones_own_wins_and_says_so(client_of: ClientOf, organization: Organization) -> None:
    admin = client_of("admin")
    admin.post("/settings/prices/new", PRICE)
    admin.post("/settings/prices/new", PRICE | {"country": "GB", "amount": "0.02"})
    later = TODAY + timedelta(days=40)
    admin.post("/settings/prices/new", PRICE | {"since": later.isoformat(), "amount": "0.03"})

    assert [(one.country_code, one.amount_micros) for one in prices_of(organization)] == [
        ("", 8_500), ("GB", 20_000), ("", 30_000),
    ]  # fmt: skip
    page = main_of(admin, "prices")
    for words in ("0.0085", "United Kingdom", "0.020", "0.030", f"yours, from {later.day} ", "yours, since"):
        assert words in page, words


def test_a_price_said_twice_for_a_day_is_corrected(client_of: ClientOf, organization: Organization) -> None:
    admin = client_of("admin")
    admin.post("/settings/prices/new", PRICE)
    admin.post("/settings/prices/new", PRICE | {"amount": "0.009"})

    assert [one.amount_micros for one in prices_of(organization)] == [9_000]


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": "-1"},
        {"amount": "free"},
        {"amount": "1e400"},
        {"amount": "NaN"},
        {"package": "sim_swap"},
        {"package": "<script>"},
        {"country": "Atlantis"},
        {"currency": "$$$"},
        {"since": "tomorrow"},
    ],
)
def test_a_price_that_makes_no_sense_is_refused(
    client_of: ClientOf, organization: Organization, wrong: dict[str, str]
) -> None:
    assert client_of("admin").post("/settings/prices/new", PRICE | wrong).status_code == 422
    assert prices_of(organization) == []


def test_a_price_is_removed_once_asked(
    client_of: ClientOf, organization: Organization, other_organization: Organization
) -> None:
    admin = client_of("admin")
    admin.post("/settings/prices/new", PRICE)
    (entry,) = prices_of(organization)
    path = f"/settings/prices/{entry.pk}/removal"

    assert client_of("owner", at=other_organization).post(path).status_code == 404
    assert client_of("operator").post(path).status_code == 403
    assert "Remove this price" in admin.get(path).content.decode() and prices_of(organization)
    assert admin.post(path).status_code == 302
    assert prices_of(organization) == []


@pytest.mark.parametrize(("days", "kept"), [("7", 7), ("0", 0), ("", None)])
def test_the_reuse_age_is_kept(client_of: ClientOf, organization: Organization, days: str, kept: int | None) -> None:
    assert client_of("admin").post("/settings/reuse/change", {"days": days}).status_code == 302
    organization.refresh_from_db()
    assert organization.reuse_days == kept


@pytest.mark.parametrize("days", ["-1", "4000", "a month"])
def test_an_age_that_makes_no_sense_is_refused(client_of: ClientOf, days: str) -> None:
    assert client_of("admin").post("/settings/reuse/change", {"days": days}).status_code == 422


@pytest.mark.parametrize(("typed", "kept"), [("1,200.50", 1_200_500_000), ("25", 25_000_000), ("", None)])
def test_the_budget_is_kept_and_shown(
    client_of: ClientOf, organization: Organization, typed: str, kept: int | None
) -> None:
    admin = client_of("admin")

    assert admin.post("/settings/budget/change", {"budget": typed}).status_code == 302
    organization.refresh_from_db()
    assert organization.monthly_budget_micros == kept
    assert ("of the month gone" in main_of(admin, "budget")) is (kept is not None)


@pytest.mark.parametrize("typed", ["0", "-5", "much", "99999999999999"])
def test_a_budget_that_makes_no_sense_is_refused(client_of: ClientOf, organization: Organization, typed: str) -> None:
    assert client_of("admin").post("/settings/budget/change", {"budget": typed}).status_code == 422
    organization.refresh_from_db()
    assert organization.monthly_budget_micros is None


def test_the_organization_is_renamed_and_moved(client_of: ClientOf, organization: Organization) -> None:
    assert client_of("owner").post("/settings/organization/change", PLACE).status_code == 302
    organization.refresh_from_db()
    assert (organization.name, organization.country_code, organization.time_zone) == tuple(PLACE.values())


@pytest.mark.parametrize("wrong", [{"name": ""}, {"country_code": "XX"}, {"time_zone": "Mars/Olympus"}])
def test_a_place_that_there_is_not_is_refused(
    client_of: ClientOf, organization: Organization, wrong: dict[str, str]
) -> None:
    assert client_of("owner").post("/settings/organization/change", PLACE | wrong).status_code == 422
    organization.refresh_from_db()
    assert organization.name == "Alice & Co"


def test_a_theme_is_kept_without_a_script(client_of: ClientOf) -> None:
    client = client_of("viewer")
    client.post("/settings/appearance/change", {"theme": "night"})
    assert 'data-theme="night"' in client.get("/settings/appearance").content.decode()

    client.post("/settings/appearance/change", {"theme": "system"})
    assert 'data-theme="system"' in client.get("/settings/appearance").content.decode()

    client.post("/settings/appearance/change", {"theme": "<script>"})
    assert "theme" not in client.cookies or client.cookies["theme"].value == ""


def test_single_keys_are_turned_off_and_on_without_a_script(client_of: ClientOf) -> None:
    client = client_of("viewer")
    client.post("/settings/appearance/change", {"keys_sent": "1"})
    assert 'data-keys="off"' in client.get("/settings/appearance").content.decode()

    client.post("/settings/appearance/change", {"keys_sent": "1", "keys": "on"})
    assert 'data-keys="on"' in client.get("/settings/appearance").content.decode()


@pytest.mark.parametrize("section", ["prices", "reuse", "budget", "organization", "appearance"])
def test_they_ask_the_database_a_bounded_number_of_times(
    client_of: ClientOf, section: str, django_assert_max_num_queries: object
) -> None:
    client = client_of("owner")
    with django_assert_max_num_queries(16):  # type: ignore[operator]
        client.get(f"/settings/{section}")
