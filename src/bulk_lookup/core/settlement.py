"""What one attempt does to its receipt: which packages are done, failed or still due, what it cost, when to ask again."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from bulk_lookup.core.answer import Answer, PackageAnswer
from bulk_lookup.core.billing import Billing
from bulk_lookup.core.failure import Failure
from bulk_lookup.core.retry import (
    DEFAULT_WAITS,
    DropPackage,
    GiveUp,
    PauseReason,
    PauseRun,
    Retry,
    WaitForAllowance,
    Waits,
    decide,
)


class Outcome(StrEnum):
    """What became of one package in its latest attempt."""

    DONE = "done"
    FAILED = "failed"
    AGAIN = "again"  # it will be asked again
    DROPPED = "dropped"  # the account cannot buy it; the rest of the run goes without
    SKIPPED = "skipped"  # not worth asking: learnt from the provider's refusal for this country
    REUSED = "reused"


@dataclass(frozen=True, slots=True)
class Asked:
    """One lookup as it was claimed: what is asked for, at what price each, and what became of it before.

    `prices` are micro-units by package. `tries` counts earlier ends by retry class. `receipts` are those of earlier
    attempts, by package.
    """

    due: tuple[str, ...]
    prices: Mapping[str, int]
    tries: Mapping[str, int] = field(default_factory=dict)
    receipts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Settlement:
    """The change to one receipt.

    `state` is done, failed, skipped, reused or pending; `counts` tells whether the attempt counts (waiting is not
    failing). Money is in micro-units. `answer` is set where there is something to show on the contact. `pause`,
    `dropped` and `detail` (the failure's sentence, without a phone number) are for the run.
    """

    state: str = "pending"
    counts: bool = True
    due: tuple[str, ...] = ()
    price_micros: int = 0
    ask_at: datetime | None = None
    tries: Mapping[str, int] | None = None
    receipts: dict[str, dict[str, Any]] = field(default_factory=dict)
    billed_micros: int = 0
    unknown_micros: int = 0
    reason: str = ""
    error_code: int | None = None
    answer: Answer | None = None
    pause: PauseReason | None = None
    dropped: dict[str, str] = field(default_factory=dict)
    detail: str = ""


def settle_answer(
    asked: Asked,
    answer: Answer,
    *,
    now: datetime,
    jitter: float,
    waits: Waits = DEFAULT_WAITS,
    offered: Collection[str] | None = None,
) -> Settlement:
    """The settlement of an answered request; packages may have failed one by one inside it.

    `offered` names the packages that the run still asks for, by default those asked here: where all of them are dropped
    the run pauses, and what it cannot buy stays due.
    """
    settled = Settlement(answer=answer)
    tries = dict(asked.tries)
    waiting = 0
    for package in asked.due:
        part = answer.packages.get(package)
        if part is None:  # basic comes with every answer
            settled.receipts[package] = _receipt(Outcome.DONE, Billing.FREE, 0, now)
            continue
        cost = _charge(settled, part.billing, asked.prices.get(package, 0))
        if part.failure is None:
            settled.receipts[package] = _receipt(Outcome.DONE, part.billing, cost, now, part=part)
            continue
        waiting += _settle_part(settled, package, part, part.failure, cost, tries, now, jitter, waits)
    if waiting == len(asked.due):  # nothing was processed: as if it had not been asked
        return Settlement(
            counts=False, due=asked.due, price_micros=_price(asked.due, asked.prices), ask_at=settled.ask_at
        )
    settled.tries = tries if tries != asked.tries else None
    if _nothing_left(settled, asked, offered):
        _keep_due(settled, asked)
    if settled.pause is not None and len(settled.due) == len(asked.due):
        settled.answer = None  # nothing came of it: the trouble is the account's, and no contact is touched
    return _concluded(settled, asked)


def settle_failure(
    asked: Asked,
    failure: Failure,
    *,
    now: datetime,
    jitter: float,
    waits: Waits = DEFAULT_WAITS,
    offered: Collection[str] | None = None,
) -> Settlement:
    """The settlement of a request that brought no answer; `offered` as in `settle_answer`."""
    settled = Settlement(reason=failure.reason.value, error_code=failure.code)
    key = failure.retry_class.value
    attempt = asked.tries.get(key, 0) + 1
    decision = decide(failure, attempt=attempt, now=now, jitter=jitter, waits=waits)
    given_up = _given_up(asked, failure) if isinstance(decision, GiveUp) else ()
    if failure.billing in (Billing.UNKNOWN, Billing.BILLED):
        for package in asked.due:
            cost = _charge(settled, failure.billing, asked.prices.get(package, 0))
            outcome = Outcome.FAILED if package in given_up else Outcome.AGAIN
            settled.receipts[package] = _receipt(outcome, failure.billing, cost, now, failure=failure)
    match decision:
        case GiveUp(reason):
            settled.reason, settled.tries = reason.value, {**asked.tries, key: attempt}
            settled.due = tuple(package for package in asked.due if package not in given_up)
            for package in given_up:
                settled.receipts.setdefault(package, _receipt(Outcome.FAILED, failure.billing, 0, now, failure=failure))
            return _concluded(settled, asked)
        case Retry(at, uses_attempt):
            settled.counts, settled.ask_at = uses_attempt, at
            settled.tries = {**asked.tries, key: attempt}
        case WaitForAllowance(_, not_before):
            settled.counts, settled.ask_at = False, not_before
        case PauseRun(pause):
            settled.counts, settled.pause, settled.detail = False, pause, failure.message
        case DropPackage(package, reason):
            settled.counts, settled.dropped, settled.detail = False, {package: reason.value}, failure.message
            _nothing_left(settled, asked, offered)
    settled.due = asked.due
    settled.price_micros = _price(asked.due, asked.prices)
    if settled.receipts:  # what may be on a bill is an attempt, also where the run pauses
        settled.counts = True
    if not settled.counts:
        settled.reason, settled.error_code = "", None
    return settled


def settle_unasked(asked: Asked, skipped: Mapping[str, str], *, now: datetime) -> Settlement:
    """The settlement of a lookup of which nothing is worth asking any more; `skipped` has the reason of each package."""
    settled = Settlement(
        counts=False, receipts=skipped_receipts(skipped, now=now), reason=next(iter(skipped.values()), "")
    )
    concluded = _concluded(settled, asked)
    before = {_outcome(receipt) for receipt in asked.receipts.values()}
    if concluded.state == "done" and Outcome.DONE not in before:
        concluded.state = "reused" if Outcome.REUSED in before else "skipped"
    return concluded


def skipped_receipts(skipped: Mapping[str, str], *, now: datetime) -> dict[str, dict[str, Any]]:
    """Receipts of packages that were left out, each with its reason."""
    return {
        package: _receipt(Outcome.SKIPPED, Billing.NOT_PROCESSED, 0, now) | {"reason": reason}
        for package, reason in skipped.items()
    }


def _settle_part(
    settled: Settlement,
    package: str,
    part: PackageAnswer,
    failure: Failure,
    cost: int,
    tries: dict[str, int],
    now: datetime,
    jitter: float,
    waits: Waits,
) -> int:
    """Settle one failed package; returns 1 where it only waits for the allowance."""
    key = f"{failure.retry_class.value}:{package}"
    attempt = tries.get(key, 0) + 1
    decision = decide(failure, attempt=attempt, now=now, jitter=jitter, waits=waits)
    outcome = Outcome.FAILED
    waits_for_allowance = 0
    match decision:
        case Retry(at, _):
            outcome, tries[key] = Outcome.AGAIN, attempt
            settled.ask_at = max(settled.ask_at or at, at)
        case WaitForAllowance(_, not_before):
            outcome, waits_for_allowance = Outcome.AGAIN, 1
            settled.ask_at = max(settled.ask_at or now, not_before or now)
        case DropPackage(_, reason):
            outcome = Outcome.DROPPED
            settled.dropped[package], settled.detail = reason.value, settled.detail or failure.message
        case PauseRun(pause):
            outcome, settled.pause, settled.detail = Outcome.AGAIN, pause, failure.message
        case GiveUp():
            pass
    receipt = _receipt(outcome, part.billing, cost, now, part=part, failure=failure)
    settled.receipts[package] = receipt
    if outcome is Outcome.AGAIN:
        settled.due = (*settled.due, package)
    return waits_for_allowance


def _nothing_left(settled: Settlement, asked: Asked, offered: Collection[str] | None) -> bool:
    """Whether the run asks for nothing else than what is dropped; it pauses then."""
    left = set(asked.due if offered is None else offered) - settled.dropped.keys()
    if left or not settled.dropped:
        return False
    settled.pause = settled.pause or PauseReason.PACKAGE_UNAVAILABLE
    return True


def _keep_due(settled: Settlement, asked: Asked) -> None:
    """Let what was dropped be asked again after the pause; what it may have cost stays in its receipt."""
    for package in settled.dropped:
        settled.receipts[package]["outcome"] = Outcome.AGAIN.value
    settled.due = tuple(package for package in asked.due if package in (*settled.due, *settled.dropped))


def _given_up(asked: Asked, failure: Failure) -> tuple[str, ...]:
    """The packages that a lasting failure is about: a refusal that names one says nothing about the others."""
    return (failure.package,) if failure.package in asked.due and failure.package is not None else asked.due


def _concluded(settled: Settlement, asked: Asked) -> Settlement:
    """Fill in state, price and reason from the receipts."""
    everything = {**asked.receipts, **settled.receipts}
    bad = [r for r in everything.values() if _outcome(r) in (Outcome.FAILED, Outcome.DROPPED)]
    again = [r for p, r in settled.receipts.items() if p in settled.due]
    telling = again or bad
    if telling:
        settled.reason = settled.reason or telling[0].get("reason", "")
        settled.error_code = settled.error_code if settled.error_code is not None else telling[0].get("code")
    if settled.due:
        settled.state, settled.price_micros = "pending", _price(settled.due, asked.prices)
    else:
        settled.state, settled.ask_at = ("failed" if bad else "done"), None
    return settled


def _charge(settled: Settlement, billing: Billing, price: int) -> int:
    """Book one package's price where it was, or may have been, billed; returns what counts as spent."""
    if billing is Billing.BILLED:
        settled.billed_micros += price
        return price
    if billing is Billing.UNKNOWN:
        settled.unknown_micros += price
        return price
    return 0


def _receipt(
    outcome: Outcome,
    billing: Billing,
    cost: int,
    now: datetime,
    *,
    part: PackageAnswer | None = None,
    failure: Failure | None = None,
) -> dict[str, Any]:
    receipt: dict[str, Any] = {"outcome": outcome.value, "billing": billing.value, "cost": cost, "at": now.isoformat()}
    if part is not None and part.fields:
        receipt["answer"] = dict(part.fields)
    if failure is not None:
        receipt["reason"] = failure.reason.value
        if failure.code is not None:
            receipt["code"] = failure.code
    elif part is not None and part.error_code is not None:
        receipt["code"] = part.error_code
    return receipt


def _outcome(receipt: Mapping[str, Any]) -> str:
    return str(receipt.get("outcome", ""))


def _price(packages: Iterable[str], prices: Mapping[str, int]) -> int:
    return sum(prices.get(package, 0) for package in packages)
