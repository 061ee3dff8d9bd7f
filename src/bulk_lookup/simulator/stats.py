"""What the simulator saw, for tests and benchmarks of the allowance; unlike the ledger it can be reset."""

import time
from collections import Counter
from collections.abc import Callable

_SECONDS_KEPT = 3600


class Stats:
    """Counters of one account."""

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._in_flight = 0
        self.reset()

    def reset(self) -> None:
        """Begin to count anew; requests in flight stay in flight."""
        self.max_in_flight_seen = self._in_flight
        self.accepted = 0
        self.answered = 0
        self.abandoned = 0
        self.faults: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.accepted_by_second: dict[int, int] = {}
        self.refused_by_second: dict[int, int] = {}
        self._since = self._moved_at = self._monotonic()
        self._busy = 0.0

    def moved(self, in_flight: int) -> None:
        """Take note that the number of requests in flight is now another."""
        now = self._monotonic()
        self._busy += self._in_flight * (now - self._moved_at)
        self._moved_at = now
        if in_flight > self._in_flight:
            self.accepted += 1
            _count(self.accepted_by_second, int(now - self._since))
            if in_flight > self.max_in_flight_seen:
                self.max_in_flight_seen = in_flight
        self._in_flight = in_flight

    def refuse(self, why: str) -> None:
        """Count a refusal: "limit" (too many in flight), "chance" (drawn), "package", "number", "account"."""
        self.refused[why] += 1
        _count(self.refused_by_second, int(self._monotonic() - self._since))

    def as_json(self, *, limit: int) -> dict[str, object]:
        """Give all counters; seconds are counted from the start or the last reset."""
        now = self._monotonic()
        return {
            "seconds": round(now - self._since, 3),
            "limit": limit,
            "in_flight": self._in_flight,
            "max_in_flight_seen": self.max_in_flight_seen,
            # In flight added up over time: divided by limit × seconds it is the share of the allowance that was used.
            "in_flight_seconds": round(self._busy + self._in_flight * (now - self._moved_at), 3),
            "accepted": self.accepted,
            "answered": self.answered,
            "abandoned": self.abandoned,
            "refused": sum(self.refused.values()),
            "refused_by_reason": dict(self.refused),
            # Requests that started while those in flight had reached the limit: exactly those refused for it.
            "started_above_limit": self.refused["limit"],
            "faults": dict(self.faults),
            "accepted_by_second": {str(second): n for second, n in self.accepted_by_second.items()},
            "refused_by_second": {str(second): n for second, n in self.refused_by_second.items()},
        }


def _count(by_second: dict[int, int], second: int) -> None:
    if second in by_second:
        by_second[second] += 1
        return
    by_second[second] = 1
    if len(by_second) > _SECONDS_KEPT:
        del by_second[next(iter(by_second))]
