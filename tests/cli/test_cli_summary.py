"""The sentences and figures of a run, as its state and its counters have them."""

import pytest

from bulk_lookup.cli.summary import ADVICE, run_sentences, why
from bulk_lookup.cli.words import amount, counted
from bulk_lookup.core.retry import PauseReason
from bulk_lookup.models import Run

FIGURES = {
    "valid": 1,
    "bought": 0,
    "reused": 0,
    "skipped": 0,
    "failed": 1,
    "pending": 0,
    "cost": "0.008",
    "unknown_cost": "0.008",
    "unknown": 1,
    "currency": "USD",
    "output": None,
}


@pytest.mark.parametrize(("number", "words"), [(0, "0 requests"), (1, "1 request"), (2000, "2,000 requests")])
def test_one_is_no_plural(number: int, words: str) -> None:
    assert counted(number, "request") == words


@pytest.mark.parametrize(
    ("micros", "unknown", "words"),
    [
        (16_000, [], "0.016 USD"),
        (0, [], "0.00 USD"),
        (16_000, ["a"], "0.016 USD and the unknown price of a"),
        (0, ["a", "b"], "the unknown price of a and b"),
    ],
)
def test_what_is_not_known_is_no_zero(micros: int, unknown: list[str], words: str) -> None:
    assert amount(micros, "USD", unknown) == words


def test_every_pause_has_a_sentence() -> None:
    assert set(ADVICE) == {reason.value for reason in PauseReason}


def test_the_providers_sentence_stands_where_there_is_one() -> None:
    told = Run(state="paused", reason="account_suspended", detail="The account is closed.")
    untold = Run(state="paused", reason="account_suspended")

    assert why(told) == "The account is closed."
    assert "not active" in why(untold)


def test_a_run_that_could_not_be_planned_says_so() -> None:
    run = Run(id=7, state="failed", reason="planning_failed")

    first, *_ = run_sentences(run, FIGURES)

    assert first.startswith("The run could not be planned, so nothing was bought.")


def test_one_number_and_one_request_are_said_as_such() -> None:
    run = Run(id=7, state="finished", unknown_micros=8_000)

    said = " ".join(run_sentences(run, FIGURES))

    assert "1 number: " in said
    assert "for 1 request whose bill" in said
