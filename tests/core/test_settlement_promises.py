"""What holds of every settlement, whatever was asked and however it ended."""

from collections.abc import Callable
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from bulk_lookup.core.answer import Answer, PackageAnswer
from bulk_lookup.core.billing import Billing
from bulk_lookup.core.failure import Failure, FailureReason
from bulk_lookup.core.settlement import Asked, Outcome, Settlement, settle_answer, settle_failure, settle_unasked

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
BASIC, LINE, NAME, STATUS = "basic", "line_type_intelligence", "caller_name", "line_status"

packages = st.lists(st.sampled_from([BASIC, LINE, NAME, STATUS]), min_size=1, max_size=4, unique=True).map(tuple)
earlier_outcomes = st.sampled_from([one.value for one in Outcome if one is not Outcome.AGAIN])
class_counts = st.integers(0, 8)


@st.composite
def asked_lookups(draw: st.DrawFn) -> Asked:
    """A lookup as claimed: each package is due or has ended before, or is none of this run's."""
    due = draw(packages)
    before = {
        package: {"outcome": draw(earlier_outcomes)}
        for package in draw(st.sets(st.sampled_from([LINE, NAME, STATUS])))
        if package not in due
    }
    words = ["unknown", "network", "unexpected", "number", *(f"transient:{package}" for package in due)]
    prices = draw(st.fixed_dictionaries({package: st.integers(0, 1_000_000) for package in due}))
    return Asked(due, prices, draw(st.dictionaries(st.sampled_from(words), class_counts)), before)


@st.composite
def failures(draw: st.DrawFn, due: tuple[str, ...]) -> Failure:
    return Failure(
        reason=draw(st.sampled_from(FailureReason)),
        billing=draw(st.sampled_from(Billing)),
        package=draw(st.sampled_from([None, *due])),
        code=draw(st.none() | st.integers(1, 99_999)),
        retry_after=draw(st.none() | st.floats(0, 100)),
    )


@st.composite
def parts(draw: st.DrawFn, package: str) -> PackageAnswer:
    billing = draw(st.sampled_from(Billing))
    if draw(st.booleans()):
        return PackageAnswer(package, {"x": 1}, None, billing)
    reason = draw(st.sampled_from(FailureReason))
    if reason in (FailureReason.PACKAGE_RATE_LIMITED, FailureReason.RATE_LIMITED):
        billing = Billing.NOT_PROCESSED  # a refusal for a limit is never on the bill
    return PackageAnswer(package, {}, 60000, billing, Failure(reason=reason, billing=billing, package=package))


@st.composite
def settlements(draw: st.DrawFn) -> tuple[Asked, Settlement]:
    asked = draw(asked_lookups())
    jitter = draw(st.floats(0, 1))
    if draw(st.booleans()):
        failure = draw(failures(asked.due))
        return asked, settle_failure(asked, failure, now=NOW, jitter=jitter)
    if draw(st.booleans()):
        return asked, settle_unasked(asked, dict.fromkeys(asked.due, "quota_reached"), now=NOW)
    answers = {package: draw(parts(package)) for package in asked.due if package != BASIC}
    answer = Answer("+14155552671", True, (), "US", answers, "RQ1", 120, None, False)
    return asked, settle_answer(asked, answer, now=NOW, jitter=jitter)


Promise = Callable[[Asked, Settlement], bool]


def no_attempt_costs_more_than_was_reserved(asked: Asked, settled: Settlement) -> bool:
    spent = settled.billed_micros + settled.unknown_micros
    return min(settled.billed_micros, settled.unknown_micros) >= 0 and spent <= sum(asked.prices.values())


def the_money_is_that_of_the_receipts(_: Asked, settled: Settlement) -> bool:
    by_bill = {"billed": 0, "unknown": 0, "free": 0, "not_processed": 0}
    for receipt in settled.receipts.values():
        by_bill[receipt["billing"]] += receipt["cost"]
    return by_bill == {
        "billed": settled.billed_micros,
        "unknown": settled.unknown_micros,
        "free": 0,
        "not_processed": 0,
    }


def the_state_follows_from_what_is_due_and_what_has_failed(asked: Asked, settled: Settlement) -> bool:
    bad = {one["outcome"] for one in {**asked.receipts, **settled.receipts}.values()} & {"failed", "dropped"}
    expected = {"pending"} if settled.due else {"failed"} if bad else {"done", "skipped", "reused"}
    return settled.state in expected


def what_does_not_count_costs_nothing(_: Asked, settled: Settlement) -> bool:
    nothing = not settled.billed_micros and not settled.unknown_micros
    return settled.counts or (nothing and all(one["outcome"] == "skipped" for one in settled.receipts.values()))


def every_package_asked_is_still_due_or_has_ended(asked: Asked, settled: Settlement) -> bool:
    ended = {package for package, one in settled.receipts.items() if one["outcome"] != "again"}
    once = len(set(settled.due)) == len(settled.due)
    return once and ended | set(settled.due) == set(asked.due) and not ended & set(settled.due)


def what_is_due_is_priced_and_nothing_else(asked: Asked, settled: Settlement) -> bool:
    return settled.price_micros == sum(asked.prices[package] for package in settled.due)


def only_what_is_asked_again_has_a_time_and_no_earlier_one(_: Asked, settled: Settlement) -> bool:
    return settled.ask_at is None or (bool(settled.due) and settled.ask_at >= NOW)


def an_attempt_with_receipts_is_told_apart_by_its_reason(_: Asked, settled: Settlement) -> bool:
    """The statement that claims again keeps an earlier attempt where the lookup has a reason: without, it is lost."""
    return not settled.due or not settled.receipts or bool(settled.reason)


def tries_only_grow(asked: Asked, settled: Settlement) -> bool:
    then = asked.tries if settled.tries is None else settled.tries
    return all(then[word] >= count for word, count in asked.tries.items())


PROMISES: list[Promise] = [
    no_attempt_costs_more_than_was_reserved,
    the_money_is_that_of_the_receipts,
    the_state_follows_from_what_is_due_and_what_has_failed,
    what_does_not_count_costs_nothing,
    every_package_asked_is_still_due_or_has_ended,
    what_is_due_is_priced_and_nothing_else,
    only_what_is_asked_again_has_a_time_and_no_earlier_one,
    an_attempt_with_receipts_is_told_apart_by_its_reason,
    tries_only_grow,
]


@given(settlements())
@settings(max_examples=200, deadline=None)
def test_every_promise_holds_for_every_end(made: tuple[Asked, Settlement]) -> None:
    broken_promises = [promise.__name__ for promise in PROMISES if not promise(*made)]

    assert broken_promises == []
