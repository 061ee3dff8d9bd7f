"""Leave for one request to start, to be given back with its outcome."""

from collections.abc import Callable
from types import TracebackType

from bulk_lookup.core.flight import Ticket
from bulk_lookup.engine.allowance_room import Room
from bulk_lookup.engine.outcome import BROKEN, UNUSED, Outcome


class Permit(Ticket):
    """Leave for one request; ends with `done`, or as a context manager, which counts a forgotten end as broken.

    `rooms`: its places in the rooms of packages with a limit of their own. `probe`: the provider was down at its start.
    """

    __slots__ = ("_end", "packages", "probe", "rooms")

    def __init__(self, end: "Callable[[Permit, Outcome], float]", packages: frozenset[str]) -> None:
        self._end: Callable[[Permit, Outcome], float] | None = end
        self.packages = packages
        self.probe = False
        self.rooms: list[tuple[Room, Ticket]] | None = None

    def done(self, outcome: Outcome) -> float:
        """Give the place back; the seconds to wait before this request, if asked again, takes a new permit."""
        end, self._end = self._end, None
        return end(self, outcome) if end else 0.0

    def __enter__(self) -> "Permit":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # A task that was cancelled tells nothing of the provider.
        self.done(BROKEN if kind is None or issubclass(kind, Exception) else UNUSED)
