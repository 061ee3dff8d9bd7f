"""`POST /v2/batch/query`: several numbers in one request, each with packages and an error code of its own."""

import time
from collections.abc import Mapping
from typing import Any

import orjson

from bulk_lookup.simulator.accounts import Account, Caller
from bulk_lookup.simulator.ledger import number_key
from bulk_lookup.simulator.lookup import Question, answered, limited_packages, packages_of, refuse_now
from bulk_lookup.simulator.population import line_of
from bulk_lookup.simulator.spoiled import spoiled
from bulk_lookup.simulator.wire import Reply, Request, refusal

# Twilio publishes no size; this one is the simulator's.
MOST_NUMBERS = 100

# `fields` of a batch leaves these out (the API's own description).
_NOT_IN_BATCH = {"validation", "phone_number_quality_score", "pre_fill"}
_DAY = 86_400


def batch_query(caller: Caller, request: Request) -> Reply:
    """Answer each item under its correlation_id; a number that comes twice gets 60626 the second time, unbilled."""
    account = caller.account
    settings = account.settings
    if not settings.batch_enabled:
        return refusal(20404, detail=request.path)
    items = _items(request.body)
    if items is None:
        return refusal(20001, detail=f"the body is JSON: phone_numbers, a list of 1 to {MOST_NUMBERS} objects")
    questions = [_question(item) for item in items]
    if any(question is None for question in questions):
        return refusal(20001, detail="each item has a phone_number, and fields that a batch can ask")
    if settings.account_fault is not None:
        account.stats.refuse("account")
        return refusal(settings.account_fault)
    if caller.by_test_token:
        return refusal(20008)
    return _answered(account, items, [question for question in questions if question is not None])


def _answered(account: Account, items: list[Mapping[str, Any]], questions: list[Question]) -> Reply:
    settings = account.settings
    lines = [
        line_of(
            question.text,
            country=question.parameters.get("CountryCode"),
            seed=settings.seed,
            invalid_rate=settings.invalid_rate,
        )
        for question in questions
    ]
    keys = [number_key(line.number) for line in lines]
    account.ledger.requests += 1
    packages = tuple(dict.fromkeys(package for question in questions for package in question.packages))
    refused = refuse_now(account, packages)
    if refused is not None:
        for key in keys:
            account.ledger.refused(key)
        return refused
    # One request, one fault: its first number's.
    draws = [account.ledger.taken_up(key) for key in keys]
    fault = account.faults.draw(lines[0].number, draws[0]) if account.faults.any else None
    if fault is not None:
        account.stats.faults[fault.name] += 1
        if fault.name == "refuse":
            account.stats.refuse("chance")
            return refusal(20429, retry_after=settings.retry_after)
    told: list[dict[str, object]] = []
    seen = set()
    day = int(time.time()) // _DAY
    for item, question, line, key, nth in zip(items, questions, lines, keys, draws, strict=True):
        answer: dict[str, object] = {"correlation_id": item.get("correlation_id"), "twilio_error_code": None}
        if key in seen:
            answer |= {"phone_number": line.number, "twilio_error_code": 60626}
        else:
            seen.add(key)
            looked_up, units = answered(account, line, question, nth=nth, fault=fault)
            answer |= looked_up
            if units:
                account.ledger.bill(key, units, day=day)
        told.append(answer)
    limited = limited_packages(account, packages)
    account.enter(limited)
    body: dict[str, object] = {"phone_numbers": told}
    reply = Reply(status=200, body=orjson.dumps(body)) if fault is None else spoiled(body, fault)
    reply.account = account
    reply.packages = limited
    reply.delay = account.faults.delay(lines[0].number, draws[0]) if fault is None or fault.processed else 0.0
    return reply


def _items(body: bytes) -> list[Mapping[str, Any]] | None:
    try:
        items = orjson.loads(body)["phone_numbers"]
    except (orjson.JSONDecodeError, TypeError, KeyError):
        return None
    if not isinstance(items, list) or not 1 <= len(items) <= MOST_NUMBERS:
        return None
    return items if all(isinstance(item, dict) for item in items) else None


def _question(item: Mapping[str, Any]) -> Question | None:
    text = item.get("phone_number")
    fields = item.get("fields") or []
    if not isinstance(text, str) or not text or not isinstance(fields, list):
        return None
    if any(not isinstance(name, str) or name in _NOT_IN_BATCH for name in fields):
        return None
    packages = packages_of(",".join(fields))
    return None if packages is None else Question(text=text, packages=packages, parameters=_parameters(item))


def _parameters(item: Mapping[str, Any]) -> dict[str, str]:
    """Name an item's parameters as the single lookup does: `first_name` → FirstName."""
    parameters: dict[str, str] = {}
    for values in (
        item,
        *(item.get(package) for package in ("identity_match", "reassigned_number", "sms_pumping_risk")),
    ):
        if isinstance(values, dict):
            for name, value in values.items():
                if isinstance(value, str):
                    parameters["".join(part.capitalize() for part in name.split("_"))] = value
    return parameters
