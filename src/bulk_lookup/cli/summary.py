"""What a command says in the end: sentences for people, one JSON object for programs, from the same figures."""

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from bulk_lookup.cli.words import amount, counted
from bulk_lookup.core.data_package import CATALOGUE
from bulk_lookup.core.pricing import to_decimal_string

if TYPE_CHECKING:
    from bulk_lookup.cli.order import Order
    from bulk_lookup.engine.quote_run import Quote
    from bulk_lookup.models import Export, Import, Run
    from bulk_lookup.providers.base import Balance

# What to do about a pause, by reason word.
ADVICE = {
    "user": "It was paused.",
    "interrupted": "It was interrupted.",
    "cap": "The cap is reached; go on with a higher one: `--max-cost AMOUNT`.",
    "budget": "The organization's budget is used up.",
    "account_credentials": "Twilio refuses the credentials: check TWILIO_ACCOUNT_SID and its token or key.",
    "account_suspended": "Twilio says that the account is not active: add funds or write to Twilio's support.",
    "lookup_disabled": "Twilio has disabled Lookup for this account (60699): write to Twilio's support.",
    "trial_limit": "The trial account's limit is reached (60624): upgrade the account.",
    "bad_request": "Twilio refused the request itself: see the detail, and update Bulk Lookup.",
    "package_unavailable": "The account cannot buy what was asked for: enable the package at Twilio, or choose others.",
}

# What became of a run that failed, by reason word.
FAILURES = {
    "planning_failed": "The run could not be planned, so nothing was bought. The worker's log says why; order it again.",
}

# What was wrong with a row of the file, and what became of it, by the words of lib/tables/batch.py.
ROW_PROBLEMS = {
    "too_few_cells": "too few cells; the missing ones are empty",
    "too_many_cells": "too many cells; the surplus stands in the last one",
    "unclosed_quote": "a quotation mark is never closed; it was kept as a character",
    "cell_too_long": "a cell is too long and was cut",
    "line_too_long": "the line is too long and was cut",
    "nul": "NUL characters were taken out",
    "undecodable": "some bytes are no text in the file's encoding and were replaced; save the file as UTF-8",
    "not_json": "the line is no JSON; it stands as text in the column unreadable_line",
    "not_an_object": "the line is no JSON object; it stands as text in the column unreadable_line",
}


def import_sentences(imported: "Import") -> Iterator[str]:
    """What is in the list, and what is wrong with it."""
    yield (
        f"{counted(imported.rows, 'row')}: {imported.valid:,} valid, {imported.invalid:,} rejected, "
        f"{counted(imported.duplicates, 'duplicate')}."
    )
    if imported.reasons:
        worst = sorted(imported.reasons.items(), key=lambda item: -item[1])
        yield "Rejected: " + ", ".join(f"{count:,} {reason.replace('_', ' ')}" for reason, count in worst) + "."
    for word, problem in sorted(imported.row_problems.items(), key=lambda item: item[1]["first"]):
        yield f"{counted(problem['rows'], 'row')}, the first is row {problem['first']:,}: {ROW_PROBLEMS[word]}."
    if imported.other_region:
        share = f"{100 * imported.other_region_share:.0f} %"
        region = imported.other_region
        yield f"{share} of the rejects would be valid as numbers of {region}: try --region {region}."


def quote_sentences(quote: "Quote", order: "Order", balance: "Balance | None") -> Iterator[str]:
    """What would be bought, and what it costs at most."""
    for part in quote.packages:
        package = CATALOGUE[part.package]
        price = f", {part.origin}" if part.origin and not order.simulate else ""
        cost = f"at most {to_decimal_string(part.cost_micros)} {quote.currency}{price}"
        if part.package in quote.unknown_prices:
            cost = "its price is not known"
        yield f"{package.title}: {part.to_buy:,} to buy, {part.reused:,} reused, {part.skipped:,} not covered; {cost}."
        if package.warning and part.to_buy and not order.simulate:
            yield f"  {package.warning}"
    for name in quote.unknown_prices:
        yield f"The price of {name} is not known, so it is not in the sum; set it with `bulk-lookup prices set`."
    cost = amount(quote.cost_micros, quote.currency, quote.unknown_prices)
    if order.simulate:
        at_most = "" if quote.unknown_prices else "at most "
        yield f"Simulated: nothing is charged. With a real account this would cost {at_most}{cost}."
    elif balance is not None:
        left = f"{to_decimal_string(balance.micros)} {balance.currency}"
        yield f"{left} left on the account, this run may cost {cost}."
    else:
        yield f"This run may cost {cost}; what is left on the account is not known."
    if quote.saved_micros:
        yield f"Duplicates and reuse save {to_decimal_string(quote.saved_micros)} {quote.currency}."


