"""Tables with tens of thousands of rows, made by the server in a second: three organizations, one of them large."""

from typing import Any

import cast
from django.db import connection, models

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
from bulk_lookup.models.scope import organization_scope

LARGE = 30_000

# What a column gets that is not named; a column that may be null gets null.
_EMPTY = {
    models.TextField: "''",
    models.BigIntegerField: "0",
    models.IntegerField: "0",
    models.SmallIntegerField: "0",
    models.FloatField: "0",
    models.BooleanField: "false",
    models.JSONField: "'{}'",
    models.DateTimeField: "now()",
}
_NUMBER = "'+1415' || lpad(n::text, 7, '0')"
_OVER_TIME = "now() - n * interval '1 minute'"
_STATUS = (
    "case when n % 20 < 12 then 'completed' when n % 20 < 17 then 'pending' when n % 20 = 17 then 'invalid' "
    "when n % 20 = 18 then 'duplicate' else 'failed' end"
)


def gather() -> tuple[Organization, ContactList, Run]:
    """Make them; returns the large organization with its largest list and the run over that. Nothing is analyzed less."""
    large = Organization.objects.create(name="Large")
    small = [Organization.objects.create(name=f"Small {number}") for number in range(2)]
    for one in small:
        _fill(one, LARGE // 10)
    made = _fill(large, LARGE)
    with connection.cursor() as cursor:
        cursor.execute("analyze")
    return large, *made


def insert(model: type[models.Model], count: int, **values: str) -> None:
    """Insert so many rows, each column an SQL expression over `n` from 1 on."""
    fields = [
        field
        for field in model._meta.concrete_fields
        if not isinstance(field, models.AutoField | models.GeneratedField)
    ]
    given = [values.get(str(field.column)) or _empty(field) for field in fields]
    columns = ", ".join(f'"{field.column}"' for field in fields)
    with connection.cursor() as cursor:
        cursor.execute(
            f"insert into {model._meta.db_table} ({columns}) select {', '.join(given)} from generate_series(1, {count}) as n"
        )


def _fill(organization: Organization, rows: int) -> tuple[ContactList, Run]:
    own = {"organization_id": str(organization.pk)}
    with organization_scope(organization.pk):
        account = cast.make_account(organization)
        largest = cast.make_list(organization, "largest")
        imported = cast.make_import(largest)
        run = cast.make_run(largest, account, state="running", numbers=rows // 2)
        of_list = own | {"contact_list_id": str(largest.pk)}
        insert(ContactList, rows // 10, **own, created_at=_OVER_TIME)
        insert(ProviderAccount, rows // 10, **own, account_sid="'AC' || n", created_at=_OVER_TIME)
        insert(Import, rows // 10, **own, contact_list_id=f"{largest.pk} + 1 + n % 100", state="'finished'")
        insert(Upload, rows // 10, **own, file="'file ' || n", import_id="n", created_at=_OVER_TIME)
        insert(
            Contact,
            rows,
            **of_list,
            import_id=str(imported.pk),
            row_number="n + 1",
            formatted_phone_number=f"case when n % 20 = 17 then null else {_NUMBER} end",
            country_code="'US'",
            status=_STATUS,
            lookup_performed_at=_OVER_TIME,
            created_at=_OVER_TIME,
            updated_at=_OVER_TIME,
            repairs="'{}'",
            other_phone_numbers="'{}'",
        )
        of_account = of_list | {"provider_account_id": str(account.pk)}
        insert(Run, rows // 10, **of_account, state="'finished'", packages="'{}'", created_at=_OVER_TIME)
        insert(
            Lookup,
            rows // 2,
            **own,
            run_id=str(run.pk),
            position="n",
            formatted_phone_number=_NUMBER,
            country_code="'US'",
            simulated="true",
            due="'{line_type_intelligence}'",
            price_micros="8000",
            state="case when n < 10000 then 'done' else 'pending' end",
            validation_errors="'{}'",
        )
        of_run = own | {"run_id": f"{run.pk} + n % 1000"}
        insert(Claim, rows // 10, **of_run, worker_id="gen_random_uuid()", first="n", last="n + 999")
        insert(Export, rows // 10, **of_run, contact_list_id=str(largest.pk), state="'ready'")
        insert(
            FacetCount,
            rows // 3,
            **own,
            contact_list_id=f"{largest.pk} + n % 50",
            simulated="n % 2 = 0",
            status=_STATUS,
            carrier_name="'Carrier ' || n",
        )
        insert(
            QuarterHourStat,
            rows // 3,
            **own,
            quarter="date_bin('15 minutes', now(), 'epoch') - n * interval '15 minutes'",
            latency="'{0}'",
        )
        insert(
            Price,
            rows // 10,
            **own,
            package="'package ' || n % 100",
            country_code="n::text",
            valid_from="current_date",
            source="'yours'",
        )
    return largest, run


def _empty(field: "models.Field[Any, Any]") -> str:
    if field.null:
        return "null"
    if field.choices:
        return f"'{field.default}'"
    return next((text for kind, text in _EMPTY.items() if isinstance(field, kind)), "''")
