"""The line beside the progress bar: what is known is said, and nothing else."""

import pytest

from bulk_lookup.cli.pace import band_words, pace_line
from bulk_lookup.core.progress import Band, Slowdown
from bulk_lookup.engine.run_progress import RunProgress
from bulk_lookup.models import Run


def run(**fields: object) -> Run:
    return Run(**{"state": "running", "numbers": 100, "done": 40, "spent_micros": 320_000, "currency": "USD"} | fields)


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (0, 0.2, "0–1 s"),
        (20.4, 39.1, "20–40 s"),
        (30, 90, "30–90 s"),
        (120, 240, "2–4 min"),
        (180, 180, "3 min"),
        (5400, 5460, "1–2 h"),
        (3 * 3600, 5 * 3600, "3–5 h"),
    ],
)
def test_a_band_is_told_in_the_unit_of_its_end(low: float, high: float, words: str) -> None:
    assert band_words(Band(low, high)) == words


def test_all_that_is_known_is_in_the_line() -> None:
    measured = RunProgress(rate=210.4, eta=Band(120, 240), slowed_by=Slowdown.ACCOUNT_LIMIT)

    line = pace_line(run(cap_micros=5_000_000, failed=3), measured)

    assert line == "210/s, ends in 2–4 min, 0.32 USD of 5.00, 3 failed, slowed by: account limit"


@pytest.mark.parametrize("measured", [None, RunProgress()])
def test_what_was_not_measured_yet_is_no_figure(measured: RunProgress | None) -> None:
    assert pace_line(run(), measured) == "measuring, 0.32 USD"


def test_a_run_that_waits_for_its_last_answers_has_no_end_to_tell() -> None:
    measured = RunProgress(rate=3.0, eta=Band(1, 2))

    assert pace_line(run(done=100), measured) == "3/s, 0.32 USD"
    assert pace_line(run(state="paused"), measured) == "0.32 USD"


def test_a_plan_has_no_pace() -> None:
    assert pace_line(run(state="planning"), None) == "planning"


@pytest.mark.parametrize("cause", [one for one in Slowdown if one is not Slowdown.NOTHING])
def test_every_cause_is_said_in_words(cause: Slowdown) -> None:
    line = pace_line(run(), RunProgress(slowed_by=cause))

    assert line.endswith(f"slowed by: {cause.value.replace('_', ' ')}")
    assert "_" not in line
