"""The statements that move receipts, called as the engine calls them, on Django's connection and inside a scope."""

import json
from datetime import datetime
from typing import Any

from cast import NOON
from django.db import connection

from bulk_lookup.models import Contact, FacetCount, Lookup, Run
from bulk_lookup.models.quarter_hour_stat import LATENCY_BUCKETS_MS
from bulk_lookup.models.queries import query

FACET = ("simulated", "status", "country_code", "line_type", "carrier_name", "reason")


def claim(run: Run, claim_id: int, *, first: int = 1, last: int = 1000, want: int = 100) -> list[dict[str, Any]]:
    """What `claim_lookups.sql` has taken, each row with how the run stands; one row without a position where it took nothing."""
    [head] = _rows("claim_lookups", _place(run) | {"first": first, "last": last, "want": want, "claim_id": claim_id})
    taken = head.pop("taken")
    return [head | row for row in taken] or [head | {"position": None}]


def store(run: Run, *rows: dict[str, Any]) -> tuple[str, int, int]:
    """Store a batch; returns the run's state, how many numbers are left, and how many rows were written."""
    with connection.cursor() as cursor:
        cursor.execute("select from run where id = %s for update", [run.pk])
    found = _rows(
        "store_answers", _terms(run) | {"batch": json.dumps(rows), "latency_buckets": list(LATENCY_BUCKETS_MS)}
    )
    return found[0]["state"], found[0]["pending"], found[0]["stored"]


def release(run: Run, claim_id: int, *, first: int = 1, last: int = 1000, unknown_tries: int = 2) -> int:
    """Release what a dead worker's claim holds; returns how many lookups that were."""
    terms = _terms(run) | {"claim_id": claim_id, "first": first, "last": last, "unknown_tries": unknown_tries}
    found = _rows("release_claim", terms | {"latency_buckets": len(LATENCY_BUCKETS_MS) + 1})
    return int(found[0]["released"])


def answer(position: int, claim_id: int, **fields: Any) -> dict[str, Any]:
    """A row of a batch: by default a mobile number's answer, billed, as `engine/run_desk.py` writes it."""
    receipt = {
        "outcome": "done",
        "billing": "billed",
        "cost": 8_000,
        "at": NOON.isoformat(),
        "answer": {"type": "mobile"},
    }
    return {
        "position": position,
        "claim_id": claim_id,
        "state": "done",
        "attempts": 0,
        "tries": None,
        "due": [],
        "price_micros": 0,
        "ask_at": None,
        "answered_at": NOON.isoformat(),
        "packages": {"line_type_intelligence": receipt},
        "billed_micros": 8_000,
        "unknown_micros": 0,
        "valid": True,
        "validation_errors": [],
        "reason": "",
        "error_code": None,
        "response_time_ms": 120,
        "request_id": "RQ1",
        "reserved_micros": 8_000,
        "shown": True,
        "line_type": "mobile",
        "carrier_name": "Acme",
        "answers": {},
        "ages": {"line_type_intelligence": NOON.isoformat()},
    } | fields


def failure(position: int, claim_id: int, **fields: Any) -> dict[str, Any]:
    """A row of a batch for a request that brought no answer and was not processed."""
    nothing: dict[str, Any] = dict.fromkeys(
        ("answered_at", "valid", "validation_errors", "response_time_ms", "line_type", "carrier_name")
    )
    given = {"state": "failed", "reason": "not_found", "packages": {}, "billed_micros": 0, "ages": {}, "request_id": ""}
    return answer(position, claim_id) | nothing | given | fields


def kept_facets(contact_list_id: int) -> dict[tuple[Any, ...], int]:
    """The facet rollup as the statements have kept it."""
    kept = FacetCount.objects.filter(contact_list_id=contact_list_id).exclude(contacts=0)
    return {tuple(getattr(one, name) for name in FACET): one.contacts for one in kept}


def counted_facets(contact_list_id: int) -> dict[tuple[Any, ...], int]:
    """The same, counted over the contacts."""
    counted: dict[tuple[Any, ...], int] = {}
    for contact in Contact.objects.of_list(contact_list_id):
        reason = contact.validation_error if contact.status == "invalid" else contact.reason
        key = (*(getattr(contact, name) for name in FACET[:-1]), reason)
        counted[key] = counted.get(key, 0) + 1
    return counted


def attempts(lookup: Lookup) -> list[dict[str, Any]]:
    """The receipts of every attempt of a lookup, the latest last."""
    return [*(attempt["packages"] or {} for attempt in lookup.earlier_attempts), lookup.packages]


def money(lookup: Lookup, billing: str) -> int:
    """What the receipts of all attempts say was billed, or may have been (`unknown`)."""
    return sum(
        receipt["cost"]
        for packages in attempts(lookup)
        for receipt in packages.values()
        if receipt["billing"] == billing
    )


def _place(run: Run) -> dict[str, Any]:
    return {"organization_id": run.organization_id, "run_id": run.pk}


def _terms(run: Run) -> dict[str, Any]:
    return _place(run) | {
        "contact_list_id": run.contact_list_id,
        "simulated": run.simulated,
        "currency": run.currency,
    }


def _rows(name: str, parameters: dict[str, Any]) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(query(name), parameters)
        columns = [column.name for column in cursor.description]
        return [dict(zip(columns, map(read_value, row), strict=True)) for row in cursor.fetchall()]


def read_value(value: Any) -> Any:
    # Django's cursors leave jsonb as text.
    if isinstance(value, str) and value[:1] in "{[":
        return json.loads(value)
    return value.isoformat() if isinstance(value, datetime) else value
