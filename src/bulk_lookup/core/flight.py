"""What is in flight in one process, and at which number in flight requests are accepted or refused.

A refused request never was in flight at the provider, so those that started after it had one fewer beside them than we
believed. Keeping that straight is what makes a refusal a measurement.
"""

from collections import deque

from bulk_lookup.core.allowance import MEMORY, Evidence

_BUCKET = 0.25
_SNAPSHOT = 0.1
_SECOND = 1.0
_FADING = 0.95


class Ticket:
    """One request in flight: its number in order of start, and how many were in flight with it, itself included."""

    __slots__ = ("level", "number", "started_at")

    def __init__(self) -> None:
        self.number = 0
        self.level = 0
        self.started_at = 0.0


class Flight:
    """Counts one allowance's requests; mutable, for it stands in the path of each one. Time comes in as an argument.

    `pending` holds the unanswered ones, oldest first; `peak` is the most there were at once since its reader reset it.
    """

    __slots__ = (
        "_bucket_end",
        "_counted_from",
        "_highs",
        "_next_snapshot",
        "_refused",
        "_refused_counted",
        "_slowest_refusal",
        "_snapshots",
        "_started",
        "_top",
        "peak",
        "pending",
    )

    def __init__(self) -> None:
        self.pending: dict[int, Ticket] = {}
        self.peak = 0
        self._started = 0
        self._refused = 0
        self._refused_counted = 0
        self._counted_from = 0
        self._slowest_refusal = 0.0
        self._top = 0
        self._bucket_end = 0.0
        self._highs: deque[tuple[float, int]] = deque()
        self._next_snapshot = 0.0
        self._snapshots: deque[tuple[float, int, int]] = deque()

    def __len__(self) -> int:
        return len(self.pending)

    def start(self, ticket: Ticket, now: float) -> None:
        """Count a request as in flight from now on."""
        if now >= self._next_snapshot:
            self._snapshots.append((now, self._started, self._refused_counted))
            self._next_snapshot = now + _SNAPSHOT
            self._forget(now)
        self._started += 1
        ticket.number = self._started
        ticket.started_at = now
        self.pending[self._started] = ticket
        ticket.level = level = len(self.pending)
        if level > self.peak:
            self.peak = level

    def accepted(self, ticket: Ticket, now: float) -> None:
        """Note that the provider took the request in: so many in flight are allowed."""
        del self.pending[ticket.number]
        if now >= self._bucket_end:
            self._close_bucket(now)
        if ticket.level > self._top:
            self._top = max(self._top, ticket.level - self._doubtful(ticket.number, now))

    def refused(self, ticket: Ticket, now: float) -> int:
        """Note a refusal and tell how many accepted requests were in flight when it started."""
        del self.pending[ticket.number]
        self._refused += 1
        if ticket.number > self._counted_from:
            self._refused_counted += 1
        self._slowest_refusal = max(now - ticket.started_at, self._slowest_refusal * _FADING)
        for number, other in self.pending.items():
            if number > ticket.number:
                other.level -= 1
        return ticket.level - 1

    def gone(self, ticket: Ticket) -> None:
        """Forget a request whose end says nothing about the limit."""
        del self.pending[ticket.number]

    def evidence(self, now: float) -> Evidence:
        """Sum up the last 2 s of acceptances and the last second of requests."""
        self._forget(now)
        started, refused = self._snapshots[0][1:] if self._snapshots else (self._started, self._refused_counted)
        return Evidence(
            accepted_high=self.accepted_high(now),
            pending_high=max((ticket.level for ticket in self.pending.values()), default=0),
            asked=self._started - started,
            refused=self._refused_counted - refused,
        )

    def count_from(self, now: float) -> None:
        """Begin the last second's counts anew: what was refused before has had its consequence."""
        self._snapshots.clear()
        self._snapshots.append((now, self._started, self._refused_counted))
        self._next_snapshot = now + _SNAPSHOT
        self._counted_from = self._started

    def accepted_high(self, now: float) -> int:
        """The highest number in flight at which a request was accepted during the last 2 s."""
        if now >= self._bucket_end:
            self._close_bucket(now)
        return max(self._top, max((high for _, high in self._highs), default=0))

    def totals(self) -> tuple[int, int]:
        """Requests started and refused since the beginning."""
        return self._started, self._refused

    def _doubtful(self, number: int, now: float) -> int:
        """Older ones that may still turn out refused, and then were not beside this one at the provider."""
        since = now - self._slowest_refusal
        return sum(1 for other in self.pending.values() if other.started_at > since and other.number < number)

    def _close_bucket(self, now: float) -> None:
        if self._top:
            self._highs.append((self._bucket_end, self._top))
        while self._highs and self._highs[0][0] < now - MEMORY:
            self._highs.popleft()
        self._top = 0
        self._bucket_end = now + _BUCKET

    def _forget(self, now: float) -> None:
        # The newest snapshot that is a second old stays: the window begins there.
        while len(self._snapshots) > 1 and self._snapshots[1][0] <= now - _SECOND:
            self._snapshots.popleft()
