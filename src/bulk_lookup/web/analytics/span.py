"""The span of days that an analytics page is about."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlencode

LONGEST_DAYS = 366
USUAL_DAYS = 30
PRESETS = (7, 30, 90)


@dataclass(frozen=True, slots=True)
class Span:
    """The first and the last day, both included."""

    first: date
    last: date

    @property
    def query(self) -> str:
        """As the query of an address."""
        return urlencode({"from": self.first.isoformat(), "to": self.last.isoformat()})

    @property
    def days(self) -> int:
        """How many days these are."""
        return (self.last - self.first).days + 1


def read_span(parameters: Mapping[str, str], *, today: date) -> tuple[Span, list[str]]:
    """The span of an address, and a sentence for what is not understood; the usual one where nothing is said."""
    problems: list[str] = []
    last = _day(parameters.get("to", ""), problems) or today
    first = _day(parameters.get("from", ""), problems) or last - timedelta(days=USUAL_DAYS - 1)
    if first > last:
        first, last = last, first
    if (last - first).days >= LONGEST_DAYS:
        first = last - timedelta(days=LONGEST_DAYS - 1)
        problems.append(f"At most {LONGEST_DAYS} days are shown at once.")
    return Span(first, last), problems


def presets(today: date) -> list[tuple[str, Span]]:
    """The spans that one click gives."""
    return [(f"Last {count} days", Span(today - timedelta(days=count - 1), today)) for count in PRESETS]


def _day(text: str, problems: list[str]) -> date | None:
    if not text:
        return None
    try:
        found = date.fromisoformat(text)
    except ValueError:
        found = date.min
    if not 2000 <= found.year <= 2200:
        problems.append(f"“{text[:20]}” is no day, so it is left out.")
        return None
    return found
