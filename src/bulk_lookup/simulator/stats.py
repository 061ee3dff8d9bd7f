"""What the simulator saw, for tests and benchmarks of the allowance; unlike the ledger it can be reset."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

_SECONDS_KEPT = 3600


class Stats:
    """Counters of one account."""

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic, since: float | None = None) -> None:
        self._monotonic = monotonic
        self.in_flight = 0
        self.reset()
        if since is not None:
            self.since = since

    def reset(self) -> None:
        """Begin to count anew; requests in flight stay in flight."""
        self.max_in_flight_seen = self.in_flight
        self.accepted = 0
        self.answered = 0
        self.abandoned = 0
        self.packages_refused = 0
        self.faults: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.accepted_by_second: dict[int, int] = {}
        self.refused_by_second: dict[int, int] = {}
        self.since = self._moved_at = self._monotonic()
        self.in_flight_seconds = 0.0

    @property
    def seconds(self) -> float:
        """Give the seconds since the start or the last reset."""
        return self._monotonic() - self.since

    def moved(self, in_flight: int) -> None:
        """Take note that the number of requests in flight is now another."""
        now = self._monotonic()
        self.in_flight_seconds += self.in_flight * (now - self._moved_at)
        self._moved_at = now
        if in_flight > self.in_flight:
            self.accepted += 1
            _count(self.accepted_by_second, int(now - self.since))
            if in_flight > self.max_in_flight_seen:
                self.max_in_flight_seen = in_flight
        self.in_flight = in_flight

    def refuse(self, why: str) -> None:
        """Count a refusal: "limit" (too many in flight), "chance" (drawn), "package", "number", "account"."""
        self.refused[why] += 1
        _count(self.refused_by_second, int(self._monotonic() - self.since))


def summed(stats: Sequence[Stats], *, limit: int) -> dict[str, object]:
    """Add up the counters of accounts; `limit` is the one that each of them has."""
    for one in stats:
        one.moved(one.in_flight)
    refused = _total(one.refused for one in stats)
    return {
        "seconds": round(max(one.seconds for one in stats), 3),
        "limit": limit,
        "in_flight": sum(one.in_flight for one in stats),
        "max_in_flight_seen": max(one.max_in_flight_seen for one in stats),
        # In flight added up over time: divided by limit × seconds it is the share of the allowance that was used.
        "in_flight_seconds": round(sum(one.in_flight_seconds for one in stats), 3),
        "accepted": sum(one.accepted for one in stats),
        "answered": sum(one.answered for one in stats),
        "abandoned": sum(one.abandoned for one in stats),
        "refused": sum(refused.values()),
        "refused_by_reason": refused,
        # 60616 inside a 200: no request was refused, but one of its packages.
        "packages_refused": sum(one.packages_refused for one in stats),
        # Requests that started while those in flight had reached the limit: exactly those refused for it.
        "started_above_limit": refused.get("limit", 0),
        "faults": _total(one.faults for one in stats),
        "accepted_by_second": _total(one.accepted_by_second for one in stats),
        "refused_by_second": _total(one.refused_by_second for one in stats),
    }


def _total(counts: Iterable[Mapping[Any, int]]) -> dict[str, int]:
    total: dict[str, int] = {}
    for one in counts:
        for key, n in one.items():
            total[str(key)] = total.get(str(key), 0) + n
    return total


def _count(by_second: dict[int, int], second: int) -> None:
    if second in by_second:
        by_second[second] += 1
        return
    by_second[second] = 1
    if len(by_second) > _SECONDS_KEPT:
        del by_second[next(iter(by_second))]
