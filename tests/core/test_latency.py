"""Percentiles out of buckets lie within the bucket that holds them."""

from hypothesis import given
from hypothesis import strategies as st

from bulk_lookup.core.latency import percentile

BOUNDS = (25, 50, 100, 200)


def test_without_a_request_there_is_no_time() -> None:
    assert percentile([0, 0, 0, 0, 0], BOUNDS, 0.5) is None


def test_a_bucket_is_spread_evenly() -> None:
    assert percentile([0, 0, 10, 0, 0], BOUNDS, 0.5) == 75.0


def test_the_open_bucket_says_at_least() -> None:
    assert percentile([0, 0, 0, 0, 3], BOUNDS, 0.99) == 200.0


@given(st.lists(st.integers(0, 1_000), min_size=5, max_size=5).filter(any), st.floats(0.01, 1.0))
def test_it_lies_in_the_bucket_that_holds_it(counts: list[int], share: float) -> None:
    found = percentile(counts, BOUNDS, share)
    assert found is not None
    edges = [0, *BOUNDS]
    under = sum(count for count, upper in zip(counts, BOUNDS, strict=False) if upper <= found)
    over = sum(count for count, low in zip(counts, edges, strict=True) if low >= found)

    assert under <= share * sum(counts) + 1e-6 or found in BOUNDS
    assert over <= (1 - share) * sum(counts) + 1e-6 or found in BOUNDS
    assert percentile(counts, BOUNDS, 1.0) >= found  # type: ignore[operator]
