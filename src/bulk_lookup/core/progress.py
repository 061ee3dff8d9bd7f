"""How far a run is, how fast, when it will end and what slows it."""

from dataclasses import dataclass, replace
from enum import StrEnum
from math import sqrt

SLOTS = 64
"""Into how many parts of equal length a run's history is divided; when they are used up, pairs become one."""
SLOT = 1.0
"""Seconds of the first slots."""
WINDOW = 10.0
"""Seconds over which the rate that is shown is taken."""
RECENT = 0.2
"""The part of the history, its end, that tells of the present conditions."""

MARGIN = 0.12
"""How far the future rate may be from the past one even where that never varied."""
SPREAD = 1.6
"""How many standard deviations of the rate, as seen between parts of the run, the band reaches to each side."""
SLOWEST = 0.2
"""What has gone on for a while is not believed to become slower than this part of its mean rate."""
RETRY_TAIL = 75.0
"""Seconds from asking until a request that was cut off is answered: time-out, wait of 60 s, and the second try."""
HITCH = 60.0
HITCH_SHARE = 0.3
"""Seconds that an unforeseen hitch may cost, and the part of the time still needed that it is allowed at most."""


class Slowdown(StrEnum):
    """What keeps a run from going faster: a closed list, the same word on every face."""

    OWN_CEILING = "own_ceiling"
    ACCOUNT_LIMIT = "account_limit"
    PACKAGE_LIMIT = "package_limit"
    PROVIDER_SLOW = "provider_slow"
    PROVIDER_DOWN = "provider_down"
    CAP = "cap"
    BUDGET = "budget"
    NO_WORKER = "no_worker"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Track:
    """What was done when: `slots` of `width` seconds each, the last not full yet, and the last ten seconds in detail.

    `at` (seconds, any clock) and `done` are those of the last observation.
    """

    at: float
    done: int
    slots: tuple[float, ...] = (0.0,)
    width: float = SLOT
    filled: float = 0.0
    recent: tuple[tuple[float, int], ...] = ()

    @property
    def elapsed(self) -> float:
        """Seconds observed, pauses left out."""
        return (len(self.slots) - 1) * self.width + self.filled

    @property
    def rate(self) -> float:
        """Done per second over the last ten seconds or so; 0.0 before anything was observed."""
        if not self.recent:
            return 0.0
        since, before = self.recent[0]
        return (self.done - before) / (self.at - since) if self.at > since else 0.0


@dataclass(frozen=True, slots=True)
class Band:
    """Seconds from now within which a run probably ends."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Progress:
    """What a face shows. `rate` per second; `eta` is None as long as nothing can be said; money in micro-units."""

    total: int
    done: int
    share: float
    rate: float
    eta: Band | None
    spent: int
    cap: int | None
    cap_share: float | None


def begin(at: float, done: int = 0) -> Track:
    """Start to observe a run, at its start or in its midst."""
    return Track(at=at, done=done, recent=((at, done),))


def observe(track: Track, at: float, done: int) -> Track:
    """Note how much is done by now; call it every second or so."""
    passed = at - track.at
    if passed <= 0:
        return track
    slots, width, filled = list(track.slots), track.width, track.filled
    per_second = max(0, done - track.done) / passed
    while passed > 0:
        part = min(passed, width - filled)
        slots[-1] += per_second * part
        filled += part
        passed -= part
        if filled >= width - 1e-9:
            if len(slots) == SLOTS:
                slots = [first + second for first, second in zip(slots[::2], slots[1::2], strict=True)]
                width *= 2
            slots.append(0.0)
            filled = 0.0
    recent = (*(one for one in track.recent if one[0] >= at - WINDOW), (at, done))
    return Track(at=at, done=max(track.done, done), slots=tuple(slots), width=width, filled=filled, recent=recent)


def skip(track: Track, at: float) -> Track:
    """Leave out the time since the last observation: the run was paused."""
    return replace(track, at=at, recent=((at, track.done),))


def eta(track: Track, remaining: int, *, retried: bool = False, last_retry_in: float = 0.0) -> Band | None:
    """When a run with so much remaining probably ends, as seconds from now; None before anything can be said.

    `retried`: requests of this run have been broken off and asked again, so that it may end with such a wait.
    `last_retry_in`: seconds until the latest repeat that is already waiting.
    """
    if remaining <= 0:
        return Band(0.0, 0.0)
    rates = _rates(track)
    if not rates or sum(rates) <= 0:
        return None
    mean = sum(rates) / len(rates)
    last = rates[-max(1, round(len(rates) * RECENT)) :]
    recent = sum(last) / len(last)
    spread = MARGIN + SPREAD * _deviation(rates) / mean
    fast = max(mean, recent) * (1.0 + spread)
    slow = max(min(mean, recent) / (1.0 + spread), mean * SLOWEST)
    tail = max(last_retry_in, RETRY_TAIL if retried else 0.0)
    low = max(remaining / fast, last_retry_in)
    needed = remaining / slow
    return Band(low, max(needed + tail + min(HITCH, needed * HITCH_SHARE), low))


def progress(
    track: Track,
    *,
    total: int,
    spent: int = 0,
    cap: int | None = None,
    retried: bool = False,
    last_retry_in: float = 0.0,
) -> Progress:
    """Sum up a run for showing: `total` lookups of which `track.done` are done, `spent` and `cap` in micro-units."""
    done = min(track.done, total)
    return Progress(
        total=total,
        done=done,
        share=done / total if total else 1.0,
        rate=track.rate,
        eta=eta(track, total - done, retried=retried, last_retry_in=last_retry_in),
        spent=spent,
        cap=cap,
        cap_share=None if cap is None else min(1.0, spent / cap) if cap else 1.0,
    )


def _rates(track: Track) -> list[float]:
    """The rate of each full slot; of what there is where none is full."""
    if len(track.slots) > 1:
        return [slot / track.width for slot in track.slots[:-1]]
    return [track.slots[0] / track.filled] if track.filled >= track.width / 2 else []


def _deviation(rates: list[float]) -> float:
    """The standard deviation of the rate between parts of the run that are as long as a sixth of it."""
    size = max(1, len(rates) // 6)
    parts = [sum(rates[i : i + size]) / size for i in range(len(rates) % size, len(rates), size)]
    if len(parts) < 2:
        return parts[0] / 2
    mean = sum(parts) / len(parts)
    return sqrt(sum((part - mean) ** 2 for part in parts) / (len(parts) - 1))
