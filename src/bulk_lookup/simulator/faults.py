"""Which request meets which fault: decided by the seed, the number and how often that number was asked before.

So the same list under the same seed meets the same faults, in whatever order and from however many workers it is asked,
and a number that fails once can succeed when it is asked again.
"""

from bisect import bisect_right
from dataclasses import dataclass
from hashlib import blake2b
from itertools import accumulate

from bulk_lookup.simulator.settings import RATES, SimulatorSettings

_WHOLE = 1 << 64
_NAMES = tuple(name.removesuffix("_rate") for name in RATES)

# These answers are well formed; a client can read them, so their packages are billed like any other.
_READABLE = {"slow", "unknown_values"}
# These come from something in front of the product, which never saw the request.
_NEVER_PROCESSED = {"redirect", "unknown_status"}


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong with one request.

    `name` is that of the rate without `_rate`; `kind` says which sort of it; `processed`: the work was done before, so
    that a bill is in doubt; `readable`: the answer arrives whole and well formed all the same.
    """

    name: str
    kind: str
    processed: bool
    readable: bool


class Faults:
    """The draws of one set of settings."""

    def __init__(self, settings: SimulatorSettings) -> None:
        rates = [getattr(settings, name) for name in RATES]
        self.any = any(rates)
        self.jitter = settings.jitter
        self._settings = settings
        self._seed = settings.seed.to_bytes(8, "big", signed=True)
        self._edges = [int(edge * _WHOLE) for edge in accumulate(rates)]

    def draw(self, number: str, nth: int) -> Fault | None:
        """Say what the `nth` request (from 0) for a number meets; none: a good answer."""
        digest = self._digest(b"fault", number, nth)
        at = bisect_right(self._edges, int.from_bytes(digest[:8], "big"))
        if at == len(self._edges):
            return None
        name = _NAMES[at]
        kind = self._kind(name, int.from_bytes(digest[8:12], "big"))
        processed = name not in ("refuse",) and kind not in _NEVER_PROCESSED
        if name in ("error", "reset"):
            processed = int.from_bytes(digest[12:16], "big") < self._settings.processed_share * (1 << 32)
        return Fault(name=name, kind=kind, processed=processed, readable=kind in _READABLE)

    def delay(self, number: str, nth: int) -> float:
        """Give the seconds that the `nth` request for a number takes."""
        settings = self._settings
        if not settings.jitter:
            return settings.latency
        draw = int.from_bytes(self._digest(b"delay", number, nth)[:8], "big") / _WHOLE
        return max(0.0, settings.latency + settings.jitter * (2 * draw - 1))

    def package_code(self, number: str, package: str, nth: int) -> int | None:
        """Give the error code that a package meets by chance: 60610 for good, 60608 and 60613 once."""
        settings = self._settings
        if settings.uncovered_rate and self._chance(b"cover", number, package, 0) < settings.uncovered_rate:
            return 60610
        if settings.package_error_rate:
            draw = self._chance(b"package", number, package, nth)
            if draw < settings.package_error_rate:
                return 60608 if draw < settings.package_error_rate * 0.75 else 60613
        return None

    def _kind(self, name: str, draw: int) -> str:
        kinds: tuple[str, ...] = getattr(self._settings, f"{name}_kinds", (name,))
        return kinds[draw * len(kinds) >> 32]

    def _chance(self, what: bytes, number: str, package: str, nth: int) -> float:
        return int.from_bytes(self._digest(what, f"{number} {package}", nth)[:8], "big") / _WHOLE

    def _digest(self, what: bytes, text: str, nth: int) -> bytes:
        return blake2b(f"{text} {nth}".encode(), digest_size=16, key=self._seed, person=what).digest()
