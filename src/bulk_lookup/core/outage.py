"""When nobody answers any more: one careful question now and then instead of a list of unknown bills."""

from dataclasses import dataclass, replace

UNKNOWN_IN_A_ROW = 20
PROBE_EVERY = 5.0  # seconds


@dataclass(frozen=True, slots=True)
class Outage:
    """How an account has answered lately; times are seconds of one monotonic clock."""

    in_a_row: int = 0
    next_probe: float = 0.0

    @property
    def is_on(self) -> bool:
        """Whether so many requests in a row were cut off after sending that only probes go out."""
        return self.in_a_row >= UNKNOWN_IN_A_ROW

    def answered(self) -> "Outage":
        """After any answer of the provider, a refusal included: it is there again."""
        return Outage() if self.in_a_row else self

    def cut_off(self, now: float) -> "Outage":
        """After a request that was sent and brought no readable answer."""
        return replace(self, in_a_row=self.in_a_row + 1, next_probe=now + PROBE_EVERY)

    def may_ask(self, now: float) -> bool:
        """Whether a request may start now."""
        return not self.is_on or now >= self.next_probe

    def probing(self, now: float) -> "Outage":
        """After a probe has started: the next one may start a while later."""
        return replace(self, next_probe=now + PROBE_EVERY) if self.is_on else self
