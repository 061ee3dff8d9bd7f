"""A measured figure with what stands beside it, and how a table of them is written."""

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Measured:
    """The median of several runs. `unit` stands behind the number, with its space where it has one (`" rows/s"`, `" %"`)."""

    samples: tuple[float, ...]
    unit: str

    @property
    def value(self) -> float:
        """The median."""
        return statistics.median(self.samples)

    def __str__(self) -> str:
        spread = ""
        if len(self.samples) > 1:
            spread = f" ({written(min(self.samples))} … {written(max(self.samples))})"
        return f"{written(self.value)}{self.unit}{spread}"


@dataclass(frozen=True, slots=True)
class Beside:
    """A peer or a limit, measured in the same run; `ratio` is ours divided by it."""

    name: str
    measured: Measured
    ratio: float

    def __str__(self) -> str:
        return f"{self.name}: {self.measured}; ours is {self.ratio:.2f} ×"


@dataclass(frozen=True, slots=True)
class Goal:
    """What was to be shown, and whether it was."""

    text: str
    met: bool


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table: the work, our figure (in words where it is more than one), and what stands beside it."""

    work: str
    ours: str
    peers: tuple[Beside, ...] = ()
    limits: tuple[Beside, ...] = ()
    goals: tuple[Goal, ...] = ()
    notes: tuple[str, ...] = ()

    def lines(self) -> Iterable[str]:
        """The figure as it is printed when it is measured."""
        yield self.work
        yield f"    ours   {self.ours}"
        yield from (f"    peer   {one}" for one in self.peers)
        yield from (f"    limit  {one}" for one in self.limits)
        yield from (f"    goal   {goal.text}: {'met' if goal.met else 'NOT MET'}" for goal in self.goals)
        yield from (f"    note   {note}" for note in self.notes)


def beside(name: str, measured: Measured, ours: Measured) -> Beside:
    """Put a peer or a limit beside our figure."""
    return Beside(name, measured, ours.value / measured.value if measured.value else float("inf"))


def table(figures: Sequence[Figure]) -> str:
    """All figures as one Markdown table, which a terminal shows well enough."""
    rows = [("work", "ours", "peer, same run", "limit, same run", "goal", "met")]
    for one in figures:
        rows.append(
            (
                one.work,
                one.ours,
                _cell(map(str, one.peers)),
                _cell(map(str, one.limits)),
                _cell(goal.text for goal in one.goals),
                _cell("yes" if goal.met else "**no**" for goal in one.goals),
            )
        )
    head, *body = (f"| {' | '.join(row)} |" for row in rows)
    return "\n".join([head, "|" + " --- |" * len(rows[0]), *body])


def written(number: float) -> str:
    """A number with as many digits as a measurement deserves."""
    if abs(number) >= 1000:
        return f"{number:,.0f}"
    if abs(number) >= 100:
        return f"{number:.0f}"
    return f"{number:.1f}" if abs(number) >= 10 else f"{number:.2f}"


def _cell(texts: Iterable[str]) -> str:
    return "<br>".join(texts) or "–"