def run_sentences(run: "Run", summary: dict[str, Any]) -> Iterator[str]:
    """How a run went."""
    if run.state == "paused":
        yield f"The run is paused. {why(run)}"
        yield f"Go on with `bulk-lookup runs resume {run.pk}`."
    elif run.state == "failed":
        yield why(run)
    yield (
        f"{counted(summary['valid'], 'number')}: {summary['bought']:,} bought, {summary['reused']:,} reused, "
        f"{summary['skipped']:,} not covered, {summary['failed']:,} failed"
        + (f", {summary['pending']:,} not asked yet" if summary.get("pending") else "")
        + "."
    )
    money = f"Cost {summary['cost']} {summary['currency']}"
    if run.unknown_micros:
        money += (
            f", of it {summary['unknown_cost']} for {counted(summary['unknown'], 'request')} whose bill is not known"
        )
    yield money + (" (simulated, nothing is charged)." if run.simulated else ".")
    if summary["output"] not in (None, "-"):
        yield f"Written to {summary['output']}."


def why(run: "Run") -> str:
    """Why a run stands still or has failed, and what to do: the provider's sentence where there is one."""
    return run.detail or ADVICE.get(run.reason) or FAILURES.get(run.reason) or f"{run.reason}."


def run_summary(run: "Run", export: "Export | None", rejects: str) -> dict[str, Any]:
    """The figures of a run; call it inside the scope. Each valid row counts once.

    `seconds` go from the run's start to its end, or to its latest answer where it stands still: pauses in between are in
    them, and with them in `rows_per_second`.
    """
    from bulk_lookup.models import Lookup

    quote = run.quote
    end = run.finished_at or run.updated_at
    seconds = max(0.0, (end - run.started_at).total_seconds()) if run.started_at else 0.0
    unknown = Lookup.objects.filter(run_id=run.pk, unknown_micros__gt=0).count() if run.unknown_micros else 0
    asked = run.done + run.failed
    return {
        "run_id": run.pk,
        "state": run.state,
        "reason": run.reason,
        "rows": quote.get("rows", 0),
        "valid": run.numbers,
        "invalid": quote.get("invalid", 0),
        "duplicates": quote.get("duplicates", 0),
        "to_buy": quote.get("to_buy", 0),
        "bought": run.done,
        "reused": run.reused,
        "skipped": run.skipped,
        "failed": run.failed,
        "pending": run.numbers - run.settled,
        "unknown": unknown,
        "cost": to_decimal_string(run.spent_micros),
        "unknown_cost": to_decimal_string(run.unknown_micros),
        "saved": to_decimal_string(run.saved_micros),
        "currency": run.currency,
        "simulated": run.simulated,
        "seconds": round(seconds, 3),
        "rows_per_second": round(asked / seconds, 1) if seconds else 0.0,
        "output": export.path if export else None,
        "rejects": rejects or None,
    }


def quote_summary(quote: "Quote", order: "Order") -> dict[str, Any]:
    """The figures of a quote, under the names of a run's."""
    return {
        "run_id": None,
        "state": "quoted",
        "reason": "",
        "rows": quote.rows,
        "valid": quote.valid,
        "invalid": quote.invalid,
        "duplicates": quote.duplicates,
        "to_buy": quote.to_buy,
        "bought": 0,
        "reused": quote.reused,
        "skipped": quote.skipped,
        "failed": 0,
        "pending": quote.to_buy,
        "unknown": 0,
        "cost": to_decimal_string(quote.cost_micros),
        "unknown_cost": "0.00",
        "saved": to_decimal_string(quote.saved_micros),
        "currency": quote.currency,
        "simulated": order.simulate,
        "seconds": 0.0,
        "rows_per_second": 0.0,
        "output": None,
        "rejects": order.rejects or None,
    }


def unbegun_summary(order: "Order", imported: "Import | None", quote: "Quote | None", reason: str) -> dict[str, Any]:
    """The figures of what ended before there was a run, as far as they are known, under the names of a run's."""
    known = quote or imported
    rows = {name: getattr(known, name, 0) for name in ("rows", "valid", "invalid", "duplicates", "to_buy")}
    nothing = dict.fromkeys(("bought", "reused", "skipped", "failed", "unknown"), 0)
    return {
        "run_id": None,
        "state": "not_begun",
        "reason": reason,
        **rows,
        **nothing,
        "pending": rows["valid"],
        "cost": "0.00",
        "unknown_cost": "0.00",
        "saved": "0.00",
        "currency": quote.currency if quote else "USD",
        "simulated": order.simulate,
        "seconds": 0.0,
        "rows_per_second": 0.0,
        "output": None,
        "rejects": None,
    }


def print_json(data: dict[str, Any]) -> None:
    """One object on standard output, and nothing else there."""
    import json

    sys.stdout.write(json.dumps(data, ensure_ascii=False) + "\n")
    sys.stdout.flush()
