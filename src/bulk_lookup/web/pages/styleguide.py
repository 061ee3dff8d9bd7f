"""Every part of the design system on one page, in both themes: what a page is made of, and the proof that it holds."""

from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from bulk_lookup.web.access import PageRequest, page
from bulk_lookup.web.templatetags.bars import Segment, Tick


@page(staff=True)
def styleguide(request: PageRequest) -> HttpResponse:
    """For staff. The figures are invented, and add up."""
    return render(request, "styleguide/page.html", specimens())


def specimens() -> dict[str, Any]:
    """What the page shows its parts with."""
    now = timezone.now()
    return {
        "simulated": True,
        "section": "styleguide",
        "statuses": ["pending", "processing", "completed", "failed", "invalid", "duplicate"],
        "run_states": ["draft", "planning", "running", "paused", "finished", "cancelled", "halted"],
        "failed_since": now - timedelta(minutes=12),
        "days_ago": now - timedelta(days=6),
        "progress": [
            Segment("reused", 2_896, "Reused", "#"),
            Segment("done", 28_924, "Completed", "#"),
            Segment("failed", 212, "Failed", "#"),
            Segment("flight", 38, "In flight"),
            Segment("rest", 20_746, "Pending"),
        ],
        "progress_whole": 52_816,
        "spend": [Segment("spent", 231_580_000, "Spent"), Segment("reserved", 304_000, "Reserved")],
        "spend_cap": 400_000_000,
        "quote_tick": [Tick(399_360_000)],
        "completed": [Segment("done", 155_112), Segment("failed", 1_164)],
        "completed_whole": 188_264,
        "budget": [Segment("spent", 612_840_000, "spent"), Segment("reserved", 36_000_000, "reserved")],
        "budget_whole": 1_200_000_000,
        "budget_tick": [Tick(924_000_000, "today")],
        "ranking": [
            Segment("chart-1", 31_870, "Aurora Mobile", "#"),
            Segment("chart-1", 28_412, "Blueline Wireless", "#"),
            Segment("chart-1", 12_204, "Fenwick Mobile", "#"),
        ],
        "equation": [
            Segment("done", 52_816, "Valid"),
            Segment("invalid", 4_244, "Invalid"),
            Segment("duplicate", 2_940, "Duplicate"),
        ],
        "paints": range(1, 7),
        "steps": [
            {"word": "File", "state": "done", "url": "#"},
            {"word": "Columns", "state": "now", "url": ""},
            {"word": "Report", "state": "next", "url": ""},
            {"word": "Quote", "state": "next", "url": ""},
        ],
        "tabs": [
            {"word": "All", "count": 60_000, "url": "#", "current": True},
            {"word": "Completed", "count": 31_820, "url": "#"},
            {"word": "Failed", "count": 212, "url": "#"},
            {"word": "Needs lookup", "count": None, "url": "#"},
            {"word": "Mobile", "count": "more than 10,000", "url": "#", "rule_before": True},
        ],
        "contacts": [
            (4_011, "+12025550143", "completed", "Mobile", "Aurora Mobile", "US", 8_000),
            (4_014, "", "invalid", "", "", "", None),
            (4_016, "+16175550188", "failed", "", "", "US", None),
            (4_018, "+14155550126", "processing", "", "", "US", None),
        ],
        "rates": [
            80,
            92,
            110,
            118,
            121,
            120,
            117,
            60,
            20,
            50,
            78,
            100,
            108,
            112,
            114,
            112,
            113,
            115,
            113,
            112,
            114,
            113,
            114,
        ],
        "timeline": _timeline(),
        "response_times": _response_times(),
        "line_types": _line_types(),
    }


def _timeline() -> dict[str, Any]:
    done = [4_200, 6_900, 6_300, 5_800, 500, 120, 5_200, 6_900, 9_260, 4_000, 2_300, 560, 300, 28_900]
    return {
        "kind": "bar",
        "labels": [f"{day} Nov" for day in range(10, 24)],
        "series": [
            {"label": "Completed", "data": done, "paint": "chart-1"},
            {"label": "Failed", "data": [0] * 8 + [344] + [0] * 4 + [212], "paint": "failed"},
        ],
        "urls": [f"#{day}" for day in range(10, 24)],
        "stacked": True,
        "name": "processing-timeline",
        "simulated": True,
    }


def _response_times() -> dict[str, Any]:
    labels = [f"{day} Nov" for day in range(12, 24)]
    return {
        "kind": "line",
        "labels": labels,
        "series": [
            {"label": "p50", "data": [290, 295, 300, 294, 296, 298, 420, 300, 296, 294, 297, 294]},
            {"label": "p95", "data": [520, 530, 525, 518, 522, 560, 1_040, 520, 515, 518, 520, 512]},
            {
                "label": "p99",
                "data": [1_080, 1_240, 1_180, 1_260, 1_150, 1_200, 2_600, 1_300, 1_180, 1_150, 1_220, 1_200],
            },
        ],
        "unit": "ms",
        "name": "response-time",
        "simulated": True,
    }


def _line_types() -> dict[str, Any]:
    return {
        "kind": "doughnut",
        "labels": ["Mobile", "Landline", "VoIP, non-fixed", "VoIP, fixed", "Toll-free", "Unknown"],
        "series": [{"label": "Share", "data": [65.8, 18.0, 8.0, 4.5, 1.5, 2.2]}],
        "unit": "%",
        "decimals": 1,
        "name": "line-types",
        "simulated": True,
    }
