"""What each line of the table is given."""

from collections.abc import Callable
from dataclasses import dataclass

from bench.sizes import Sizes
from bench.stage import Stage


@dataclass(frozen=True, slots=True)
class Context:
    """The stage, how much to measure, how often, and a way to say what is going on."""

    stage: Stage
    sizes: Sizes
    runs: int
    say: Callable[[str], None]
