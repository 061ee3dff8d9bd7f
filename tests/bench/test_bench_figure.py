"""How figures are written."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent.parent.parent))

from bench.figure import Figure, Goal, Measured, beside, table, written


def test_the_median_counts_and_the_spread_is_shown() -> None:
    measured = Measured((300.0, 100.0, 120.0), " rows/s")
    assert measured.value == 120.0
    assert str(measured) == "120 rows/s (100 … 300)"


def test_one_run_has_no_spread() -> None:
    assert str(Measured((5.25,), " s")) == "5.25 s"


def test_numbers_have_as_many_digits_as_they_deserve() -> None:
    assert [written(number) for number in (12345.6, 123.4, 12.34, 1.234)] == ["12,346", "123", "12.3", "1.23"]


def test_a_peer_is_compared_by_medians() -> None:
    ours, peer = Measured((30.0, 10.0, 20.0), " rows/s"), Measured((10.0,), " rows/s")
    assert beside("a peer", peer, ours).ratio == 2.0


def test_the_table_says_which_goal_is_not_met() -> None:
    figure = Figure("work", "1 s", goals=(Goal("≤ 2 s", True), Goal("≤ 0.5 s", False)))
    head, rule, row = table([figure]).splitlines()
    assert head.count("|") == rule.count("|") == row.count("|") == 7
    assert row == "| work | 1 s | – | – | ≤ 2 s<br>≤ 0.5 s | yes<br>**no** |"
