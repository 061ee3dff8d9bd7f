"""Rows to test with: one of every noun for an organization, each with only what it needs."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from django.db import models

from bulk_lookup.models import (
    Claim,
    Contact,
    ContactList,
    Export,
    FacetCount,
    Import,
    Lookup,
    Organization,
    Price,
    ProviderAccount,
    QuarterHourStat,
    Run,
    Upload,
)

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def make_list(organization: Organization, name: str = "Spring") -> ContactList:
    return ContactList.objects.create(organization=organization, name=name)


def make_import(contact_list: ContactList, **fields: Any) -> Import:
    values = {"file_name": "spring.csv", "path": "/nowhere/spring.csv"} | fields
    return Import.objects.create(
        organization_id=contact_list.organization_id, contact_list_id=contact_list.pk, **values
    )


def make_contact(imported: Import, row_number: int, **fields: Any) -> Contact:
    number = f"+1415200{row_number:04d}"
    values = {"raw_phone_number": number, "formatted_phone_number": number, "country_code": "US"} | fields
    return Contact.objects.create(
        organization_id=imported.organization_id,
        contact_list_id=imported.contact_list_id,
        import_id=imported.pk,
        row_number=row_number,
        **values,
    )


def make_account(organization: Organization, **fields: Any) -> ProviderAccount:
    values = {"name": "Simulator", "account_sid": "AC1", "secret": b"x", "account_key": "k", "simulated": True} | fields
    return ProviderAccount.objects.create(organization=organization, **values)


def make_run(contact_list: ContactList, account: ProviderAccount, **fields: Any) -> Run:
    values = {"packages": ["line_type_intelligence"], "simulated": True} | fields
    return Run.objects.create(
        organization_id=contact_list.organization_id,
        contact_list_id=contact_list.pk,
        provider_account_id=account.pk,
        **values,
    )


def make_lookup(run: Run, position: int, **fields: Any) -> Lookup:
    values = {
        "formatted_phone_number": f"+1415200{position:04d}",
        "country_code": "US",
        "simulated": run.simulated,
        "due": ["line_type_intelligence"],
        "price_micros": 8_000,
    } | fields
    return Lookup.objects.create(organization_id=run.organization_id, run_id=run.pk, position=position, **values)


def make_claim(run: Run, first: int, last: int) -> Claim:
    return Claim.objects.create(
        organization_id=run.organization_id, run_id=run.pk, worker_id=UUID(int=1), first=first, last=last
    )


def make_upload(organization: Organization, **fields: Any) -> Upload:
    values = {"file": "1/uploads/abc", "file_name": "spring.csv", "bytes_total": 1, "created_at": NOON} | fields
    return Upload.objects.create(organization=organization, **values)


def fill(organization: Organization) -> list[models.Model]:
    """A row in every table of the organization; call it inside its scope."""
    contact_list = make_list(organization)
    imported = make_import(contact_list)
    account = make_account(organization)
    run = make_run(contact_list, account)
    return [
        contact_list,
        imported,
        make_contact(imported, 2),
        account,
        run,
        make_lookup(run, 1),
        make_claim(run, 1, 10),
        Price.objects.create(
            organization=organization, package="basic", amount_micros=1, valid_from=date(2026, 11, 23)
        ),
        Export.objects.create(
            organization=organization, contact_list_id=contact_list.pk, run_id=run.pk, path="-", format="csv"
        ),
        FacetCount.objects.create(
            organization=organization, contact_list_id=contact_list.pk, simulated=False, status="pending", contacts=1
        ),
        QuarterHourStat.objects.create(
            organization=organization, quarter=NOON, simulated=True, package="", currency="USD", latency=[0]
        ),
        make_upload(organization, contact_list_id=contact_list.pk, import_id=imported.pk),
    ]
