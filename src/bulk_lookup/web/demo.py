"""`python -m bulk_lookup.web.demo LIST`: a person to sign in as, and a second list whose run begins with the first worker.

`make demo` calls it on a terminal, before it starts the product in the browser.
"""

import sys
from pathlib import Path

from bulk_lookup.boot import boot

BUDGET_MICROS = 250_000_000
CAP_MICROS = 120_000_000
PACKAGES = ("line_type_intelligence",)


def prepare(path: Path) -> str:
    """Bring the list in and order its run; returns how to sign in."""
    from bulk_lookup.engine.import_file import import_file, start_import
    from bulk_lookup.engine.import_reading import inspect_file
    from bulk_lookup.engine.order_run import Order, accounts_to_ask, order_run
    from bulk_lookup.engine.quote_run import quote_run
    from bulk_lookup.models import ContactList
    from bulk_lookup.models.directory import the_organization
    from bulk_lookup.models.scope import organization_scope
    from bulk_lookup.web.people.demo import make_demo_person

    organization = the_organization()
    if organization.monthly_budget_micros is None:
        organization.monthly_budget_micros = BUDGET_MICROS
        organization.save(update_fields=["monthly_budget_micros"])
    email, password = make_demo_person(organization)
    with organization_scope(organization.pk):
        known = ContactList.objects.filter(name=path.stem).exists()
    if not known:
        mapping = inspect_file(path, organization_country=organization.country_code or None).mapping
        one = start_import(organization.pk, list_name=path.stem, file_name=path.name, path=path, mapping=mapping)
        import_file(organization.pk, one.pk)
        with organization_scope(organization.pk):
            account = accounts_to_ask(organization.pk)[0]
            quote = quote_run(organization.pk, one.contact_list_id, PACKAGES, simulated=account.simulated)
            order = Order(
                contact_list_id=one.contact_list_id,
                provider_account_id=account.pk,
                packages=PACKAGES,
                reuse_days=None,
                cap_micros=CAP_MICROS,
                agreed_micros=quote.cost_micros,
                token="",
            )
            order_run(organization.pk, order)
    return f"Sign in as {email} with the password {password}"


if __name__ == "__main__":
    boot()
    sys.stdout.write(prepare(Path(sys.argv[1])) + "\n")
