"""What is kept beside the receipts is only a copy of them: the contacts' columns, the facet rollup, the statistics."""

from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from acceptance_stage import Workers, wait_until
from simulator_control import Simulator

from bulk_lookup.core.data_package import CATALOGUE, ColumnKind

if TYPE_CHECKING:
    from bulk_lookup.models import Contact, Lookup, Run

LINE, NAME, STATUS, RISK = "line_type_intelligence", "caller_name", "line_status", "sms_pumping_risk"
CALIFORNIA = [f"+1415{2_000_000 + place:07d}" for place in range(150)]
ONTARIO = [f"+1416{2_000_000 + place:07d}" for place in range(25)]
ENGLAND = [f"+4479110{place:05d}" for place in range(25)]
NO_NUMBERS = ["n/a", "12", "call the office"]
ROWS = [*CALIFORNIA, *ONTARIO, *ENGLAND, *CALIFORNIA[:20], *ENGLAND[:5], *NO_NUMBERS]

FAULTS = {
    "error_rate": "6%",
    "reset_rate": "6%",
    "garbage_rate": "3%",
    "refuse_rate": "5%",
    "package_error_rate": "15%",
    "uncovered_rate": "5%",
    "invalid_rate": "10%",
    "canada_approved": "off",  # the first refusal is learnt, and the rest of Canada is left out
    "seed": "11",
}

# Columns of a contact that are real ones; what other packages say stands in `answers`.
REAL = {
    "line_type",
    "carrier_name",
    "mobile_country_code",
    "mobile_network_code",
    "caller_name",
    "caller_type",
    "line_status",
    "is_number_reassigned",
}


def test_contacts_facets_and_statistics_can_be_made_again_from_the_receipts(
    simulator: Callable[..., Simulator], workers: Workers, order: Callable[..., "Run"]
) -> None:
    """Three purchases over one list, with all the faults: a run, its failures again, and a run that reuses what it can."""
    from bulk_lookup.models import Run
    from bulk_lookup.models.scope import organization_scope

    provider = simulator(latency="5ms", jitter="10ms", **FAULTS)
    first = order(ROWS, provider, packages=[LINE, NAME, STATUS, RISK])
    workers.start("--queue", "files")
    workers.start("--queue", "lookups", BULK_LOOKUP_WAIT_UNKNOWN="0.3")
    with organization_scope(first.organization_id):
        first.start()
    wait_until(first, "finished")
    assert first.done
    assert first.failed
    assert first.unknown_micros
    check_everything(first)

    with organization_scope(first.organization_id):
        assert first.retry_failed() == first.numbers - first.done - first.skipped - first.reused
    wait_until(first, "finished")
    check_everything(first)

    with organization_scope(first.organization_id):
        second = Run.objects.get(pk=first.pk)
        second.pk, second.state = None, Run.State.DRAFT
        second.numbers = second.done = second.failed = second.skipped = second.reused = 0
        second.spent_micros = second.unknown_micros = 0
        second.next_position, second.finished_at = 1, None
        second.save(force_insert=True)
        second.start()
    wait_until(second, "finished")
    assert second.reused
    check_everything(second)


def check_everything(run: "Run") -> None:
    """Make everything again from the receipts of all runs of the organization, and find no difference."""
    from bulk_lookup.models import Contact, Lookup, QuarterHourStat
    from bulk_lookup.models.scope import organization_scope

    with organization_scope(run.organization_id):
        receipts: dict[str, list[Lookup]] = {}
        for lookup in Lookup.objects.order_by("run_id"):
            receipts.setdefault(lookup.formatted_phone_number, []).append(lookup)
        contacts = list(Contact.objects.of_list(run.contact_list_id).order_by("row_number"))
        statistics = list(QuarterHourStat.objects.all())
        lookups = [lookup for found in receipts.values() for lookup in found]
        assert kept_facets(run.contact_list_id) == counted_facets(contacts)
    for contact in contacts:
        told = receipts.get(contact.formatted_phone_number or "")
        if told is None:
            assert (contact.status, contact.answers, contact.run_id) == ("invalid", {}, None)
        else:
            assert columns(contact) == made_again(contact, told), told[-1].packages
    check_run(run, [lookup for lookup in lookups if lookup.run_id == run.pk])
    check_statistics(statistics, lookups)


def columns(contact: "Contact") -> dict[str, Any]:
    """The columns of a contact that are a copy."""
    names = ("valid", "answers", "answered_at", "reason", "error_code", "api_cost_micros", "api_response_time_ms")
    return {name: getattr(contact, name) for name in (*sorted(REAL), *names, "status", "simulated", "run_id")} | {
        "looked_up": contact.lookup_performed_at is not None,
    }


