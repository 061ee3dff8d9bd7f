"""How many requests may be in flight on one account, or for one package of it: a limit that is measured, not guessed.

The provider limits concurrent requests and says nothing about a rate. A refusal (20429, or 60616 for a package) is free
and tells exactly how many were accepted beside it, so the limit becomes that number at once. After a time without any
the limit is tried upwards: by one, then by four times as much for as long as it is accepted.
"""

from dataclasses import dataclass, replace
from math import sqrt

START = 20
CEILING = 100
MAX_STEP = 32
STEP_GROWTH = 4

QUIET = 3.0
"""Seconds without a measured refusal before the limit is tried upwards."""
QUIET_SETTLED = 5.0
"""The same once a probe has only confirmed the limit: fewer refusals at rest, and a rise is still found within 10 s."""
TICK = 0.9
"""Seconds between two moves of the limit; a little under the second in which shares are renewed, so none is missed."""
MEMORY = 2.0
"""Seconds for which an accepted number in flight counts as proof against a refusal at a lower one."""

FLOOD_SHARE = 5
"""More than one in five of the last second's requests refused is never noise."""
FLOOD_MINIMUM = 3
NOISE_DECAY = 0.85
"""Weight, per tick, of what was seen before: the usual share of random refusals is learnt over some ten seconds."""

PAUSE = 0.25
PAUSE_MAX = 5.0
"""Seconds to wait when a request was refused with nothing of ours in flight: others use up the whole account."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was seen of late, for judging one refusal or one tick.

    `accepted_high`: the highest number in flight, itself included, at which a request was accepted in the last 2 s.
    `pending_high`: the highest at which an unanswered request may yet be accepted.
    `asked`, `refused`: requests started and refusals received in the last second.
    """

    accepted_high: int = 0
    pending_high: int = 0
    asked: int = 0
    refused: int = 0


@dataclass(frozen=True, slots=True)
class Allowance:
    """The measured limit and where its next move stands. Times are seconds on whatever clock the caller keeps to.

    `proven` is the part of `limit` that was in full use without unusual refusals; what lies above is a probe.
    `noise_asked` and `noise_refused` are decaying counts: their ratio is the usual share of refusals that mean nothing.
    """

    limit: int = START
    ceiling: int = CEILING
    proven: int = START
    step: int = 1
    patience: float = QUIET
    quiet_since: float = 0.0
    ticked_at: float = 0.0
    resume_at: float = 0.0
    pause: float = 0.0
    noise_asked: float = 0.0
    noise_refused: float = 0.0
    generation: int = 0

    @property
    def probing(self) -> bool:
        """Whether more is allowed than has been proven."""
        return self.limit > self.proven

    @property
    def noise(self) -> float:
        """The usual share of requests that are refused whatever the number in flight, 0.0 to 1.0."""
        return self.noise_refused / self.noise_asked if self.noise_asked else 0.0


def after_refusal(
    allowance: Allowance, accepted_in_flight: int, now: float, evidence: Evidence, *, retry_after: float = 0.0
) -> Allowance:
    """Lower the limit to what was accepted beside the refused request, or leave it when the refusal is noise.

    `accepted_in_flight` counts the requests that were in flight and not refused when the refused one started.
    `evidence` includes the refusal itself. Unchanged (the same object) means: only that request waits.
    `retry_after` (s) holds the next probe back, and holds every start back where the refusals are a flood.
    """
    if not is_measurement(allowance, accepted_in_flight, evidence):
        return allowance
    limit = min(allowance.limit, max(1, accepted_in_flight))
    alone = accepted_in_flight <= 0
    pause = min(PAUSE_MAX, max(PAUSE, allowance.pause * 2)) if alone else 0.0
    held = max(pause, retry_after if alone or _is_flood(evidence) else 0.0)
    return measured(allowance, limit, now, quiet_for=retry_after, pause=pause, resume_at=now + held if held else 0.0)


def measured(
    allowance: Allowance, limit: int, now: float, *, quiet_for: float = 0.0, pause: float = 0.0, resume_at: float = 0.0
) -> Allowance:
    """Take `limit` as measured at `now`; a probe that only confirmed it makes the next one wait a little longer."""
    confirmed = limit >= allowance.proven
    return replace(
        allowance,
        limit=limit,
        proven=limit,
        step=1,
        patience=min(QUIET_SETTLED, allowance.patience + 1.0) if confirmed else QUIET,
        quiet_since=max(now, now + quiet_for - QUIET),
        resume_at=max(allowance.resume_at, resume_at),
        pause=pause,
        generation=allowance.generation + 1,
    )


def is_measurement(allowance: Allowance, accepted_in_flight: int, evidence: Evidence) -> bool:
    """Whether a refusal says something about the limit, rather than being one of the provider's random ones."""
    if _is_flood(evidence):
        return True
    if allowance.probing and accepted_in_flight >= allowance.proven:
        return evidence.refused > _explained(evidence.asked, allowance.noise)
    return accepted_in_flight > 0 and max(evidence.accepted_high, evidence.pending_high) <= accepted_in_flight


def tick(allowance: Allowance, now: float, evidence: Evidence, *, saturated: bool) -> Allowance:
    """Move the limit upwards when it is used up and nothing speaks against it; call it every second.

    `saturated` means that the limit was reached and more was wanted. `evidence` covers the time since the last tick.
    """
    if now - allowance.ticked_at < TICK:
        return allowance
    allowance = _learn_noise(allowance, now, evidence)
    if allowance.limit > allowance.ceiling:
        return replace(allowance, limit=allowance.ceiling, proven=min(allowance.proven, allowance.ceiling))
    if allowance.probing:
        # A slow provider has not answered the probe yet: half of it must have been accepted before it counts.
        if evidence.accepted_high < (allowance.proven + allowance.limit + 1) // 2:
            return allowance
        step = min(MAX_STEP, allowance.step * STEP_GROWTH)
        allowance = replace(allowance, proven=allowance.limit, step=step, patience=QUIET)
    elif now - allowance.quiet_since < allowance.patience:
        return allowance
    if not saturated or allowance.limit >= allowance.ceiling:
        return allowance
    return replace(allowance, limit=min(allowance.ceiling, allowance.limit + allowance.step))


def _is_flood(evidence: Evidence) -> bool:
    return evidence.refused >= FLOOD_MINIMUM and evidence.refused * FLOOD_SHARE > evidence.asked


def _explained(asked: int, noise: float) -> float:
    """How many refusals among `asked` the usual noise explains: the mean and three times its spread."""
    mean = asked * noise
    return mean + 3.0 * sqrt(mean)


def _learn_noise(allowance: Allowance, now: float, evidence: Evidence) -> Allowance:
    # A second in which the limit was measured tells of the limit, not of noise.
    counted = 1.0 if now - allowance.quiet_since > 1.0 else 0.0
    return replace(
        allowance,
        ticked_at=now,
        noise_asked=allowance.noise_asked * NOISE_DECAY + evidence.asked * counted,
        noise_refused=allowance.noise_refused * NOISE_DECAY + evidence.refused * counted,
    )
