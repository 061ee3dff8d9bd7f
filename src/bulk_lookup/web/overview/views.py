"""The dashboard's page, and its parts as they change."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from bulk_lookup.core.role import Right
from bulk_lookup.models.statistics import Day
from bulk_lookup.web.access import PageRequest, is_fragment, page
from bulk_lookup.web.overview import figures
from bulk_lookup.web.templatetags.figures import share_text
from bulk_lookup.web.templatetags.ui import money


@page()
def dashboard(request: PageRequest) -> HttpResponse:
    """The organization at a glance; without a contact, how to begin."""
    counted = figures.totals()
    simulated = figures.is_simulated()
    context: dict[str, Any] = {"totals": counted, "simulated": simulated, "progress": figures.in_progress()}
    if not counted.contacts and not context["progress"]:
        return render(request, "dashboard/empty.html", context)
    rows = figures.timeline(request.organization)
    settled = sum(row.completed + row.failed for row in rows)
    context |= {
        "needs_you": figures.needs_you(),
        "activity": figures.recent_activity(),
        "timeline": figures.timeline_chart(rows),
        "timeline_summary": _in_words(rows),
        "failures": figures.failure_chart(rows),
        "failed_share": sum(row.failed for row in rows) / settled if settled else None,
        "failed_percent": share_text(sum(row.failed for row in rows), settled) if settled else "",
        "completion": [
            {"paint": "done", "value": counted.completed, "word": "completed"},
            {"paint": "failed", "value": counted.failed, "word": "failed"},
        ],
        "success": share_text(counted.completed, counted.asked) if counted.asked else "",
        "lists_note": f"in {counted.lists:,} {'list' if counted.lists == 1 else 'lists'}",
        **{f"{scope}_url": f"{reverse('contacts')}?scope={scope}" for scope in ("pending", "processing", "failed")},
        "line_types": (slices := figures.line_types_chart()),
        "line_type_legend": figures.legend_of(slices),
        "carriers": figures.ranked("carrier_name", "carrier"),
        "countries": figures.ranked("country_code", "country"),
    }
    if request.may(Right.SEE_MONEY):
        context["month"] = figures.month(request.organization, simulated=simulated)
        context["saved"] = money(figures.saved_micros(simulated=simulated), "USD")
    return render(request, "dashboard/live.html" if is_fragment(request) else "dashboard/page.html", context)


def _in_words(rows: list[Day]) -> str:
    completed, failed = sum(row.completed for row in rows), sum(row.failed for row in rows)
    return f"{completed:,} completed and {failed:,} failed in {len(rows)} days."
