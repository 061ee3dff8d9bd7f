"""The charts: what each shows, as `charts.js` and its table take it."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.urls import reverse

from bulk_lookup.core.data_package import CATALOGUE
from bulk_lookup.core.latency import percentile
from bulk_lookup.core.pricing import MICROS
from bulk_lookup.models.quarter_hour_stat import LATENCY_BUCKETS_MS
from bulk_lookup.models.statistics import Day

PERCENTILES = ((0.5, "p50"), (0.95, "p95"), (0.99, "p99"))


def volume(rows: Sequence[Day]) -> dict[str, Any]:
    """Lookups a day by what became of them; a click leads to the contacts of the day."""
    return _of_days([row.day for row in rows], linked=True) | {
        "kind": "bar",
        "stacked": True,
        "series": [
            {"label": "Completed", "data": [row.completed for row in rows], "paint": "chart-1"},
            {"label": "Failed", "data": [row.failed for row in rows], "paint": "failed"},
        ],
        "name": "contacts-processed",
    }


def failure_rate(rows: Sequence[Day]) -> dict[str, Any]:
    """The share of failures among what was settled."""
    return _of_days([row.day for row in rows]) | {
        "kind": "line",
        "series": [{"label": "Failed", "data": [_share(row) for row in rows], "paint": "failed"}],
        "unit": "%",
        "decimals": 1,
        "name": "failure-rate",
    }


def response_times(days: Sequence[date], counts: dict[date, list[int]]) -> dict[str, Any]:
    """Percentiles of each day in ms; nothing on a day without a lookup."""
    return _of_days(days) | {
        "kind": "line",
        "series": [
            {
                "label": word,
                "data": [_rounded(percentile(counts.get(day, []), LATENCY_BUCKETS_MS, share)) for day in days],
                "paint": f"chart-{place}",
            }
            for place, (share, word) in enumerate(PERCENTILES, start=1)
        ],
        "unit": "ms",
        "name": "response-time",
    }


def spend_by_day(days: Sequence[date], micros: dict[tuple[date, str], int], currency: str) -> dict[str, Any]:
    """Money a day, billed and unknown, stacked by package."""
    packages = sorted(
        {package for _, package in micros}, key=lambda one: -sum(v for (_, p), v in micros.items() if p == one)
    )
    return _of_days(days, linked=True) | {
        "kind": "bar",
        "stacked": True,
        "series": [
            {
                "label": package_title(package),
                "data": [micros.get((day, package), 0) / MICROS for day in days],
                "paint": f"chart-{min(place, 6)}",
            }
            for place, package in enumerate(packages, start=1)
        ],
        "unit": currency,
        "decimals": 2,
        "name": "spend-by-day",
    }


def package_title(package: str) -> str:
    """A package as people call it."""
    return CATALOGUE[package].title if package in CATALOGUE else package


def _of_days(days: Sequence[date], *, linked: bool = False) -> dict[str, Any]:
    labels = [f"{day:%b} {day.day}" if day.day == 1 or place == 0 else str(day.day) for place, day in enumerate(days)]
    urls = [f"{reverse('contacts')}?looked_up_from={day}&looked_up_to={day}" for day in days]
    found: dict[str, Any] = {"labels": labels, "titles": [f"{day:%a} {day.day} {day:%b}" for day in days]}
    return found | ({"urls": urls} if linked else {})


def _share(row: Day) -> float | None:
    settled = row.completed + row.failed
    return round(100 * row.failed / settled, 2) if settled else None


def _rounded(milliseconds: float | None) -> int | None:
    return None if milliseconds is None else round(milliseconds)
