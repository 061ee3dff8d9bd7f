"""Bars as rectangles: how wide each part is drawn, in per cent of the bar."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

LEAST = 0.7
"""Per cent that a part above zero is drawn at least: 2 px of a bar of 290."""


@dataclass(frozen=True, slots=True)
class Segment:
    """One part of a bar and of its legend.

    `paint` is the last part of a class `paint-…`: done, failed, reused, flight, reserved, invalid, duplicate, spent, rest,
    chart-1 … chart-6. `text` is its figure as it is shown where that is not `value` grouped.
    """

    paint: str
    value: float
    word: str = ""
    url: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark over a bar at `at` of the whole, with a word above it where it has one: the quote, today."""

    at: float
    word: str = ""


@dataclass(frozen=True, slots=True)
class Rectangle:
    """Where a part stands, in per cent of the width, as text for an attribute.

    `gap`: whether a line of the surface stands before it; it is taken from the part before, so that one must be wide enough.
    """

    segment: Segment
    x: str
    width: str
    gap: bool


def as_segment(given: "Segment | Mapping[str, Any]") -> Segment:
    """A segment, also from a plain dictionary."""
    return given if isinstance(given, Segment) else Segment(**given)


def rectangles(segments: Iterable[Segment], whole: float | None = None) -> list[Rectangle]:
    """The parts side by side. Without `whole` they fill the bar.

    Nothing above zero is thinner than `LEAST`: the wider parts give what the thin ones are short of. `rest` parts are
    counted and not drawn, for they are the track.
    """
    parts = [part for part in segments if part.value > 0]
    total = sum(part.value for part in parts)
    whole = max(total, whole or 0)
    if not whole:
        return []
    drawn = [part for part in parts if part.paint != "rest"]
    widths = [100 * part.value / whole for part in drawn]
    wanted = _widened(widths, sum(widths) if total < whole or len(drawn) < len(parts) else 100.0)
    found: list[Rectangle] = []
    at, before = 0.0, 0.0
    for part, width in zip(drawn, wanted, strict=True):
        found.append(Rectangle(part, f"{at:.2f}%", f"{width:.2f}%", before > 2 * LEAST))
        at, before = at + width, width
    return found


def place(at: float, whole: float) -> str:
    """Where a tick stands, never outside the bar."""
    return f"{min(100.0, max(0.0, 100 * at / whole)) if whole else 0.0:.2f}%"


def _widened(widths: list[float], room: float) -> list[float]:
    """The same widths within `room`, none under `LEAST`: what the thin ones get is taken from the others in proportion."""
    thin: set[int] = set()
    while True:
        wide = sum(width for index, width in enumerate(widths) if index not in thin)
        scale = min(1.0, max(0.0, room - LEAST * len(thin)) / wide) if wide else 1.0
        # What is taken may make another one thin.
        more = {index for index, width in enumerate(widths) if width * scale < LEAST} - thin
        if not more:
            return [LEAST if index in thin else width * scale for index, width in enumerate(widths)]
        thin |= more
