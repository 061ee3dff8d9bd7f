"""A plan buys at no other prices than it reserves, and nothing that the quote did not say."""

from datetime import date
from typing import Any

import pytest

from bulk_lookup.engine.plan_run import plan_run
from bulk_lookup.engine.quote_run import quote_run
from bulk_lookup.models import Contact, ContactList, Import, Lookup, Organization, Price, ProviderAccount, Run
from bulk_lookup.models.scope import organization_scope

pytestmark = pytest.mark.django_db(transaction=True)

LINE, RISK = "line_type_intelligence", "sms_pumping_risk"


def test_a_price_that_fell_since_the_quote_is_the_one_that_answers_are_settled_at(organization: Organization) -> None:
    run = quoted(organization)
    set_price(organization, 5_000)

    plan(run)

    with organization_scope(organization.pk):
        assert {lookup.price_micros for lookup in Lookup.objects.all()} == {5_000}
    assert (run.state, run.quote["prices"]) == ("running", {"US": {LINE: 5_000}})
    assert run.quoted_micros == 16_000, "what was agreed to is kept"


@pytest.mark.parametrize(("micros", "currency"), [(8_001, "USD"), (7_000, "EUR")])
def test_a_price_that_rose_or_changed_its_currency_sends_the_run_back(
    organization: Organization, micros: int, currency: str
) -> None:
    run = quoted(organization)
    set_price(organization, micros, currency=currency)

    plan(run)

    assert (run.state, run.reason, run.numbers) == ("draft", "quote_changed", 0)
    with organization_scope(organization.pk):
        assert not Lookup.objects.exists()


def test_a_number_of_a_country_without_a_price_is_not_bought_under_a_cap(organization: Organization) -> None:
    run = quoted(organization, packages=[LINE, RISK], cap_micros=1_000_000)
    with organization_scope(organization.pk):
        add_contact(
            run.contact_list_id, 9, "+442079460958", "GB"
        )  # pumping risk is for sale there, at nobody knows what
        Contact.objects.filter(row_number=1).delete()

    plan(run)

    assert (run.state, run.reason) == ("draft", "quote_changed")


def test_a_list_without_numbers_is_finished_at_once(organization: Organization) -> None:
    run = quoted(organization)
    with organization_scope(organization.pk):
        Contact.objects.all().delete()

    plan(run)

    assert (run.state, run.numbers) == ("finished", 0)


def test_a_list_of_which_nothing_is_covered_is_finished_at_once(organization: Organization) -> None:
    run = quoted(organization, packages=[RISK])  # not for sale in the United States

    plan(run)

    assert (run.state, run.numbers, run.skipped) == ("finished", 2, 2)


def quoted(organization: Organization, *, packages: list[str] | None = None, **terms: Any) -> Run:
    """A run over two American numbers, quoted at the published prices and started."""
    packages = packages or [LINE]
    with organization_scope(organization.pk):
        contact_list = ContactList.objects.create(organization=organization, name="list")
        account = ProviderAccount.objects.create(
            organization=organization, name="a", account_sid="AC", secret=b"", account_key="k", simulated=True
        )
        Import.objects.create(organization=organization, contact_list_id=contact_list.pk, file_name="", path="")
        for row_number in (1, 2):
            add_contact(contact_list.pk, row_number, f"+1415200000{row_number}", "US")
        quote = quote_run(organization.pk, contact_list.pk, packages, simulated=True)
        run = Run.objects.create(
            organization=organization,
            contact_list_id=contact_list.pk,
            provider_account_id=account.pk,
            packages=packages,
            simulated=True,
            quote=quote.as_json(),
            quoted_micros=quote.cost_micros,
            **terms,
        )
        run.start()
        return run


def plan(run: Run) -> None:
    plan_run(run.organization_id, run.pk)
    with organization_scope(run.organization_id):
        run.refresh_from_db()


def add_contact(contact_list_id: int, row_number: int, number: str, country_code: str) -> None:
    imported = Import.objects.get(contact_list_id=contact_list_id)
    Contact.objects.create(
        organization_id=imported.organization_id,
        contact_list_id=contact_list_id,
        import_id=imported.pk,
        row_number=row_number,
        formatted_phone_number=number,
        country_code=country_code,
        cells=[],
    )


def set_price(organization: Organization, micros: int, *, currency: str = "USD") -> None:
    with organization_scope(organization.pk):
        Price.objects.create(
            organization=organization,
            package=LINE,
            amount_micros=micros,
            currency=currency,
            valid_from=date(2026, 1, 1),
        )
