"""An optional ceiling in requests per second, as a bucket of tokens that fills with time."""

from dataclasses import dataclass

BURST_SECONDS = 0.1
"""How much of a second's requests may start at one instant."""


@dataclass(frozen=True, slots=True)
class Pace:
    """So many requests per second; `tokens` were there at `filled_at` (seconds)."""

    per_second: float
    tokens: float = 0.0
    filled_at: float = 0.0

    @property
    def burst(self) -> float:
        """The most tokens that can be saved up, at least one."""
        return max(1.0, self.per_second * BURST_SECONDS)


def take(pace: Pace, now: float) -> tuple[Pace, float]:
    """Take one token: the pace after it and 0.0, or the pace as filled and the seconds until a token is there."""
    tokens = min(pace.burst, pace.tokens + max(0.0, now - pace.filled_at) * pace.per_second)
    # A token that lacks a billionth is there: the timer that waited for it must not come a second time.
    if tokens >= 1.0 - 1e-9:
        return Pace(pace.per_second, tokens - 1.0, now), 0.0
    return Pace(pace.per_second, tokens, now), (1.0 - tokens) / pace.per_second
