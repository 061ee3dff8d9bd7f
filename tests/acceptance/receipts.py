"""Receipts held against the simulator's ledger, in sum and number by number."""

from typing import TYPE_CHECKING, Any

from bulk_lookup.core.pricing import to_micros

if TYPE_CHECKING:
    from bulk_lookup.models import Lookup, Run

PRICES = {"line_type_intelligence": 8_000, "caller_name": 10_000}


def assert_receipts_cover(run: "Run", ledger: dict[str, Any]) -> None:
    """billed + unknown ≥ ledger ≥ billed, equal where nothing is unknown; each number, and their sum."""
    from bulk_lookup.models import Lookup
    from bulk_lookup.models.scope import organization_scope

    with organization_scope(run.organization_id):
        lookups = list(Lookup.objects.filter(run_id=run.pk))
    asked = {lookup.formatted_phone_number for lookup in lookups}
    strangers = {number for number, entry in ledger["numbers"].items() if entry["billed"]} - asked
    assert not strangers, f"the provider billed numbers that have no receipt: {sorted(strangers)[:3]}"
    for lookup in lookups:
        entry = ledger["numbers"].get(lookup.formatted_phone_number, {"billed": {}})
        bill = sum(times * PRICES[package] for package, times in entry["billed"].items())
        assert lookup.billed_micros <= bill <= lookup.billed_micros + lookup.unknown_micros, _told(lookup, entry)
        for package, times in entry["billed"].items():
            unknown = _unknown_attempts(lookup, package)
            assert times <= 1 + unknown, f"bought again without an unknown attempt: {_told(lookup, entry)}"
    billed, unknown = sum(one.billed_micros for one in lookups), sum(one.unknown_micros for one in lookups)
    total = to_micros(ledger["billed_total"])
    assert billed <= total <= billed + unknown
    assert run.spent_micros == billed + unknown
    assert run.unknown_micros == unknown


def _unknown_attempts(lookup: "Lookup", package: str) -> int:
    """Attempts of this package recorded as of unknown bill, the latest included."""
    receipts = [lookup.packages, *(attempt.get("packages") or {} for attempt in lookup.earlier_attempts)]
    return sum(receipt.get(package, {}).get("billing") == "unknown" for receipt in receipts)


def _told(lookup: "Lookup", entry: dict[str, Any]) -> str:
    return (
        f"{lookup.formatted_phone_number}: ledger {entry}, billed {lookup.billed_micros}, unknown {lookup.unknown_micros}, "
        f"{lookup.packages}, {lookup.earlier_attempts}"
    )
