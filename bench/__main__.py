"""`python -m bench`: measure, print each line when it is there, and the table at the end."""

import argparse
import sys
import time

from bench.figure import table
from bench.report import write_page
from bench.sizes import DEFAULT, FULL, QUICK
from bench.table import LINES, measure_all


def main(arguments: list[str] | None = None) -> int:
    """Read the options, measure, and return the exit code: 1 where a line could not be measured.

    A goal that is not met is no failure: a measurement is no test.
    """
    parser = argparse.ArgumentParser(
        prog="python -m bench",
        description="Print the table of figures: each line beside its peer and its limit, measured in the same run.",
    )
    parser.add_argument("--only", action="append", choices=LINES, metavar="NAME", help=f"one of {', '.join(LINES)}")
    parser.add_argument(
        "--quick", action="store_true", help="a taste of each line in a minute; the figures say nothing"
    )
    parser.add_argument("--full", action="store_true", help="10 million rows where growth matters; takes hours")
    parser.add_argument("--write", action="store_true", help="write docs/benchmarks.md")
    parser.add_argument(
        "--runs", type=int, default=0, metavar="N", help="runs of each line, of which the median counts"
    )
    parser.add_argument(
        "--minutes", type=float, default=30.0, help="no line is begun later than this (not with --full)"
    )
    options = parser.parse_args(arguments)
    if options.write and (options.only or options.quick):
        parser.error("--write writes the whole table: not with --only or --quick")
    sizes = QUICK if options.quick else FULL if options.full else DEFAULT
    runs = options.runs or (1 if options.quick else 3)
    until = float("inf") if options.full else time.monotonic() + options.minutes * 60
    began = time.monotonic()
    try:
        figures, missing = measure_all(options.only or list(LINES), sizes, runs=runs, until=until)
    except KeyboardInterrupt:
        print("\nInterrupted; everything that was started has ended.", file=sys.stderr)
        return 130
    minutes = (time.monotonic() - began) / 60
    print(f"\n{table(figures)}\n\n{minutes:.1f} minutes.")
    for name, why in missing.items():
        print(f"{name} was not measured: {why}")
    if missing:
        return 1
    if options.write:
        print(f"Written to {write_page(figures, sizes, runs=runs, minutes=minutes)}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
