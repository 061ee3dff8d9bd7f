"""Sums over the kept quarter hours: days of any time zone, and the money of a month."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import F, QuerySet, Sum
from django.db.models.functions import TruncDate

from bulk_lookup.models.quarter_hour_stat import QuarterHourStat

LOOKUPS = ""
"""The package of the rows that count lookups; the others count what each package cost."""


@dataclass(frozen=True, slots=True)
class Day:
    """What was asked on one day, and what became of it."""

    day: date
    asked: int = 0
    completed: int = 0
    failed: int = 0
    unknown: int = 0


@dataclass(frozen=True, slots=True)
class Spend:
    """Money in micro-units of one currency; `total` counts as spent."""

    currency: str
    billed_micros: int
    unknown_micros: int

    @property
    def total_micros(self) -> int:
        """Billed, and what may have been."""
        return self.billed_micros + self.unknown_micros


def days(first: date, last: date, *, zone: ZoneInfo, simulated: bool | None = None) -> list[Day]:
    """Every day from the first to the last, also those without a lookup."""
    rows = _between(first, last, zone, simulated).filter(package=LOOKUPS)
    sums = (
        rows.annotate(day=TruncDate("quarter", tzinfo=zone))
        .values("day")
        .annotate(
            asked_sum=Sum("asked"), completed_sum=Sum("completed"), failed_sum=Sum("failed"), unknown_sum=Sum("unknown")
        )
    )
    kept = {
        row["day"]: Day(row["day"], row["asked_sum"], row["completed_sum"], row["failed_sum"], row["unknown_sum"])
        for row in sums
    }
    return [kept.get(day, Day(day)) for day in _days(first, last)]


def spend(first: date, last: date, *, zone: ZoneInfo, simulated: bool) -> list[Spend]:
    """The money of a span of days by currency, the largest sum first."""
    rows = _between(first, last, zone, simulated).exclude(package=LOOKUPS)
    sums = rows.values("currency").annotate(billed=Sum("billed_micros"), unknown_sum=Sum("unknown_micros"))
    found = [Spend(row["currency"], int(row["billed"]), int(row["unknown_sum"])) for row in sums]
    return sorted(found, key=lambda one: -one.total_micros)


def spend_by_day(first: date, last: date, *, zone: ZoneInfo, simulated: bool) -> dict[tuple[date, str], int]:
    """Micro-units, billed and unknown, by (day, package)."""
    rows = _between(first, last, zone, simulated).exclude(package=LOOKUPS)
    sums = (
        rows.annotate(day=TruncDate("quarter", tzinfo=zone))
        .values("day", "package")
        .annotate(micros=Sum(F("billed_micros") + F("unknown_micros")))
    )
    return {(row["day"], row["package"]): int(row["micros"]) for row in sums}


def latency_by_day(first: date, last: date, *, zone: ZoneInfo, simulated: bool | None = None) -> dict[date, list[int]]:
    """Counts by latency bucket of the lookups of each day; days without a lookup are missing."""
    rows = _between(first, last, zone, simulated).filter(package=LOOKUPS)
    found: dict[date, list[int]] = {}
    for day, counts in rows.annotate(day=TruncDate("quarter", tzinfo=zone)).values_list("day", "latency"):
        kept = found.setdefault(day, [0] * len(counts))
        found[day] = [one + other for one, other in zip(kept, counts, strict=True)]
    return found


def by_package(first: date, last: date, *, zone: ZoneInfo, simulated: bool) -> list[dict[str, Any]]:
    """What each package was asked for, answered and cost: package, asked, completed, failed, micros; the dearest first."""
    rows = _between(first, last, zone, simulated).exclude(package=LOOKUPS)
    sums = rows.values("package").annotate(
        asked_sum=Sum("asked"),
        completed_sum=Sum("completed"),
        failed_sum=Sum("failed"),
        micros=Sum(F("billed_micros") + F("unknown_micros")),
        unknown_micros_sum=Sum("unknown_micros"),
    )
    found: list[dict[str, Any]] = [dict(row) for row in sums]
    return sorted(found, key=lambda row: -row["micros"])


def month_of(today: date) -> tuple[date, date]:
    """The first and the last day of a day's month."""
    first = today.replace(day=1)
    return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def _between(first: date, last: date, zone: ZoneInfo, simulated: bool | None) -> QuerySet[QuarterHourStat]:
    begin = datetime.combine(first, time.min, zone)
    end = datetime.combine(last + timedelta(days=1), time.min, zone)
    rows = QuarterHourStat.objects.filter(quarter__gte=begin, quarter__lt=end)
    return rows if simulated is None else rows.filter(simulated=simulated)


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]