def made_again(contact: "Contact", lookups: "list[Lookup]") -> dict[str, Any]:
    """The same from the receipts of its number, the oldest first."""
    newest = lookups[-1]
    made: dict[str, Any] = dict.fromkeys(REAL, "") | {
        "answers": {},
        "answered_at": {},
        "valid": None,
        "status": "pending",
    }
    for lookup in lookups:
        for packages in [*(attempt["packages"] or {} for attempt in lookup.earlier_attempts), lookup.packages]:
            for package, receipt in packages.items():
                if receipt["outcome"] in ("done", "reused") or receipt.get("reason") == "partial_data":
                    made["answered_at"][package] = receipt["at"]
                    tell(made, package, receipt.get("answer", {}))
        if lookup.valid is not None:
            made["valid"] = lookup.valid
        words = {"done": "completed", "reused": "completed", "failed": "failed"}
        made["status"] = words.get(lookup.state, made["status"])
        made["looked_up"] = made.get("looked_up", False) or made["status"] != "pending" or bool(made["answered_at"])
    duplicate = contact.duplicate_of is not None
    return made | {
        "reason": newest.reason,
        "error_code": newest.error_code,
        "api_cost_micros": 0 if duplicate else newest.billed_micros + newest.unknown_micros,
        "api_response_time_ms": newest.response_time_ms,
        "status": "duplicate" if duplicate else made["status"],
        "simulated": True,
        "run_id": newest.run_id,
    }


def tell(made: dict[str, Any], package: str, answer: dict[str, Any]) -> None:
    for column in CATALOGUE[package].columns:
        value = answer.get(column.source)
        if column.name in REAL:
            made[column.name] = "" if value is None else str(value)
        elif value is not None and (value or column.kind is not ColumnKind.TEXT):
            made["answers"][column.name] = value


def kept_facets(contact_list_id: int) -> Counter[tuple[Any, ...]]:
    from bulk_lookup.models import FacetCount

    words = ("simulated", "status", "country_code", "line_type", "carrier_name", "reason")
    found = FacetCount.objects.filter(contact_list_id=contact_list_id)
    return +Counter({tuple(getattr(one, word) for word in words): one.contacts for one in found})


def counted_facets(contacts: "list[Contact]") -> Counter[tuple[Any, ...]]:
    return Counter(
        (
            one.simulated,
            one.status,
            one.country_code,
            one.line_type,
            one.carrier_name,
            one.validation_error if one.status == "invalid" else one.reason,
        )
        for one in contacts
    )


def check_run(run: "Run", lookups: "list[Lookup]") -> None:
    """The counters and the money of a run are those of its lookups."""
    states = Counter(lookup.state for lookup in lookups)
    assert (run.numbers, run.done, run.failed) == (len(lookups), states["done"], states["failed"])
    assert (run.skipped, run.reused) == (states["skipped"], states["reused"])
    billed, unknown = sum(one.billed_micros for one in lookups), sum(one.unknown_micros for one in lookups)
    assert (run.spent_micros, run.unknown_micros, run.reserved_micros) == (billed + unknown, unknown, 0)


def check_statistics(statistics: list[Any], lookups: "list[Lookup]") -> None:
    """Each package's sums over all quarter hours are those of every attempt's receipts; and so is all their money."""
    told: dict[str, Counter[str]] = {}
    for lookup in lookups:
        for packages in [*(attempt["packages"] or {} for attempt in lookup.earlier_attempts), lookup.packages]:
            for package, receipt in packages.items():
                if receipt["outcome"] not in ("skipped", "reused"):
                    one = told.setdefault(package, Counter())
                    one["asked"] += 1
                    one["completed"] += receipt["outcome"] == "done"
                    one["failed"] += receipt["outcome"] == "failed"
                    one["unknown"] += receipt["billing"] == "unknown"
                    if receipt["billing"] in ("billed", "unknown"):
                        one[f"{receipt['billing']}_micros"] += receipt["cost"]
    kept: dict[str, Counter[str]] = {}
    for stat in statistics:
        assert stat.simulated
        one = kept.setdefault(stat.package, Counter())
        for name in ("asked", "completed", "failed", "unknown", "billed_micros", "unknown_micros"):
            one[name] += getattr(stat, name)
        one["timed"] += sum(stat.latency)
    whole = kept.pop("")
    assert {package: +one for package, one in kept.items()} == {package: +one for package, one in told.items()}
    for billing in ("billed_micros", "unknown_micros"):
        assert sum(one[billing] for one in kept.values()) == sum(getattr(one, billing) for one in lookups)
    assert whole["completed"] == sum(lookup.state == "done" for lookup in lookups)
    assert whole["asked"] == sum(lookup.attempts for lookup in lookups) >= whole["timed"] > 0
