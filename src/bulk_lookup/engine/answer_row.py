"""One answer as a row of `store_answers.sql`: its receipt, and the contact columns that it fills in."""

import re
from datetime import UTC, datetime
from typing import Any

import orjson

from bulk_lookup.core.answer import contact_columns
from bulk_lookup.core.settlement import Settlement
from bulk_lookup.engine.claimed import Claimed

# Columns of the contact that are real columns; what other packages say goes into `answers`.
_REAL_COLUMNS = frozenset(
    {
        "line_type",
        "carrier_name",
        "mobile_country_code",
        "mobile_network_code",
        "caller_name",
        "caller_type",
        "line_status",
        "is_number_reassigned",
    }
)

_NUL = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")


def answer_row(claimed: Claimed, settlement: Settlement) -> dict[str, Any]:
    """One row of `store_answers.sql`."""
    answer = settlement.answer
    row: dict[str, Any] = {
        "position": claimed.position,
        "claim_id": claimed.claim_id,
        "state": settlement.state,
        "attempts": 0 if settlement.counts else -1,
        "tries": settlement.tries,
        "due": settlement.due,
        "price_micros": settlement.price_micros,
        "ask_at": settlement.ask_at,
        "packages": settlement.receipts,
        "billed_micros": settlement.billed_micros,
        "unknown_micros": settlement.unknown_micros,
        "reason": settlement.reason,
        "error_code": _small(settlement.error_code),
        "request_id": "",
        "reserved_micros": claimed.reserved_micros,
        "shown": settlement.state != "pending" or settlement.unknown_micros + settlement.billed_micros > 0,
        "answers": {},
        "ages": {},
    }
    if answer is None:
        return row
    now = datetime.now(UTC)
    row |= {
        "shown": True,
        "answered_at": now,
        "valid": answer.valid,
        "validation_errors": [text for text in answer.validation_errors if text],
        "response_time_ms": answer.response_time_ms,
        "request_id": answer.request_id or "",
        "ages": {p: settlement.receipts[p]["at"] for p, part in answer.packages.items() if part.useful},
    }
    for name, value in contact_columns(answer).items():
        if name in _REAL_COLUMNS:
            row[name] = _clean(value)
        elif value is not None:
            row["answers"][name] = _clean(value) if isinstance(value, str) else value
    return row


def _clean(value: Any) -> str:
    return "" if value is None else str(value).replace("\x00", "")


def _small(code: int | None) -> int | None:
    # The column has 32 bits, whatever a provider sends; the receipt keeps the number as it came.
    return code if code is not None and abs(code) < 2**31 else None


def bare_row(row: dict[str, Any]) -> dict[str, Any]:
    """The same without anything the provider wrote: what is stored where PostgreSQL refuses a text of it."""
    receipts = {
        package: {name: value for name, value in receipt.items() if name != "answer"}
        for package, receipt in row["packages"].items()
    }
    kept = {name: value for name, value in row.items() if name not in _REAL_COLUMNS}
    return kept | {"packages": receipts, "validation_errors": [], "answers": {}, "request_id": "", "error_code": None}


def lost_row(row: dict[str, Any]) -> dict[str, Any]:
    """What is stored where even that is refused: an attempt that brought no answer, what it cost as of unknown bill.

    Asking again would bring the same, and be on the bill each time.
    """
    failed = {
        package: receipt | {"outcome": "failed", "billing": "unknown", "reason": "no_answer"}
        for package, receipt in bare_row(row)["packages"].items()
    }
    cost = sum(receipt.get("cost", 0) for receipt in failed.values())
    return {
        "position": row["position"],
        "claim_id": row["claim_id"],
        "state": "failed",
        "attempts": 0,
        "due": [],
        "price_micros": 0,
        "packages": failed,
        "billed_micros": 0,
        "unknown_micros": cost,
        "reason": "no_answer",
        "request_id": "",
        "reserved_micros": row["reserved_micros"],
        "shown": True,
        "answers": {},
        "ages": {},
    }


def as_json(rows: list[dict[str, Any]]) -> str:
    """Rows as the parameter of the statement; PostgreSQL's jsonb refuses NUL, which a provider's text may hold."""
    text = orjson.dumps(rows).decode()
    return _NUL.sub(r"\1", text) if "\\u0000" in text else text
