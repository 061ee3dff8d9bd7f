"""What a soak has seen, and whether that is as promised."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """A sentence, and whether what it says is as it must be."""

    text: str
    holds: bool = True
