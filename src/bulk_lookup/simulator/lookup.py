"""One lookup: what it answers, whether it is refused, what goes wrong with it and what it is billed for.

All of that is decided, and the ledger written, at the moment the request arrives; the delay comes after. A client that
hangs up during the delay has therefore been billed, as with Twilio.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass

import orjson

from bulk_lookup.simulator import packages as package_answers
from bulk_lookup.simulator.accounts import Account
from bulk_lookup.simulator.faults import Fault
from bulk_lookup.simulator.ledger import BILLED_UNIT, number_key
from bulk_lookup.simulator.population import Line, line_of
from bulk_lookup.simulator.prices import PACKAGES
from bulk_lookup.simulator.spoiled import spoiled
from bulk_lookup.simulator.wire import Reply, refusal

_NO_PACKAGES: dict[str, object] = dict.fromkeys(
    (
        "caller_name",
        "sim_swap",
        "call_forwarding",
        "line_status",
        "line_type_intelligence",
        "identity_match",
        "reassigned_number",
        "sms_pumping_risk",
        "phone_number_quality_score",
        "pre_fill",
    )
)
_DAY = 86_400
_MOST_FIELD_LISTS = 1024
_field_lists: dict[str, tuple[str, ...] | None] = {}


@dataclass(frozen=True, slots=True)
class Question:
    """One number with the packages asked for it and their parameters, named as in the query of the single lookup."""

    text: str
    packages: tuple[str, ...]
    parameters: Mapping[str, str]


def look_up(account: Account, question: Question, *, base_url: bytes) -> Reply:
    """Answer `GET /v2/PhoneNumbers/{number}`."""
    settings = account.settings
    line = line_of(
        question.text,
        country=question.parameters.get("CountryCode"),
        seed=settings.seed,
        invalid_rate=settings.invalid_rate,
    )
    key = number_key(line.number)
    account.ledger.requests += 1
    refused = refuse_now(account, question.packages) or _too_soon(account, key)
    if refused is not None:
        account.ledger.refused(key)
        return refused
    nth = account.ledger.taken_up(key)
    fault = account.faults.draw(line.number, nth) if account.faults.any else None
    if fault is not None:
        account.stats.faults[f"{fault.name}:{fault.kind}" if fault.kind != fault.name else fault.name] += 1
        if fault.name == "refuse":
            account.stats.refuse("chance")
            return refusal(20429, retry_after=settings.retry_after)
    answer, units = answered(account, line, question, nth=nth, fault=fault)
    if units:
        account.ledger.bill(key, units, day=int(time.time()) // _DAY)
    limited = limited_packages(account, question.packages)
    account.enter(limited)
    reply = _reply(answer, fault, base_url)
    reply.account = account
    reply.packages = limited
    # What never reached the product fails at once.
    reply.delay = account.faults.delay(line.number, nth) if fault is None or fault.processed else 0.0
    return reply


def refuse_now(account: Account, packages: tuple[str, ...]) -> Reply | None:
    """Refuse what cannot start now: too many requests in flight, or (where told as HTTP 429) too many of a package."""
    settings = account.settings
    if not account.has_room():
        account.stats.refuse("limit")
        return refusal(20429, retry_after=settings.retry_after)
    if settings.package_limits and settings.package_limit_style == "http":
        for package in packages:
            if _is_full(account, package):
                account.stats.refuse("package")
                return refusal(60616, detail=package, retry_after=settings.retry_after)
    return None


def answered(
    account: Account, line: Line, question: Question, *, nth: int, fault: Fault | None = None
) -> tuple[dict[str, object], int]:
    """Give the answer's JSON object and, as a sum of `BILLED_UNIT`, what it is billed for."""
    settings = account.settings
    answer: dict[str, object] = {
        "calling_country_code": line.calling_code,
        "country_code": line.country,
        "phone_number": line.number,
        "national_format": line.national_format,
        "valid": line.valid,
        # Twilio writes null or an empty list for a good number; so does the simulator, by the number.
        "validation_errors": (None if line.draws[-1] & 1 else []) if line.valid else [line.validation_error],
        **_NO_PACKAGES,
    }
    in_doubt = fault is not None and not fault.readable
    if fault is not None and not fault.processed:
        return answer, 0
    units = 0
    for package in question.packages:
        if not line.valid:
            units += BILLED_UNIT[package] if settings.bill_invalid and (settings.bill_errors or not in_doubt) else 0
            continue
        told = _package(account, package, line, question.parameters, nth)
        answer[package] = told
        code = told["error_code"]
        if code in (60616, "60616"):
            account.stats.packages_refused += 1
        elif settings.bill_errors or (code is None and not in_doubt):
            units += BILLED_UNIT[package]
    return answer, units


def packages_of(fields: str) -> tuple[str, ...] | None:
    """Read a `Fields` list into priced packages, each once; none if it names a package that does not exist."""
    if fields in _field_lists:
        return _field_lists[fields]
    names = [name.strip() for name in fields.split(",") if name.strip()]
    known = all(name in PACKAGES for name in names)
    packages = tuple(dict.fromkeys(name for name in names if name != "validation")) if known else None
    if len(_field_lists) >= _MOST_FIELD_LISTS:
        _field_lists.clear()
    _field_lists[fields] = packages
    return packages


def limited_packages(account: Account, packages: tuple[str, ...]) -> tuple[str, ...]:
    """Name those packages of a request that a limit counts and that still have room."""
    limits = account.settings.package_limits
    if not limits:
        return ()
    return tuple(package for package in packages if package in limits and not _is_full(account, package))


def _package(
    account: Account, package: str, line: Line, parameters: Mapping[str, str], nth: int
) -> package_answers.Answer:
    settings = account.settings
    if package in settings.disabled_packages:
        return package_answers.without_data(package, 60606)
    if settings.package_limits and _is_full(account, package):
        return package_answers.without_data(package, 60616)
    code = account.faults.package_code(line.number, package, nth)
    if code is not None and code != 60613:
        return package_answers.without_data(package, code)
    told = package_answers.answer(package, line, parameters, nth=nth, canada_approved=settings.canada_approved)
    if code == 60613 and told["error_code"] is None:
        told["error_code"] = str(code) if package == "reassigned_number" else code
    return told


def _is_full(account: Account, package: str) -> bool:
    limit = account.settings.package_limits.get(package)
    return limit is not None and account.packages_in_flight.get(package, 0) >= limit


def _too_soon(account: Account, key: int | str) -> Reply | None:
    interval = account.settings.same_number_interval
    if not interval:
        return None
    now = time.monotonic()
    before = account.last_asked.get(key)
    account.last_asked[key] = now
    if before is None or now - before >= interval:
        return None
    account.stats.refuse("number")
    return refusal(60626, retry_after=account.settings.retry_after)


def _reply(answer: dict[str, object], fault: Fault | None, base_url: bytes) -> Reply:
    answer["url"] = f"{base_url.decode('latin-1')}/v2/PhoneNumbers/{answer['phone_number']}"
    if fault is None:
        return Reply(status=200, body=orjson.dumps(answer))
    return spoiled(answer, fault)
