"""The dashboard's figures, all from kept counts: no page of it reads a contact."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.db.models import Sum
from django.urls import reverse
from django.utils import timezone

from bulk_lookup.core.contact_filter import ContactFilter, Scope
from bulk_lookup.models import Contact, ContactList, FacetCount, Import, Organization, ProviderAccount, Run
from bulk_lookup.models.contact_filtering import counts_by_scope, facets
from bulk_lookup.models.statistics import Day, Spend, days, month_of, spend
from bulk_lookup.web.templatetags.contacts import country_name, line_words
from bulk_lookup.web.templatetags.figures import share_text

TIMELINE_DAYS = 14
RANKED = 6


@dataclass(frozen=True, slots=True)
class Totals:
    """How many contacts there are in each state. `valid` are those whose number can be asked for."""

    contacts: int
    valid: int
    pending: int
    processing: int
    completed: int
    failed: int
    lists: int

    @property
    def asked(self) -> int:
        """Those that have an outcome."""
        return self.completed + self.failed


def totals() -> Totals:
    """The counts of the stat cards."""
    counts = counts_by_scope(ContactFilter())
    running = Run.objects.filter(state=Run.State.RUNNING).exists()
    return Totals(
        contacts=counts[Scope.ALL],
        valid=counts[Scope.PENDING] + counts[Scope.COMPLETED] + counts[Scope.FAILED],
        pending=counts[Scope.PENDING],
        processing=Contact.objects.processing().count() if running else 0,
        completed=counts[Scope.COMPLETED],
        failed=counts[Scope.FAILED],
        lists=ContactList.objects.present().count(),
    )


def is_simulated() -> bool:
    """Whether what is shown is invented: nothing real was ever looked up, and something simulated was."""
    kinds = set(
        FacetCount.objects.filter(status="completed", contacts__gt=0).values_list("simulated", flat=True).distinct()
    )
    return kinds == {True}


def month(organization: Organization, *, simulated: bool) -> dict[str, Any]:
    """What this month has cost, against the budget, in the organization's own time zone."""
    zone = ZoneInfo(organization.time_zone)
    today = timezone.localdate(timezone=zone)
    first, last = month_of(today)
    spent = next(iter(spend(first, last, zone=zone, simulated=simulated)), Spend("USD", 0, 0))
    open_runs = Run.objects.filter(state__in=[Run.State.RUNNING, Run.State.PAUSED], simulated=simulated)
    reserved = open_runs.aggregate(micros=Sum("reserved_micros"))["micros"] or 0
    budget = organization.monthly_budget_micros
    gone = today.day / last.day
    used = spent.total_micros / budget if budget else None
    return {
        "name": f"{today:%B}",
        "spent": spent,
        "reserved_micros": int(reserved),
        "budget_micros": budget,
        "segments": [
            {"paint": _paint(used), "value": spent.total_micros},
            {"paint": "reserved", "value": int(reserved)},
        ],
        "words": f"{used:.0%} used, {gone:.0%} of the month gone".replace("%", " %") if used is not None else "",
        "gone": gone,
    }


def _paint(used: float | None) -> str:
    """The accent up to four fifths of a budget, then amber, and red at its end."""
    if used is None or used < 0.8:
        return "spent"
    return "invalid" if used < 1 else "failed"


def saved_micros(*, simulated: bool) -> int:
    """What duplicates and answers that were fresh enough have saved, over all runs."""
    return int(Run.objects.filter(simulated=simulated).aggregate(micros=Sum("saved_micros"))["micros"] or 0)


def timeline(organization: Organization) -> list[Day]:
    """The last two weeks, day by day."""
    zone = ZoneInfo(organization.time_zone)
    today = timezone.localdate(timezone=zone)
    return days(today - timedelta(days=TIMELINE_DAYS - 1), today, zone=zone)


def timeline_chart(rows: list[Day]) -> dict[str, Any]:
    """Contacts a day, a click leading to those of the day."""
    return {
        "kind": "bar",
        "stacked": True,
        "labels": [_short(row.day) for row in rows],
        "titles": [f"{row.day:%a} {row.day.day} {row.day:%b}" for row in rows],
        "urls": [f"{reverse('contacts')}?looked_up_from={row.day}&looked_up_to={row.day}" for row in rows],
        "series": [
            {"label": "Completed", "data": [row.completed for row in rows], "paint": "chart-1"},
            {"label": "Failed", "data": [row.failed for row in rows], "paint": "failed"},
        ],
        "name": "processing-timeline",
    }


def failure_chart(rows: list[Day]) -> dict[str, Any]:
    """The share of failures among what was settled, day by day."""
    return {
        "kind": "line",
        "area": True,
        "labels": [_short(row.day) for row in rows],
        "titles": [f"{row.day:%a} {row.day.day} {row.day:%b}" for row in rows],
        "series": [
            {
                "label": "Failed",
                "data": [
                    round(100 * row.failed / (row.completed + row.failed), 2) if row.completed + row.failed else 0
                    for row in rows
                ],
                "paint": "failed",
            }
        ],
        "unit": "%",
        "decimals": 1,
        "name": "failure-trend",
    }


