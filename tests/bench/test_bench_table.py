"""What becomes of a line that cannot be measured, and of the others after it."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parent.parent.parent))

from bench.context import Context
from bench.figure import Figure
from bench.sizes import QUICK

from bench import table


class Bare:
    """A stage without a server."""

    folder = "nowhere"
    interrupted = False

    def __enter__(self) -> "Bare":
        return self

    def __exit__(self, *_: object) -> None:
        pass


def broken(bench: Context) -> Iterator[Figure]:
    raise ConnectionError("a worker has ended")
    yield


def test_a_line_that_breaks_leaves_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "Stage", Bare)
    monkeypatch.setattr(table, "LINES", {"broken": broken, "good": lambda bench: iter(())})

    figures, missing = table.measure_all(["broken", "good"], QUICK, runs=1, until=float("inf"))

    assert (figures, missing) == ([], {"broken": "a worker has ended"})


def test_what_breaks_by_an_interruption_is_the_interruption(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C ends what a line has started, and the line may be told of that first."""
    monkeypatch.setattr(table, "Stage", Bare)
    monkeypatch.setattr(table, "LINES", {"broken": broken})
    monkeypatch.setattr(Bare, "interrupted", True)

    with pytest.raises(KeyboardInterrupt):
        table.measure_all(["broken"], QUICK, runs=1, until=float("inf"))
