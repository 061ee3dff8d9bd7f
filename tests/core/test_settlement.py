"""What an attempt does to its receipt: a row for each kind of end."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bulk_lookup.core.answer import Answer, PackageAnswer
from bulk_lookup.core.billing import Billing
from bulk_lookup.core.failure import Failure, FailureReason
from bulk_lookup.core.retry import PauseReason, Waits
from bulk_lookup.core.settlement import (
    Asked,
    Settlement,
    settle_answer,
    settle_failure,
    settle_unasked,
    skipped_receipts,
)

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
WAITS = Waits(network=(1.0, 2.0), transient=2.0, unknown=60.0, number=(60.0, 300.0))

BASIC, LINE, NAME, STATUS = "basic", "line_type_intelligence", "caller_name", "line_status"
PRICES = {BASIC: 0, LINE: 8_000, NAME: 10_000, STATUS: 25_000}

R, B = FailureReason, Billing


def part(package: str, code: int | None = None, reason: FailureReason | None = None) -> PackageAnswer:
    """A package inside an answer: billed with data, free where it is basic, else failed with the bill that follows."""
    if reason is None:
        return PackageAnswer(package, {"type": "mobile"}, None, B.FREE if package == BASIC else B.BILLED)
    billing = B.NOT_PROCESSED if reason is R.PACKAGE_RATE_LIMITED else B.UNKNOWN
    return PackageAnswer(
        package, {}, code, billing, Failure(reason=reason, billing=billing, package=package, code=code)
    )


def answered(*parts: PackageAnswer, valid: bool = True) -> Answer:
    words = () if valid else ("TOO_SHORT",)
    packages = {one.package: one for one in parts}
    return Answer("+14155552671", valid, words, "US", packages, "RQ1", 120, None, False)


def broken(
    reason: FailureReason, billing: Billing = B.NOT_PROCESSED, *, package: str | None = None, **known: Any
) -> Failure:
    return Failure(reason=reason, billing=billing, package=package, **known)


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def settle(asked: Asked, end: Answer | Failure) -> Settlement:
    if isinstance(end, Failure):
        return settle_failure(asked, end, now=NOW, jitter=0.0, waits=WAITS)
    return settle_answer(asked, end, now=NOW, jitter=0.0, waits=WAITS)


def outcomes(settled: Settlement) -> dict[str, tuple[str, str, int]]:
    """Outcome, bill and cost of each package that has a receipt."""
    return {name: (one["outcome"], one["billing"], one["cost"]) for name, one in settled.receipts.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """An end and all that follows; what is not named is as if nothing had happened."""

    what: str
    due: tuple[str, ...] = (LINE,)
    tries: Mapping[str, int] | None = None
    earlier: Mapping[str, Any] | None = None
    end: Answer | Failure
    state: str
    left: tuple[str, ...] = ()
    receipts: Mapping[str, tuple[str, str, int]] | None = None
    billed: int = 0
    unknown: int = 0
    reason: str = ""
    code: int | None = None
    counts: bool = True
    tries_then: Mapping[str, int] | None = None
    ask_at: datetime | None = None
    pause: PauseReason | None = None
    dropped: Mapping[str, str] | None = None
    shows: bool = True


CASES = [
    # Everything that was asked has come: billed, done, nothing to wait for.
    Case(
        what="an answer",
        due=(LINE, NAME),
        end=answered(part(LINE), part(NAME)),
        state="done",
        receipts={LINE: ("done", "billed", 8_000), NAME: ("done", "billed", 10_000)},
        billed=18_000,
    ),
    # Basic is asked without Fields and is free.
    Case(what="basic", due=(BASIC,), end=answered(part(BASIC)), state="done", receipts={BASIC: ("done", "free", 0)}),
    # Asked for beside others it comes with every answer, whether the provider names it or not.
    Case(
        what="basic beside another",
        due=(BASIC, LINE),
        end=answered(part(LINE)),
        state="done",
        receipts={BASIC: ("done", "free", 0), LINE: ("done", "billed", 8_000)},
        billed=8_000,
    ),
    # Twilio says the number is none: an answer like any other, whose bill nobody outside knows.
    Case(
        what="an invalid number",
        end=answered(PackageAnswer(LINE, {}, None, B.UNKNOWN), valid=False),
        state="done",
        receipts={LINE: ("done", "unknown", 8_000)},
        unknown=8_000,
    ),
    # One package refused for good, the other one done: the number has failed, what came stays.
    Case(
        what="one package failed permanently",
        due=(LINE, NAME),
        end=answered(part(LINE), part(NAME, 60600, R.NOT_COVERED)),
        state="failed",
        receipts={LINE: ("done", "billed", 8_000), NAME: ("failed", "unknown", 10_000)},
        billed=8_000,
        unknown=10_000,
        reason="not_covered",
        code=60600,
    ),
    # 60608, the provider's source stumbled: 2 s, then 4 s, then given up; each attempt may be on the bill.
    Case(
        what="60608 once",
        end=answered(part(LINE, 60608, R.SOURCE_FAILED)),
        state="pending",
        left=(LINE,),
        receipts={LINE: ("again", "unknown", 8_000)},
        unknown=8_000,
        reason="source_failed",
        code=60608,
        tries_then={f"transient:{LINE}": 1},
        ask_at=after(2),
    ),
    Case(
        what="60608 twice",
        tries={f"transient:{LINE}": 1},
        end=answered(part(LINE, 60608, R.SOURCE_FAILED)),
        state="pending",
        left=(LINE,),
        receipts={LINE: ("again", "unknown", 8_000)},
        unknown=8_000,
        reason="source_failed",
        code=60608,
        tries_then={f"transient:{LINE}": 2},
        ask_at=after(4),
    ),
    Case(
        what="60608 thrice",
        tries={f"transient:{LINE}": 2},
        end=answered(part(LINE, 60608, R.SOURCE_FAILED)),
        state="failed",
        receipts={LINE: ("failed", "unknown", 8_000)},
        unknown=8_000,
        reason="source_failed",
        code=60608,
    ),
    # Each package counts its own tries: the other one's third does not end this one.
    Case(
        what="60608 of two packages, one for the third time",
        due=(LINE, STATUS),
        tries={f"transient:{LINE}": 2},
        end=answered(part(LINE, 60608, R.SOURCE_FAILED), part(STATUS, 60608, R.SOURCE_FAILED)),
        state="pending",
        left=(STATUS,),
        receipts={LINE: ("failed", "unknown", 8_000), STATUS: ("again", "unknown", 25_000)},
        unknown=33_000,
        reason="source_failed",
        code=60608,
        tries_then={f"transient:{LINE}": 2, f"transient:{STATUS}": 1},
        ask_at=after(2),
    ),
    # What failed in an earlier attempt still makes the number failed when the rest is done.
    Case(
        what="the rest of a number of which a package failed before",
        due=(STATUS,),
        earlier={NAME: {"outcome": "failed", "reason": "no_data", "code": 60620}},
        end=answered(part(STATUS)),
        state="failed",
        receipts={STATUS: ("done", "billed", 25_000)},
        billed=25_000,
        reason="no_data",
        code=60620,
    ),
    # 60616 and nothing else: nothing was processed, so it is as if it had not been asked.
    Case(
        what="60616 alone",
        end=answered(part(LINE, 60616, R.PACKAGE_RATE_LIMITED)),
        state="pending",
        left=(LINE,),
        counts=False,
        ask_at=NOW,
    ),
    # 60616 beside a package that came: only the refused one is asked again, and no try of it is used up.
    Case(
        what="60616 beside a good package",
        due=(LINE, STATUS),
        end=answered(part(LINE), part(STATUS, 60616, R.PACKAGE_RATE_LIMITED)),
        state="pending",
        left=(STATUS,),
        receipts={LINE: ("done", "billed", 8_000), STATUS: ("again", "not_processed", 0)},
        billed=8_000,
        reason="package_rate_limited",
        code=60616,
        ask_at=NOW,
    ),
    # The account's limit: free, and the allowance says when.
    Case(
        what="429",
        end=broken(R.RATE_LIMITED, code=20429),
        state="pending",
        left=(LINE,),
        counts=False,
    ),
    Case(
        what="429 with Retry-After",
        end=broken(R.RATE_LIMITED, code=20429, retry_after=7.0),
        state="pending",
        left=(LINE,),
        counts=False,
        ask_at=after(7),
    ),
    # Nothing was sent: waits grow, the last one again and again; no attempt is used and none is given up.
    Case(
        what="no network",
        end=broken(R.NETWORK, fully_sent=False),
        state="pending",
        left=(LINE,),
        counts=False,
        tries_then={"network": 1},
        ask_at=after(1),
    ),
    Case(
        what="no network for the fortieth time",
        tries={"network": 39},
        end=broken(R.NETWORK, fully_sent=False),
        state="pending",
        left=(LINE,),
        counts=False,
        tries_then={"network": 40},
        ask_at=after(2),
    ),
    # Cut off after sending: nobody knows the bill, so it is spent; once more after a minute.
    Case(
        what="a reset",
        due=(LINE, NAME),
        end=broken(R.CONNECTION_LOST, B.UNKNOWN),
        state="pending",
        left=(LINE, NAME),
        receipts={LINE: ("again", "unknown", 8_000), NAME: ("again", "unknown", 10_000)},
        unknown=18_000,
        reason="connection_lost",
        tries_then={"unknown": 1},
        ask_at=after(60),
    ),
    # The second time the number has failed: all that is known is that no answer came.
    Case(
        what="a time-out after a reset",
        tries={"unknown": 1},
        end=broken(R.TIME_OUT, B.UNKNOWN),
        state="failed",
        receipts={LINE: ("failed", "unknown", 8_000)},
        unknown=8_000,
        reason="no_answer",
        tries_then={"unknown": 2},
    ),
    # The number itself is refused (404, 20404): not processed, never asked again.
    Case(
        what="not found",
        end=broken(R.NOT_FOUND, code=20404),
        state="failed",
        receipts={LINE: ("failed", "not_processed", 0)},
        reason="not_found",
        code=20404,
        tries_then={"permanent": 1},
    ),
    # A refusal of the whole request that names one package says nothing about the others: they are asked without it.
    Case(
        what="a request refused for one of its packages",
        due=(LINE, NAME),
        end=broken(R.NOT_COVERED, package=NAME, code=60600),
        state="pending",
        left=(LINE,),
        receipts={NAME: ("failed", "not_processed", 0)},
        reason="not_covered",
        code=60600,
        tries_then={"permanent": 1},
    ),
    # The account cannot buy this package: the whole request was refused, and is asked again without it.
    Case(
        what="a package dropped by a refusal",
        due=(LINE, STATUS),
        end=broken(R.PACKAGE_UNAVAILABLE, package=STATUS, code=60606),
        state="pending",
        left=(LINE, STATUS),
        counts=False,
        dropped={STATUS: "package_unavailable"},
    ),
    # The same inside an answer: the rest came, and the package counts as failed until retry_failed.
    Case(
        what="a package dropped inside an answer",
        due=(LINE, STATUS),
        end=answered(part(LINE), part(STATUS, 60611, R.QUOTA_REACHED)),
        state="failed",
        receipts={LINE: ("done", "billed", 8_000), STATUS: ("dropped", "unknown", 25_000)},
        billed=8_000,
        unknown=25_000,
        reason="quota_reached",
        code=60611,
        dropped={STATUS: "quota_reached"},
    ),
    # It was all that is asked for: the run pauses, and the number waits as it was, with what its asking may have cost.
    Case(
        what="the only package dropped inside an answer",
        due=(STATUS,),
        end=answered(part(STATUS, 60606, R.PACKAGE_UNAVAILABLE)),
        state="pending",
        left=(STATUS,),
        receipts={STATUS: ("again", "unknown", 25_000)},
        unknown=25_000,
        reason="package_unavailable",
        code=60606,
        dropped={STATUS: "package_unavailable"},
        pause=PauseReason.PACKAGE_UNAVAILABLE,
        shows=False,
    ),
    Case(
        what="all packages dropped inside an answer",
        due=(LINE, STATUS),
        end=answered(part(LINE, 60606, R.PACKAGE_UNAVAILABLE), part(STATUS, 60611, R.QUOTA_REACHED)),
        state="pending",
        left=(LINE, STATUS),
        receipts={LINE: ("again", "unknown", 8_000), STATUS: ("again", "unknown", 25_000)},
        unknown=33_000,
        reason="package_unavailable",
        code=60606,
        dropped={LINE: "package_unavailable", STATUS: "quota_reached"},
        pause=PauseReason.PACKAGE_UNAVAILABLE,
        shows=False,
    ),
    Case(
        what="the only package dropped by a refusal",
        due=(STATUS,),
        end=broken(R.QUOTA_REACHED, package=STATUS, code=60611),
        state="pending",
        left=(STATUS,),
        counts=False,
        dropped={STATUS: "quota_reached"},
        pause=PauseReason.PACKAGE_UNAVAILABLE,
    ),
    # Nobody says which package: then nothing can go on.
    Case(
        what="some package is not to be had",
        due=(LINE, STATUS),
        end=broken(R.PACKAGE_UNAVAILABLE, code=60606),
        state="pending",
        left=(LINE, STATUS),
        counts=False,
        pause=PauseReason.PACKAGE_UNAVAILABLE,
    ),
    # The account's trouble is not the number's: it stays as it was, and the run pauses.
    Case(
        what="wrong credentials",
        end=broken(R.ACCOUNT_CREDENTIALS, code=20003),
        state="pending",
        left=(LINE,),
        counts=False,
        pause=PauseReason.ACCOUNT_CREDENTIALS,
    ),
    # Paused inside an answer: what came is kept, the package that told of it is asked again some day.
    Case(
        what="Lookup is switched off inside an answer",
        due=(LINE, NAME),
        end=answered(part(LINE), part(NAME, 60699, R.LOOKUP_DISABLED)),
        state="pending",
        left=(NAME,),
        receipts={LINE: ("done", "billed", 8_000), NAME: ("again", "unknown", 10_000)},
        billed=8_000,
        unknown=10_000,
        reason="lookup_disabled",
        code=60699,
        pause=PauseReason.LOOKUP_DISABLED,
    ),
    Case(
        what="Lookup is switched off inside an answer that brings nothing else",
        due=(NAME,),
        end=answered(part(NAME, 60699, R.LOOKUP_DISABLED)),
        state="pending",
        left=(NAME,),
        receipts={NAME: ("again", "unknown", 10_000)},
        unknown=10_000,
        reason="lookup_disabled",
        code=60699,
        pause=PauseReason.LOOKUP_DISABLED,
        shows=False,
    ),
    # A real server answered for a simulated account: it may have billed, so it is an attempt, with a receipt and its price.
    Case(
        what="an answer from the other world",
        end=broken(R.SIMULATION_MIXED, B.UNKNOWN),
        state="pending",
        left=(LINE,),
        receipts={LINE: ("again", "unknown", 8_000)},
        unknown=8_000,
        reason="simulation_mixed",
        pause=PauseReason.BAD_REQUEST,
    ),
    # 60626: this number was asked too often; far apart, and given up after the last wait.
    Case(
        what="the number's own limit",
        end=broken(R.NUMBER_RATE_LIMITED, code=60626),
        state="pending",
        left=(LINE,),
        reason="number_rate_limited",
        code=60626,
        tries_then={"number": 1},
        ask_at=after(60),
    ),
    # A gateway's page: noise at first, in the end a pause that says so.
    Case(
        what="a redirect",
        end=broken(R.REDIRECTED, http_status=302),
        state="pending",
        left=(LINE,),
        counts=False,
        tries_then={"unexpected": 1},
        ask_at=after(1),
    ),
    Case(
        what="a redirect for the sixth time",
        tries={"unexpected": 5},
        end=broken(R.REDIRECTED, http_status=302),
        state="pending",
        left=(LINE,),
        counts=False,
        pause=PauseReason.BAD_REQUEST,
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.what)
def test_each_kind_of_end(case: Case) -> None:
    asked = Asked(due=case.due, prices=PRICES, tries=case.tries or {}, receipts=case.earlier or {})

    settled = settle(asked, case.end)

    assert (settled.state, settled.due) == (case.state, case.left)
    assert outcomes(settled) == (case.receipts or {})
    assert (settled.billed_micros, settled.unknown_micros) == (case.billed, case.unknown)
    assert settled.price_micros == sum(PRICES[package] for package in case.left)
    assert (settled.reason, settled.error_code) == (case.reason, case.code)
    assert settled.counts is case.counts
    assert settled.tries == case.tries_then
    assert settled.ask_at == case.ask_at
    assert settled.pause is case.pause
    assert settled.dropped == (case.dropped or {})
    assert (settled.answer is None) is (isinstance(case.end, Failure) or not case.counts or not case.shows)


@pytest.mark.parametrize("offered", [{NAME}, {LINE, NAME, STATUS}])
@pytest.mark.parametrize("inside", [True, False])
def test_a_package_is_dropped_where_the_run_asks_for_others_elsewhere(offered: set[str], inside: bool) -> None:
    asked = Asked(due=(STATUS,), prices=PRICES)
    end = part(STATUS, 60606, R.PACKAGE_UNAVAILABLE)

    if inside:
        settled = settle_answer(asked, answered(end), now=NOW, jitter=0.0, offered=offered)
    else:
        failure = broken(R.PACKAGE_UNAVAILABLE, package=STATUS)
        settled = settle_failure(asked, failure, now=NOW, jitter=0.0, offered=offered)

    assert settled.pause is None
    assert settled.dropped == {STATUS: "package_unavailable"}
    assert settled.state == ("failed" if inside else "pending")


def test_what_comes_back_after_the_last_package_was_dropped_waits_too() -> None:
    asked = Asked(due=(STATUS,), prices=PRICES)

    settled = settle_answer(
        asked, answered(part(STATUS, 60606, R.PACKAGE_UNAVAILABLE)), now=NOW, jitter=0.0, offered=set()
    )

    assert (settled.state, settled.due, settled.answer) == ("pending", (STATUS,), None)


@pytest.mark.parametrize(
    "reason", [R.ACCOUNT_CREDENTIALS, R.LOOKUP_DISABLED, R.BAD_REQUEST, R.PACKAGE_UNAVAILABLE, R.QUOTA_REACHED]
)
def test_a_run_that_pauses_is_told_the_failures_sentence(reason: FailureReason) -> None:
    asked = Asked(due=(STATUS,), prices=PRICES)

    failure = broken(reason, package=STATUS, message="Twilio said so.")
    refused = settle_failure(asked, failure, now=NOW, jitter=0.0)
    failed_part = PackageAnswer(STATUS, {}, None, B.UNKNOWN, failure)
    inside = settle_answer(asked, answered(failed_part), now=NOW, jitter=0.0)

    assert (refused.detail, inside.detail) == ("Twilio said so.", "Twilio said so.")
    assert None not in (refused.pause, inside.pause)


def test_a_receipt_tells_when_what_and_why() -> None:
    asked = Asked(due=(LINE, NAME), prices=PRICES)

    settled = settle(asked, answered(part(LINE), part(NAME, 60620, R.NO_DATA)))

    assert settled.receipts == {
        LINE: {
            "outcome": "done",
            "billing": "billed",
            "cost": 8_000,
            "at": NOW.isoformat(),
            "answer": {"type": "mobile"},
        },
        NAME: {
            "outcome": "failed",
            "billing": "unknown",
            "cost": 10_000,
            "at": NOW.isoformat(),
            "reason": "no_data",
            "code": 60620,
        },
    }


def test_partial_data_is_kept_beside_its_failure() -> None:
    failure = Failure(reason=R.PARTIAL_DATA, billing=B.UNKNOWN, package=LINE, code=60613)
    partial = PackageAnswer(LINE, {"carrier_name": "Acme"}, 60613, B.UNKNOWN, failure)

    settled = settle(Asked(due=(LINE,), prices=PRICES), answered(partial))

    assert settled.receipts[LINE]["answer"] == {"carrier_name": "Acme"}
    assert (settled.receipts[LINE]["outcome"], settled.receipts[LINE]["code"]) == ("failed", 60613)


def test_a_package_without_a_known_price_costs_nothing_we_know_of() -> None:
    settled = settle(Asked(due=(LINE,), prices={}), answered(part(LINE)))

    assert (settled.state, settled.billed_micros) == ("done", 0)


@pytest.mark.parametrize(
    ("earlier", "state", "reason"),
    [
        # Nothing of it was ever answered.
        ({}, "skipped", "quota_reached"),
        # What it has is an older answer that was used again.
        ({LINE: {"outcome": "reused"}}, "reused", "quota_reached"),
        # The rest was answered in an attempt before this.
        ({LINE: {"outcome": "done"}}, "done", "quota_reached"),
        ({LINE: {"outcome": "done"}, NAME: {"outcome": "reused"}}, "done", "quota_reached"),
        # The rest failed before, and that is what it is.
        ({LINE: {"outcome": "failed", "reason": "no_data"}}, "failed", "quota_reached"),
        # Left out before as well.
        ({LINE: {"outcome": "skipped"}}, "skipped", "quota_reached"),
    ],
)
def test_what_is_left_out_ends_without_being_asked(earlier: dict[str, Any], state: str, reason: str) -> None:
    asked = Asked(due=(STATUS,), prices=PRICES, receipts=earlier)

    settled = settle_unasked(asked, {STATUS: "quota_reached"}, now=NOW)

    assert (settled.state, settled.due, settled.price_micros, settled.reason) == (state, (), 0, reason)
    assert not settled.counts
    assert settled.receipts == skipped_receipts({STATUS: "quota_reached"}, now=NOW)
    assert outcomes(settled) == {STATUS: ("skipped", "not_processed", 0)}
    assert settled.answer is None
