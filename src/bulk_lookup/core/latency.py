"""Percentiles of response times out of counts by bucket."""

from collections.abc import Sequence


def percentile(counts: Sequence[int], bounds_ms: Sequence[int], share: float) -> float | None:
    """The time in ms that a share (0 … 1) of the requests stayed under; None without a request.

    `counts` has one bucket more than `bounds_ms` has upper bounds: the last one is open, and says only "at least". Within a
    bucket the requests are taken to be spread evenly, as everywhere where histograms are read.
    """
    whole = sum(counts)
    if not whole:
        return None
    wanted, before = share * whole, 0
    for place, count in enumerate(counts):
        if count and before + count >= wanted:
            if place == len(bounds_ms):
                return float(bounds_ms[-1])
            low = bounds_ms[place - 1] if place else 0
            return low + (bounds_ms[place] - low) * (wanted - before) / count
        before += count
    return float(bounds_ms[-1])
