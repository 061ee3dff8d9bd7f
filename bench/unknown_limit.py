"""How soon a limit is found that nobody told us, when it drops and when it rises."""

import time
from collections import deque
from collections.abc import Iterator

from bench import orders
from bench.borrowed import Simulator
from bench.context import Context
from bench.figure import Figure, Goal, Measured

LATENCY_MS = 250
BEFORE, LOW, HIGH = 50, 20, 80
LOOK_EVERY = 0.25  # seconds
FOUND_USE = 0.9
FOUND_REFUSED = 0.05  # a limit that is run into all the time has not been found
WINDOW = 4  # looks: one second
GOAL_SECONDS = 10.0
NEVER = 99.0  # written down where a limit was not found at all


def measure(bench: Context) -> Iterator[Figure]:
    """50 in flight allowed, then 20, then 80, over and over, while one run goes on."""
    organization = bench.stage.empty()
    drops: list[float] = []
    rises: list[float] = []
    count = int(bench.runs * sum(bench.sizes.steps) * HIGH * 1000 / LATENCY_MS)
    with bench.stage.simulator(latency=f"{LATENCY_MS}ms", max_in_flight=str(BEFORE)) as simulator:
        run = orders.order(organization.pk, simulator, count, folder=bench.stage.folder)
        with bench.stage.worker():
            orders.begin(run)
            for place in range(bench.runs):
                bench.say(f"round {place + 1} of {bench.runs}")
                for limit, seconds, into in zip(
                    (BEFORE, LOW, HIGH), bench.sizes.steps, ([], drops, rises), strict=True
                ):
                    simulator.set(max_in_flight=str(limit))
                    into.append(_seconds_until_found(simulator, limit, seconds))
            orders.stop(run)
    drop, rise = Measured(tuple(drops), " s"), Measured(tuple(rises), " s")
    yield Figure(
        "unknown limit found",
        f"{BEFORE} → {LOW} in flight: {drop}; {LOW} → {HIGH}: {rise}",
        goals=(
            Goal(f"≥ 90 % of it within 10 s when it drops ({BEFORE} → {LOW})", drop.value <= GOAL_SECONDS),
            Goal(f"≥ 90 % of it within 10 s when it rises ({LOW} → {HIGH})", rise.value <= GOAL_SECONDS),
        ),
        notes=(
            f"Found: the end of the first second in which ≥ {FOUND_USE:.0%} of the new limit was in flight and at most "
            f"{FOUND_REFUSED:.0%} of the requests were refused; latency {LATENCY_MS} ms.",
        ),
    )


def _seconds_until_found(simulator: Simulator, limit: int, seconds: float) -> float:
    """Look for so many seconds (the next change comes only then); NEVER where the limit was not found."""
    found = NEVER
    looks = deque([simulator.stats()], maxlen=WINDOW + 1)
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        time.sleep(LOOK_EVERY)
        looks.append(simulator.stats())
        if found == NEVER and len(looks) > WINDOW:
            first, last = looks[0], looks[-1]
            gone = {name: last[name] - first[name] for name in ("seconds", "in_flight_seconds", "accepted", "refused")}
            used = gone["in_flight_seconds"] / (limit * gone["seconds"])
            asked = gone["accepted"] + gone["refused"]
            if used >= FOUND_USE and gone["refused"] <= FOUND_REFUSED * asked and last["in_flight"] <= limit:
                found = time.monotonic() - began
    return found
