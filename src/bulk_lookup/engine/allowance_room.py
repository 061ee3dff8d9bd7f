"""A worker's part of one allowance: of the account's, or of a package's."""

from bulk_lookup.core import allowance as rules
from bulk_lookup.core.allowance import Allowance
from bulk_lookup.core.flight import Flight, Ticket
from bulk_lookup.core.renewal import Grant, Report


class Room:
    """So many requests may be in flight here; what is measured lowers that at once, a renewal sets it anew."""

    __slots__ = (
        "_allowance",
        "_generation_reported",
        "_hold_until",
        "_refused_reported",
        "_started_reported",
        "_wants",
        "at_ceiling",
        "flight",
        "limit",
        "package",
        "resume_at",
        "waiting",
    )

    def __init__(self, *, limit: int, package: str = "") -> None:
        self.package = package
        self.flight = Flight()
        self.limit = limit
        self.resume_at = 0.0
        self._hold_until = 0.0
        self.waiting = 0
        self.at_ceiling = False
        self._allowance = Allowance(limit=limit, proven=limit)
        self._generation_reported = 0
        self._wants = 0
        self._started_reported = 0
        self._refused_reported = 0

    @property
    def full(self) -> bool:
        """Whether as many are in flight as may be."""
        return len(self.flight) >= self.limit

    @property
    def ceiling(self) -> int:
        """What the limit may never exceed."""
        return self._allowance.ceiling

    @property
    def news(self) -> bool:
        """Whether something was measured that has not been reported and granted yet."""
        return self._allowance.generation != 0

    def open(self, now: float) -> bool:
        """Whether a request may start."""
        return now >= self.resume_at and not self.full

    def start(self, now: float, *, level: int = 0) -> Ticket:
        """Count a request in; one that started before this room was there brings its level along."""
        ticket = Ticket()
        self.flight.start(ticket, now)
        ticket.level = level or ticket.level
        return ticket

    def count(self, change: int) -> None:
        """So many more, or fewer, wait."""
        self.waiting += change
        self._wants = max(self._wants, self.waiting + len(self.flight))

    def accepted(self, ticket: Ticket, now: float) -> None:
        """Take in that a request was accepted."""
        self.flight.accepted(ticket, now)
        self._allowance = rules.after_answer(self._allowance)

    def refused(self, ticket: Ticket, now: float, retry_after: float) -> bool:
        """Take in a refusal; True if it measured the limit, False if it was noise."""
        accepted = self.flight.refused(ticket, now)
        before = self._allowance
        self._allowance = rules.after_refusal(before, accepted, now, self.flight.evidence(now), retry_after=retry_after)
        self.limit = self._allowance.limit
        self._hold_until = max(self._hold_until, self._allowance.resume_at)
        self.resume_at = max(self._hold_until, self._allowance.paused_until)
        if self._allowance is before:
            return False
        self.flight.count_from(now)
        return True

    def report(self, now: float) -> Report:
        """Sum up the time since the last report."""
        started, refused = self.flight.totals()
        in_flight = len(self.flight)
        report = Report(
            share=self.limit,
            in_flight=in_flight,
            # After a measurement only what was accepted counts as having been in flight.
            peak=min(self.flight.peak, self.limit) if self.news else self.flight.peak,
            wants=max(self._wants, self.flight.peak, in_flight + self.waiting),
            accepted_high=self.flight.accepted_high(now),
            asked=started - self._started_reported,
            refused=refused - self._refused_reported,
            measured=self.limit if self.news else None,
            hold=max(0.0, self._hold_until - now),
        )
        self._started_reported, self._refused_reported = started, refused
        self._generation_reported = self._allowance.generation
        self.flight.peak = in_flight
        self._wants = in_flight + self.waiting
        return report

    def renew(self, grant: Grant, now: float) -> None:
        """Act on a new share; what was measured since the report still holds, and is reported next time."""
        unheard = self._allowance.generation != self._generation_reported
        share = min(grant.share, self.limit) if unheard else grant.share
        self._allowance = Allowance(
            limit=share,
            ceiling=grant.ceiling,
            proven=min(grant.proven, share),
            noise=grant.usual,
            pause=self._allowance.pause,
            generation=1 if unheard else 0,
        )
        self._generation_reported = 0
        self.limit = share
        self.at_ceiling = grant.limit >= grant.ceiling
        if grant.resume_in:
            self._hold_until = max(self._hold_until, now + grant.resume_in)
            self.resume_at = max(self.resume_at, self._hold_until)
