"""The optional ceiling in requests per second."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulk_lookup.core.pace import Pace, take


@given(st.floats(0.1, 500), st.lists(st.floats(0, 2), min_size=1, max_size=200))
def test_no_second_sees_more_than_the_ceiling_and_the_burst(per_second: float, gaps: list[float]) -> None:
    pace, now, started = Pace(per_second), 0.0, list[float]()
    for gap in gaps:
        now += gap
        pace, wait = take(pace, now)
        if not wait:
            started.append(now)

    for index, begin in enumerate(started):
        within = sum(1 for moment in started[index:] if moment < begin + 1)
        assert within <= per_second + pace.burst + 1


@pytest.mark.parametrize("per_second", [0.5, 3.0, 40.0, 333.3])
def test_who_waits_as_long_as_told_gets_through_at_the_first_try_and_the_ceiling_is_used(per_second: float) -> None:
    pace, now = Pace(per_second), 0.0
    started = 0
    while now < 60.0:
        pace, wait = take(pace, now)
        if wait:
            now += wait
            pace, again = take(pace, now)
            assert not again
        started += 1

    assert started == pytest.approx(60.0 * per_second, rel=0.02, abs=1.5)
