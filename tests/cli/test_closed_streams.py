"""Streams that are closed from the beginning (`<&-`, `>&-`): one sentence where one is needed, and never a traceback."""

import shlex
import subprocess
import sys

import pytest
from cli_stage import Command, RealAccount


def closed(command: Command, words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """What a shell makes of `bulk-lookup` with these words and redirections."""
    done = subprocess.run(
        ["/bin/sh", "-c", f"exec {shlex.quote(sys.executable)} -m bulk_lookup.cli {words}"],
        cwd=command.folder,
        env=command.environment(settings),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    assert "unexpected" not in done.stderr, done.stderr
    return done


@pytest.fixture
def listed(bulk_lookup: Command) -> Command:
    (bulk_lookup.folder / "people.csv").write_text("name,phone\nAnn,+14155553970\n")
    return bulk_lookup


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("lookup - --simulate -o out.csv <&-", "Standard input is closed; pipe a list to it"),
        ("lookup people.csv --simulate --json >&-", "Standard output is closed"),
        ("lookup people.csv --simulate -o - >&-", "Standard output is closed"),
        ("lookup - --simulate >&-", "Standard output is closed"),
    ],
)
def test_a_stream_that_is_needed_is_said_before_anything_is_bought(listed: Command, words: str, sentence: str) -> None:
    done = closed(listed, words)

    assert done.returncode == 2
    assert sentence in done.stderr
    assert not (listed.folder / "out.csv").exists()


def test_nobody_is_asked_through_a_closed_stream(listed: Command, real_account: RealAccount) -> None:
    done = closed(listed, "lookup people.csv <&-", **real_account.settings)

    assert done.returncode == 2
    assert "add --yes to agree" in done.stderr


def test_a_list_is_looked_up_all_the_same(listed: Command) -> None:
    done = closed(listed, "lookup people.csv --simulate --yes <&- >&- 2>&-")

    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    rows = (listed.folder / "people.looked-up.csv").read_text().splitlines()
    assert rows[1].startswith("Ann,+14155553970,+14155553970,")
    assert len(rows) == 2, "what is said never lands in a file that took the place of a closed stream"


@pytest.mark.parametrize("words", ["config", "runs --json", "prices", "doctor"])
def test_what_nobody_wants_to_see_is_written_nowhere(listed: Command, words: str) -> None:
    assert closed(listed, f"{words} <&- >&- 2>&-").returncode in (0, 1)
