"""When a run had settled so many numbers, between two looks at it."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent.parent.parent))

from bench.growth import when


def test_between_two_looks_time_goes_by_proportion() -> None:
    seen = [(0.0, 0), (1.0, 100), (3.0, 300)]
    assert [when(seen, mark) for mark in (50, 100, 200, 300)] == [0.5, 1.0, 2.0, 3.0]
