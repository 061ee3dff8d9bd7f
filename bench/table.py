"""The lines of the table, in order, and the measuring of them."""

import sys
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence

from bench import allowance, export_rows, growth, import_rows, lookups, queries, two_workers, unknown_limit
from bench.context import Context
from bench.figure import Figure
from bench.sizes import Sizes
from bench.stage import Stage

LINES: Mapping[str, Callable[[Context], Iterator[Figure]]] = {
    "lookups": lookups.measure,
    "allowance": allowance.measure,
    "unknown-limit": unknown_limit.measure,
    "import": import_rows.measure,
    "export": export_rows.measure,
    "queries": queries.measure,
    "growth": growth.measure,
    "two-workers": two_workers.measure,
}


def measure_all(names: Sequence[str], sizes: Sizes, *, runs: int, until: float) -> tuple[list[Figure], dict[str, str]]:
    """Measure these lines on a stage of their own, printing each figure when it is there; none begins after `until`.

    Returns the figures, and by line why it could not be measured.
    """
    figures: list[Figure] = []
    missing: dict[str, str] = {}
    with Stage() as stage:
        bench = Context(stage, sizes, runs, _say)
        _say(f"in {stage.folder}")
        for name in names:
            if time.monotonic() > until:
                missing[name] = "the time is over"
                continue
            _say(name)
            try:
                for figure in LINES[name](bench):
                    figures.append(figure)
                    print("\n".join(figure.lines()), flush=True)
            except Exception as error:  # the other lines are measured all the same
                if stage.interrupted:
                    raise KeyboardInterrupt from error
                traceback.print_exc()
                missing[name] = str(error).partition("\n")[0]
    return figures, missing


def _say(sentence: str) -> None:
    """What is going on, beside the table and not in it."""
    print(f"  … {sentence}", file=sys.stderr, flush=True)
