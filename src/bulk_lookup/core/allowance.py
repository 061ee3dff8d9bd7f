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
QUIET_SETTLED = 4.0
"""The same once a probe has only confirmed the limit: fewer refusals at rest, and a rise is still found within 10 s."""
TICK = 0.9
"""Seconds between two moves of the limit; a little under the second in which shares are renewed, so none is missed."""
MEMORY = 2.0
"""Seconds for which an accepted number in flight counts as proof against a refusal at a lower one."""

FLOOD_SHARE = 5
"""More than one in five of the last second's requests refused is never noise."""
FLOOD_MINIMUM = 5
BLUR_MINIMUM = 3
SEEN_DOUBT = 50.0
"""Requests without a refusal that are assumed before any was seen."""
SEEN_DECAY = 0.85
"""Weight, per tick, of what was seen before: the present share of refusals is that of the last ten seconds or so."""
NOISE_DECAY = 0.99
"""The same for the share known to be noise: what was found out holds for a minute or two."""
TRIAL_FROM = 0.004
"""Share of refusals, at rest, from which on it is tried whether a slightly lower limit makes them go away."""
TRIAL_STEP = (0.04, 0.15)
"""How much lower, as a part of the limit: as much as is refused, but between these."""
TRIAL_ENOUGH = 5.0
"""How many refusals the trial must have made to expect, if they were noise, before it is judged."""
TRIAL_LONGEST = 10.0

PAUSE = 0.25
PAUSE_MAX = 5.0
"""Seconds to wait when a request was refused with nothing of ours in flight: others use up the whole account."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was seen of late, for judging one refusal or one tick.

    `accepted_high`: the highest number in flight, itself included, at which a request was accepted in the last 2 s.
    `pending_high`: the highest at which an unanswered request may yet be accepted.
    `asked`, `refused`: requests started in the last second, or since the limit was last lowered, and those of them that
    were refused.
    """

    accepted_high: int = 0
    pending_high: int = 0
    asked: int = 0
    refused: int = 0


@dataclass(frozen=True, slots=True)
class Allowance:
    """The measured limit and where its next move stands. Times are seconds on whatever clock the caller keeps to.

    Nothing starts before `resume_at`, which the provider asked for, nor before `paused_until`, our own `pause` (s).
    `proven` is the part of `limit` that was in full use without unusual refusals; what lies above is a probe.
    `seen_asked` and `seen_refused` are decaying counts since the limit last moved, `rest` the share before a probe,
    `noise` the share that no lower limit avoids. While that is tried, `trial_of` is the limit before and `trial_share`
    its refusals.
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
    paused_until: float = 0.0
    seen_asked: float = 0.0
    seen_refused: float = 0.0
    rest: float = 0.0
    noise: float = 0.0
    trial_of: int = 0
    trial_share: float = 0.0
    moved_at: float = 0.0
    generation: int = 0

    @property
    def probing(self) -> bool:
        """Whether more is allowed than has been proven."""
        return self.limit > self.proven

    @property
    def usual(self) -> float:
        """The share of refusals to be expected without the limit being passed: the yardstick for each further one."""
        return max(self.noise, self.rest if self.probing else self.seen_refused / (self.seen_asked + SEEN_DOUBT))

    @property
    def seen(self) -> float:
        """The share of requests refused at the present limit, 0.0 to 1.0."""
        return self.seen_refused / self.seen_asked if self.seen_asked else 0.0


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
    limit = max(1, accepted_in_flight)
    if allowance.probing and evidence.accepted_high > accepted_in_flight and not _is_flood(evidence):
        # As many are sometimes accepted: the edge is blurred, and the probe stands on it.
        limit = min(limit, allowance.proven)
    alone = accepted_in_flight <= 0
    pause = min(PAUSE_MAX, max(PAUSE, allowance.pause * 2)) if alone else 0.0
    held = retry_after if alone or _is_flood(evidence) else 0.0
    lowered = measured(allowance, limit, now, quiet_for=retry_after)
    return replace(
        lowered,
        pause=pause,
        paused_until=max(allowance.paused_until, now + pause if pause else 0.0),
        resume_at=max(allowance.resume_at, now + held if held else 0.0),
    )


def under_ceiling(allowance: Allowance, ceiling: int) -> Allowance:
    """The same under another ceiling, which a limit above it obeys at once."""
    ceiling = max(1, ceiling)
    limit = min(allowance.limit, ceiling)
    return replace(allowance, ceiling=ceiling, limit=limit, proven=min(allowance.proven, limit))


def after_answer(allowance: Allowance) -> Allowance:
    """Note that a request was accepted: nobody uses up the whole account any more."""
    return replace(allowance, pause=0.0) if allowance.pause else allowance


def measured(allowance: Allowance, limit: int, now: float, *, quiet_for: float = 0.0) -> Allowance:
    """Take `limit` as measured at `now`; a probe that only confirmed it makes the next one wait a little longer."""
    confirmed = limit >= allowance.proven
    return replace(
        allowance,
        limit=limit,
        proven=limit,
        step=1,
        patience=min(QUIET_SETTLED, allowance.patience + 1.0) if confirmed else QUIET,
        quiet_since=max(now, now + quiet_for - QUIET),
        seen_asked=0.0,
        seen_refused=0.0,
        trial_of=0,
        moved_at=now,
        generation=allowance.generation + 1,
    )


def is_measurement(allowance: Allowance, accepted_in_flight: int, evidence: Evidence) -> bool:
    """Whether a refusal says something about the limit, rather than being one of the provider's random ones."""
    if allowance.pause and accepted_in_flight <= 0 and evidence.refused and not evidence.accepted_high:
        # Even after a pause nothing is accepted: others still use up the whole account.
        return True
    if accepted_in_flight >= allowance.limit:
        # It started when more was allowed: the limit has been lowered further since.
        return False
    if 0 < evidence.refused <= _explained(evidence.asked, allowance.usual):
        return False
    if _is_flood(evidence) or (allowance.probing and accepted_in_flight >= allowance.proven):
        return True
    # Before the first answers, what is unanswered may be accepted; later on it has only to follow those that were.
    return 0 < (evidence.accepted_high or evidence.pending_high) <= accepted_in_flight


