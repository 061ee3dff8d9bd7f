"""How much each line of the table measures: enough for a figure by default, a taste with `--quick`, all with `--full`."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """Rows, numbers and seconds of the lines."""

    lookups: int = 40_000  # persisted lookups of one run of ours
    sdk_lookups: int = 10_000
    jobs: int = 1_500  # one per number
    load_seconds: float = 5.0
    settle_seconds: float = 20.0  # until an allowance has settled
    window_seconds: float = 20.0  # over which its use is taken
    steps: tuple[float, float, float] = (10.0, 12.0, 12.0)  # seconds at 50, 20 and 80 in flight
    import_rows: int = 1_000_000
    peer_rows: int = 20_000  # of the same file
    contacts: int = 1_000_000  # for exports and queries
    queries: int = 300  # of each kind
    slow_queries: int = 10  # of each kind without its index
    growth: tuple[int, int] = (100_000, 1_000_000)  # lookups of the runs that are compared
    growth_lookups: int = 10_000  # in each of the stretches that are timed


DEFAULT = Sizes()
QUICK = Sizes(
    lookups=300,
    sdk_lookups=100,
    jobs=20,
    load_seconds=1.0,
    settle_seconds=1.0,
    window_seconds=1.0,
    steps=(1.0, 1.5, 1.5),
    import_rows=2_000,
    peer_rows=200,
    contacts=2_000,
    queries=5,
    slow_queries=2,
    growth=(400, 1_000),
    growth_lookups=100,
)
FULL = Sizes(contacts=10_000_000, growth=(100_000, 10_000_000))
