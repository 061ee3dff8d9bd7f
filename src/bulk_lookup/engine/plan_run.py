"""The plan: write the lookups of a run in one statement, then start it."""

import structlog
from django.db import connection

from bulk_lookup.engine.offers import currencies, prices_by_country, unknown_prices
from bulk_lookup.engine.quote_run import due_parameters, offers_for
from bulk_lookup.models import Run
from bulk_lookup.models.queries import query
from bulk_lookup.models.scope import organization_scope

log = structlog.get_logger()

SHOW_AT_ONCE = 20_000  # positions whose reused answers are copied to contacts in one transaction


def plan_run(organization_id: int, run_id: int) -> None:
    """planning → running, with the lookups numbered from 1 on; a run that is not planning is left alone.

    The list and the prices may have changed since the quote: a plan that is dearer, in another currency, or has a package
    without a price under a cap goes back to draft, with the reason `quote_changed`.
    """
    with organization_scope(organization_id):
        run = Run.objects.select_for_update().filter(id=run_id, state=Run.State.PLANNING).first()
        if run is None:
            return
        if not run.numbers:
            _write_lookups(run)
            if run.state == Run.State.DRAFT:
                return
    _analyze()
    _show_reused(organization_id, run_id)
    with organization_scope(organization_id):
        run = Run.objects.select_for_update().get(id=run_id)
        if run.state == Run.State.PLANNING:
            run.begin()
    log.info("The run is planned", action="run_planned", run_id=run_id, numbers=run.numbers)


def _write_lookups(run: Run) -> None:
    offers = offers_for(run.contact_list_id, run.packages, reuse_days=run.reuse_days)
    parameters = due_parameters(run.organization_id, run.contact_list_id, offers, simulated=run.simulated)
    parameters["run_id"] = run.pk
    with connection.cursor() as cursor:
        cursor.execute(query("due_lookups") + query("plan_run"), parameters)
        cursor.execute(query("count_plan"), parameters)
        row = cursor.fetchone()
    assert row is not None
    run.numbers, run.skipped, run.reused, cost, _ = row
    unknown = unknown_prices(offers)
    other_currency = currencies(offers) - {run.currency}
    if cost > run.quoted_micros or other_currency or (unknown and run.cap_micros is not None):
        with connection.cursor() as cursor:
            cursor.execute(
                "delete from lookup where organization_id = %s and run_id = %s", [run.organization_id, run.pk]
            )
        run.numbers = run.skipped = run.reused = 0
        run.state, run.reason = Run.State.DRAFT, "quote_changed"
    else:
        # What is reserved for a lookup and what its answer is settled at are the same prices: those of the plan.
        run.quote = run.quote | {"prices": prices_by_country(offers), "unknown_prices": unknown}
    run.save(update_fields=["numbers", "skipped", "reused", "state", "reason", "quote", "updated_at"])


def _show_reused(organization_id: int, run_id: int) -> None:
    """Copy what is reused, or skipped, to the contacts, range by range; again after a kill is harmless."""
    first = 1
    while True:
        with organization_scope(organization_id):
            run = Run.objects.get(id=run_id)
            if first > run.numbers or run.state != Run.State.PLANNING:
                return
            with connection.cursor() as cursor:
                cursor.execute(
                    query("show_reused"),
                    {
                        "organization_id": organization_id,
                        "run_id": run_id,
                        "contact_list_id": run.contact_list_id,
                        "simulated": run.simulated,
                        "first": first,
                        "last": first + SHOW_AT_ONCE - 1,
                    },
                )
        first += SHOW_AT_ONCE


def _analyze() -> None:
    """A fresh run would be planned for with stale statistics otherwise."""
    with connection.cursor() as cursor:
        cursor.execute("analyze lookup")
