"""How a request ended, as far as the next ones depend on it."""

from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """What a request's end says about the account and its provider."""

    ANSWERED = "answered"
    REFUSED = "refused"
    BROKEN = "broken"
    UNUSED = "unused"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One request's end. `retry_after`: seconds the provider asked for. `refused_packages`: answered with 60616."""

    kind: Kind
    retry_after: float = 0.0
    refused_packages: frozenset[str] = frozenset()


ANSWERED = Outcome(Kind.ANSWERED)
"""The provider took the request in and answered it, be it with an error about the number or the account."""
BROKEN = Outcome(Kind.BROKEN)
"""Network, time-out or 5xx: no answer that tells anything of the limit."""
UNUSED = Outcome(Kind.UNUSED)
"""The request was never sent."""


def refused(retry_after: float | None = None) -> Outcome:
    """The account's limit was reached (429, 20429)."""
    return Outcome(Kind.REFUSED, retry_after=max(0.0, retry_after or 0.0))


def answered(refused_packages: frozenset[str] = frozenset(), retry_after: float | None = None) -> Outcome:
    """Answered, but some packages were refused for their own limit (60616)."""
    return Outcome(Kind.ANSWERED, max(0.0, retry_after or 0.0), refused_packages) if refused_packages else ANSWERED
