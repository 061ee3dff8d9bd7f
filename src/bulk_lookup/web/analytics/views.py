"""The four pages of analytics; span and kind of data apply to all."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Sum
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from bulk_lookup.core.contact_filter import ContactFilter, Scope
from bulk_lookup.core.latency import percentile
from bulk_lookup.core.role import Right
from bulk_lookup.models import ContactList, Run
from bulk_lookup.models.contact_filtering import facets
from bulk_lookup.models.quarter_hour_stat import LATENCY_BUCKETS_MS
from bulk_lookup.models.statistics import Spend, by_package, days, latency_by_day, month_of, spend
from bulk_lookup.models.statistics import spend_by_day as micros_by_day
from bulk_lookup.web.access import PageRequest, page
from bulk_lookup.web.analytics import charts
from bulk_lookup.web.analytics.hints import hints
from bulk_lookup.web.analytics.span import presets, read_span
from bulk_lookup.web.overview.figures import is_simulated, legend_of, line_types_chart, ranked
from bulk_lookup.web.templatetags.contacts import reason_words

LISTS_SHOWN = 12


@page()
def analytics(request: PageRequest) -> HttpResponse:
    """The first of the pages."""
    return redirect("analytics_volume")


@page()
def volume(request: PageRequest) -> HttpResponse:
    """How much was looked up, day by day."""
    context, zone = _common(request, "volume")
    span = context["span"]
    rows = days(span.first, span.last, zone=zone, simulated=context["simulated"])
    context |= {
        "rows": [row for row in reversed(rows) if row.asked or row.completed or row.failed],
        "chart": charts.volume(rows),
        "asked": sum(row.asked for row in rows),
        "completed": sum(row.completed for row in rows),
        "failed": sum(row.failed for row in rows),
        "busiest": max(rows, key=lambda row: row.completed, default=None),
    }
    return render(request, "analytics/volume.html", context)


@page()
def quality(request: PageRequest) -> HttpResponse:
    """What the answers say, and why some are missing."""
    context, zone = _common(request, "quality")
    span = context["span"]
    slices = line_types_chart()
    failed = ContactFilter(scope=Scope.FAILED)
    context |= {
        "chart": charts.failure_rate(days(span.first, span.last, zone=zone, simulated=context["simulated"])),
        "line_types": slices,
        "line_type_legend": legend_of(slices),
        "carriers": ranked("carrier_name", "carrier"),
        "countries": ranked("country_code", "country"),
        "failures": [
            {
                "word": reason_words(reason),
                "value": contacts,
                "paint": "failed",
                "url": f"/contacts?scope=failed&reason={reason}",
            }
            for reason, contacts in facets(failed, "reason", most=8)
        ],
        "rejects": [
            {
                "word": reason_words(reason),
                "value": contacts,
                "paint": "invalid",
                "url": f"/contacts?scope=invalid&reason={reason}",
            }
            for reason, contacts in facets(ContactFilter(scope=Scope.INVALID), "reason", most=8)
        ],
    }
    return render(request, "analytics/quality.html", context)


@page()
def speed(request: PageRequest) -> HttpResponse:
    """How long the provider takes to answer."""
    context, zone = _common(request, "speed")
    span = context["span"]
    counts = latency_by_day(span.first, span.last, zone=zone, simulated=context["simulated"])
    whole = [sum(buckets) for buckets in zip(*counts.values(), strict=True)]
    all_days = [span.first + timedelta(days=number) for number in range(span.days)]
    edges = [0, *LATENCY_BUCKETS_MS]
    context |= {
        "chart": charts.response_times(all_days, counts),
        "percentiles": [(word, percentile(whole, LATENCY_BUCKETS_MS, share)) for share, word in charts.PERCENTILES],
        "answered": sum(whole),
        "buckets": [
            {
                "word": f"{low:,}–{edges[place + 1]:,} ms"
                if place < len(LATENCY_BUCKETS_MS)
                else f"{low:,} ms and more",
                "value": count,
                "paint": "chart-1",
            }
            for place, (low, count) in enumerate(zip(edges, whole, strict=False))
        ],
    }
    return render(request, "analytics/speed.html", context)


@page(Right.SEE_MONEY)
def costs(request: PageRequest) -> HttpResponse:
    """What was spent, on what, and what it brought."""
    context, zone = _common(request, "costs")
    span, simulated = context["span"], context["simulated"]
    rows = days(span.first, span.last, zone=zone, simulated=simulated)
    spent = next(iter(spend(span.first, span.last, zone=zone, simulated=simulated)), Spend("USD", 0, 0))
    packages = by_package(span.first, span.last, zone=zone, simulated=simulated)
    all_days = [span.first + timedelta(days=number) for number in range(span.days)]
    completed = sum(row.completed for row in rows)
    answers = sum(row["completed_sum"] for row in packages)
    runs = Run.objects.filter(simulated=simulated, created_at__date__gte=span.first, created_at__date__lte=span.last)
    context |= {
        "spent": spent,
        "completed": completed,
        "answers": answers,
        "per_contact": spent.total_micros // completed if completed else None,
        "per_answer": spent.total_micros // answers if answers else None,
        "saved_micros": runs.aggregate(micros=Sum("saved_micros"))["micros"] or 0,
        "unknown": sum(row.unknown for row in rows),
        "chart": charts.spend_by_day(
            all_days, micros_by_day(span.first, span.last, zone=zone, simulated=simulated), spent.currency
        ),
        "packages": [{**row, "title": charts.package_title(row["package"])} for row in packages],
        "lists": _lists(runs),
        "hints": hints(packages, simulated=simulated),
        "pace": _pace(request, zone, simulated=simulated),
    }
    return render(request, "analytics/costs.html", context)


def _common(request: PageRequest, tab: str) -> tuple[dict[str, Any], ZoneInfo]:
    zone = ZoneInfo(request.organization.time_zone)
    today = timezone.localdate(timezone=zone)
    span, problems = read_span(request.GET, today=today)
    kind = request.GET.get("data", "")
    simulated = is_simulated() if kind not in ("real", "simulated") else kind == "simulated"
    return {
        "tab": tab,
        "section": "analytics",
        "span": span,
        "presets": presets(today),
        "problems": problems,
        "simulated": simulated,
    }, zone


def _lists(runs: Any) -> list[dict[str, Any]]:
    """What each list has cost, the dearest first."""
    sums = runs.values("contact_list_id").annotate(bought=Sum("done"), micros=Sum("spent_micros"), runs=Count("id"))
    rows = sorted(sums, key=lambda row: -row["micros"])[:LISTS_SHOWN]
    names = dict(ContactList.objects.filter(pk__in=[row["contact_list_id"] for row in rows]).values_list("pk", "name"))
    return [
        {
            **row,
            "name": names.get(row["contact_list_id"], "a deleted list"),
            "each": row["micros"] // row["bought"] if row["bought"] else None,
        }
        for row in rows
    ]


def _pace(request: PageRequest, zone: ZoneInfo, *, simulated: bool) -> dict[str, Any] | None:
    """What this month would cost if it went on as it began; nothing in its first three days."""
    today = timezone.localdate(timezone=zone)
    first, last = month_of(today)
    if today.day < 4:
        return None
    spent = next(iter(spend(first, today, zone=zone, simulated=simulated)), None)
    if spent is None:
        return None
    return {
        "month": f"{today:%B}",
        "micros": spent.total_micros * last.day // today.day,
        "budget_micros": request.organization.monthly_budget_micros,
        "currency": spent.currency,
    }