def line_types_chart() -> dict[str, Any]:
    """The line types of all that was looked up: six slices at most, the last one for the rest."""
    found = facets(ContactFilter(), "line_type")
    shown = found[:5] if len(found) > RANKED else found[:RANKED]
    rest = sum(contacts for _, contacts in found[len(shown) :])
    names = [*(line_words(name) for name, _ in shown), *(["Other"] if rest else [])]
    address = reverse("contacts")
    return {
        "kind": "doughnut",
        "labels": names,
        "urls": [*(f"{address}?line_type={name}" for name, _ in shown), *([address] if rest else [])],
        "series": [{"label": "Contacts", "data": [*(contacts for _, contacts in shown), *([rest] if rest else [])]}],
        "name": "line-types",
    }


def legend_of(chart: dict[str, Any]) -> list[dict[str, Any]]:
    """The slices of a chart in words, each with its share."""
    values = chart["series"][0]["data"]
    slices = zip(chart["labels"], values, chart["urls"], strict=True)
    return [
        {"paint": f"chart-{place}", "value": value, "word": word, "url": url, "text": share_text(value, sum(values))}
        for place, (word, value, url) in enumerate(slices, start=1)
    ]


def ranked(field: str, parameter: str) -> list[dict[str, Any]]:
    """The most frequent values of a field, each leading to its contacts."""
    return [
        {
            "word": country_name(value) if field == "country_code" else value,
            "value": contacts,
            "paint": "chart-1",
            "url": f"{reverse('contacts')}?{_query(parameter, value)}",
        }
        for value, contacts in facets(ContactFilter(), field, most=RANKED)
    ]


def in_progress() -> list[dict[str, Any]]:
    """Runs and imports that go on, or stand still and could."""
    runs = Run.objects.filter(state__in=[Run.State.PLANNING, Run.State.RUNNING, Run.State.PAUSED]).order_by(
        "-created_at"
    )
    names = dict(
        ContactList.objects.filter(pk__in=[run.contact_list_id for run in runs[:10]]).values_list("pk", "name")
    )
    imports = Import.objects.filter(state__in=[Import.State.WAITING, Import.State.RUNNING]).order_by("-created_at")
    return [
        *(
            {"kind": "run", "run": run, "name": names.get(run.contact_list_id, ""), **_run_bars(run)}
            for run in runs[:10]
        ),
        *({"kind": "import", "import": one, "share": _share(one.bytes_read, one.bytes_total)} for one in imports[:10]),
    ]


def needs_you() -> list[dict[str, Any]]:
    """What waits for a person, and only that."""
    paused = Run.objects.filter(state=Run.State.PAUSED).exclude(reason="user").order_by("-updated_at")[:5]
    halted = ProviderAccount.objects.exclude(state="ok").order_by("pk")[:3]
    failed = Run.objects.filter(state=Run.State.FINISHED, failed__gt=0).order_by("-finished_at")[:3]
    lists = dict(ContactList.objects.values_list("pk", "name")) if paused or failed else {}
    return [
        *({"kind": "halted", "account": account} for account in halted),
        *(
            {
                "kind": "paused",
                "run": run,
                "name": lists.get(run.contact_list_id, ""),
                "left": run.numbers - run.settled,
            }
            for run in paused
        ),
        *({"kind": "failed", "run": run, "name": lists.get(run.contact_list_id, "")} for run in failed),
    ][:5]


def recent_activity() -> list[dict[str, Any]]:
    """What happened last: runs and imports, the newest first."""
    runs = Run.objects.order_by("-updated_at")[:6]
    imports = Import.objects.exclude(state=Import.State.WAITING).order_by("-created_at")[:6]
    happened: list[dict[str, Any]] = [
        *({"kind": "run", "run": run, "at": run.finished_at or run.updated_at} for run in runs),
        *({"kind": "import", "import": one, "at": one.finished_at or one.created_at} for one in imports),
    ]
    return sorted(happened, key=lambda one: one["at"], reverse=True)[:6]


def _run_bars(run: Run) -> dict[str, Any]:
    return {
        "settled": run.settled,
        "segments": [
            {"paint": "reused", "value": run.reused, "word": "reused"},
            {"paint": "done", "value": run.done, "word": "completed"},
            {"paint": "failed", "value": run.failed, "word": "failed"},
        ],
        "money": [{"paint": "spent", "value": run.spent_micros}, {"paint": "reserved", "value": run.reserved_micros}],
        "whole_micros": run.cap_micros or run.quoted_micros or 1,
    }


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def _short(day: date) -> str:
    return f"{day:%b} {day.day}" if day.day == 1 else str(day.day)


def _query(name: str, value: str) -> str:
    return urlencode({name: value})