def tick(allowance: Allowance, now: float, evidence: Evidence, *, saturated: bool) -> Allowance:
    """Move the limit upwards when it is used up and nothing speaks against it; call it every second.

    `saturated` means that the limit was reached and more was wanted. `evidence` covers the time since the last tick.
    """
    if now - allowance.ticked_at < TICK:
        return allowance
    if allowance.probing and evidence.accepted_high < (allowance.proven + allowance.limit + 1) // 2:
        # Half of the probe must have been accepted before it counts: a slow provider has not answered it yet, or the
        # worker that sent it has not reported.
        return allowance
    allowance = _seen(under_ceiling(allowance, allowance.ceiling), now, evidence)
    if allowance.trial_of:
        return _judge_trial(allowance, now)
    if allowance.probing:
        step = min(MAX_STEP, allowance.step * STEP_GROWTH)
        allowance = replace(allowance, proven=allowance.limit, step=step, patience=QUIET)
    elif saturated and _is_blurred(allowance):
        return _begin_trial(allowance, now)
    elif now - allowance.quiet_since < allowance.patience:
        return allowance
    if not saturated or allowance.limit >= allowance.ceiling:
        return allowance
    if allowance.step == 1:
        allowance = replace(allowance, rest=allowance.usual)
    return _move(allowance, min(allowance.ceiling, allowance.limit + allowance.step), now, proven=allowance.limit)


def _is_flood(evidence: Evidence) -> bool:
    return evidence.refused >= FLOOD_MINIMUM and evidence.refused * FLOOD_SHARE > evidence.asked


def _explained(asked: int, usual: float) -> float:
    """How many refusals among `asked` are nothing unusual: the mean and three times its spread."""
    mean = asked * usual
    return mean + 3.0 * sqrt(mean)


def _is_blurred(allowance: Allowance) -> bool:
    enough = allowance.seen_refused >= BLUR_MINIMUM and allowance.limit > 1
    return enough and allowance.seen > max(TRIAL_FROM, 2.0 * allowance.noise)


def _begin_trial(allowance: Allowance, now: float) -> Allowance:
    # Time on the way blurs the limit's edge: a few more than the limit are mostly accepted, and always a few refused.
    step = min(TRIAL_STEP[1], max(TRIAL_STEP[0], allowance.seen))
    lower = max(1, allowance.limit - max(1, round(allowance.limit * step)))
    tried = replace(allowance, trial_of=allowance.limit, trial_share=allowance.seen)
    return _move(tried, lower, now, proven=lower)


def _judge_trial(allowance: Allowance, now: float) -> Allowance:
    long = now - allowance.moved_at > TRIAL_LONGEST
    if not long and allowance.seen_asked * allowance.trial_share < TRIAL_ENOUGH:
        return allowance
    judged = replace(allowance, trial_of=0)
    if allowance.seen < allowance.trial_share / 2:
        return replace(judged, quiet_since=now, step=1, patience=QUIET_SETTLED)
    back = min(allowance.ceiling, allowance.trial_of)
    return _move(replace(judged, noise=max(allowance.seen, allowance.trial_share)), back, now, proven=back)


def _move(allowance: Allowance, limit: int, now: float, *, proven: int) -> Allowance:
    return replace(allowance, limit=limit, proven=proven, moved_at=now, seen_asked=0.0, seen_refused=0.0)


def _seen(allowance: Allowance, now: float, evidence: Evidence) -> Allowance:
    # What was asked before the limit moved, or while shares still followed it, tells of another limit.
    counted = 1.0 if now - allowance.moved_at > 1.5 * TICK else 0.0
    return replace(
        allowance,
        ticked_at=now,
        noise=allowance.noise * NOISE_DECAY,
        seen_asked=allowance.seen_asked * SEEN_DECAY + evidence.asked * counted,
        seen_refused=allowance.seen_refused * SEEN_DECAY + evidence.refused * counted,
    )
