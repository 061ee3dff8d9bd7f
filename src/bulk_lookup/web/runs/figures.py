"""What the page of a run shows, made from the run's counters and how it goes at the moment."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone

from bulk_lookup.core.contact_filter import ContactFilter, Scope
from bulk_lookup.core.data_package import CATALOGUE
from bulk_lookup.core.failure import FailureReason
from bulk_lookup.core.line_type import ALIASES
from bulk_lookup.core.progress import Slowdown
from bulk_lookup.core.retry import ACCOUNT_HALTS, PauseReason
from bulk_lookup.engine.run_progress import RunProgress, run_progress
from bulk_lookup.models import Contact, ContactList, Lookup, Run
from bulk_lookup.models.contact_filtering import facets
from bulk_lookup.providers.twilio.sentences import SENTENCES
from bulk_lookup.web.runs import words
from bulk_lookup.web.templatetags.bars import Segment, Tick
from bulk_lookup.web.templatetags.contacts import line_words, reason_words
from bulk_lookup.web.templatetags.figures import NARROW_SPACE, duration_text, money_text, share_text

FAILURES_SHOWN = 6
LIVING = (Run.State.PLANNING, Run.State.RUNNING)
"""States that change by themselves."""


@dataclass(frozen=True, slots=True)
class FailureLine:
    """One number that failed in this run, newest first."""

    contact_id: int
    number: str
    reason: str
    sentence: str
    advice: str
    code: int | None
    code_url: str
    request_id: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class PackageLine:
    """One package of the run's quote; `left_out` says why it is not asked any more, and for which countries."""

    title: str
    to_buy: int
    reused: int
    skipped: int
    cost_micros: int
    left_out: str


def live_context(run: Run, *, sees_money: bool) -> dict[str, Any]:
    """Everything of the page that changes while the run goes on."""
    now = timezone.now()
    progress = run_progress(run, now=now)
    parts = segments(run, progress.asking)
    done = share_text(run.settled, run.numbers)
    money = f"{money_text(run.spent_micros)} {run.currency}"
    cap = f"of {money_text(run.cap_micros)} cap" if run.cap_micros is not None else "no cap"
    name = ContactList.objects.filter(pk=run.contact_list_id).values_list("name", flat=True).first() or ""
    asked = run.done + run.failed
    context: dict[str, Any] = {
        "run": run,
        "list_name": name,
        "simulated": run.simulated,
        "live": run.state in LIVING or (run.state == Run.State.PAUSED and run.reserved_micros > 0),
        "progress": progress,
        "percent": done.removesuffix(f"{NARROW_SPACE}%"),
        "segments": parts,
        "bar_text": f"{done}, {money}" if sees_money else done,
        "tab_title": f"{share_text(run.settled, run.numbers, 0)} · {name}" if run.state in LIVING else name,
        "seconds": ((run.finished_at or now) - run.started_at).total_seconds() if run.started_at else None,
        "end": _end(run, progress, now),
        "cause": words.CAUSES[progress.slowed_by],
        "cause_word": progress.slowed_by.value,
        "cause_url": _cause_url(run, progress.slowed_by),
        "paused": _paused(run),
        "failures": latest_failures(run),
        "failed_note": f"{run.failed:,} of {asked:,} asked, {share_text(run.failed, asked)}" if asked else "",
        "failed_url": contacts_url(run, Scope.FAILED),
        "head_key": f"{run.state} {run.reason}",
        "failures_key": f"{run.failed} {run.state}",
        "answers": _answers(run),
        "packages": _packages(run),
        "announcement": _announcement(run, name, done),
        "latency": [duration_text(one / 1000) for one in progress.latency_ms] if progress.latency_ms else [],
    }
    if sees_money:
        context |= {
            "spend": spend_segments(run),
            "spend_whole": spend_whole(run),
            "ticks": [Tick(run.quoted_micros)] if run.quoted_micros else [],
            "cap_words": f"{cap}, quote {money_text(run.quoted_micros)}",
        }
    return context


def segments(run: Run, asking: int) -> list[Segment]:
    """The parts of a run's numbers; they add up to all of them."""
    waiting = max(0, run.numbers - run.settled)
    asking = min(asking, waiting)
    found = [
        Segment("reused", run.reused, "Reused"),
        Segment("done", run.done, "Completed", contacts_url(run, Scope.COMPLETED)),
        Segment("failed", run.failed, "Failed", contacts_url(run, Scope.FAILED)),
        Segment("flight", asking, "In flight"),
        Segment("other", run.skipped, "Not covered"),
        Segment("rest", waiting - asking, "Dropped" if run.state == Run.State.CANCELLED else "Pending"),
    ]
    always = ("done", "failed", "rest")
    return [one for one in found if one.value or (one.paint in always and not run.over)]


def spend_segments(run: Run) -> list[Segment]:
    """What is spent, and what the requests in flight may cost."""
    return [Segment("spent", run.spent_micros, "Spent"), Segment("reserved", run.reserved_micros, "Reserved")]


def spend_whole(run: Run) -> int:
    """The full width of the bar of money: the cap; the quote where there is none."""
    return run.cap_micros or max(run.quoted_micros, run.spent_micros + run.reserved_micros) or 1


def contacts_url(run: Run, scope: Scope) -> str:
    """The contacts that this run has looked up last, by what became of them."""
    return f"{reverse('contacts')}?{ContactFilter(run=(run.pk,), scope=scope).as_query()}"


def latest_failures(run: Run) -> list[FailureLine]:
    """The newest failures, with what the receipts know of them."""
    if not run.failed:
        return []
    failed = Contact.objects.filter(status="failed", run_id=run.pk, contact_list_id=run.contact_list_id)
    rows = list(
        failed.only("id", "formatted_phone_number", "reason", "error_code", "lookup_performed_at").order_by(
            "-lookup_performed_at"
        )[:FAILURES_SHOWN]
    )
    numbers = [row.formatted_phone_number for row in rows if row.formatted_phone_number]
    receipts = dict(
        Lookup.objects.filter(run_id=run.pk, formatted_phone_number__in=numbers).values_list(
            "formatted_phone_number", "request_id"
        )
    )
    return [
        FailureLine(
            contact_id=row.pk,
            number=row.formatted_phone_number or "",
            reason=reason_words(row.reason) or "No reason",
            sentence=SENTENCES[FailureReason(row.reason)] if row.reason in list(FailureReason) else "",
            advice=words.advice_for(row.reason),
            code=row.error_code,
            code_url=words.CODE_PAGE.format(row.error_code) if row.error_code else "",
            request_id=receipts.get(row.formatted_phone_number or "", ""),
            at=row.lookup_performed_at,
        )
        for row in rows
    ]


def _end(run: Run, progress: RunProgress, now: datetime) -> dict[str, str]:
    """When it ends, as a band; or why that cannot be said."""
    if run.state == Run.State.PLANNING:
        return {"title": "Planning", "note": "What can be reused is looked up; nothing is asked yet."}
    if run.state != Run.State.RUNNING:
        return {}
    if progress.eta is not None:
        local = timezone.localtime(now)
        note = f"{words.ends_between(progress.eta, local)}, at the present rate"
        return {"title": words.ends_in(progress.eta), "note": note}
    if progress.slowed_by in (Slowdown.NO_WORKER, Slowdown.PROVIDER_DOWN):
        return {
            "title": "Stands still",
            "note": f"{words.CAUSES[progress.slowed_by].title.lower()}; the end is unknown",
        }
    return {"title": words.MEASURING, "note": ""}


def _cause_url(run: Run, slowdown: Slowdown) -> str:
    route = words.CAUSES[slowdown].route
    return reverse(route, args=[run.pk]) if route == "run_cap" else ""


def _paused(run: Run) -> dict[str, Any]:
    if run.state != Run.State.PAUSED:
        return {}
    reason = PauseReason(run.reason)
    return {
        "reason": reason.value,
        "words": words.pause_words(run.reason),
        "advice": words.PAUSE_ADVICE[reason],
        "at_cap": reason is PauseReason.CAP,
        "halted": reason in ACCOUNT_HALTS,
        "calm": reason in (PauseReason.USER, PauseReason.INTERRUPTED),
    }


def _answers(run: Run) -> list[Segment]:
    """What kinds of lines the list's answers so far are: from its kept counts, other runs' answers among them."""
    wanted = ContactFilter(list=(run.contact_list_id,), scope=Scope.COMPLETED)
    found = dict(facets(wanted, "line_type"))
    whole = sum(found.values())
    voip = sum(found.pop(name, 0) for name in ALIASES["voip"])
    counts = sorted([*found.items(), *([("voip", voip)] if voip else [])], key=lambda pair: -pair[1])
    shown, rest = counts[:4], sum(number for _, number in counts[4:])
    lines = [
        Segment(
            "spent",
            number,
            "VoIP" if name == "voip" else line_words(name),
            f"{reverse('contacts')}?{ContactFilter(list=(run.contact_list_id,), line_type=(name,)).as_query()}",
            f"{number:,} · {share_text(number, whole)}",
        )
        for name, number in shown
    ]
    return [*lines, *([Segment("spent", rest, "Other", "", f"{rest:,} · {share_text(rest, whole)}")] if rest else [])]


def _packages(run: Run) -> list[PackageLine]:
    lines = []
    for part in run.quote.get("packages", []):
        name = part["package"]
        dropped = [
            f"{key.partition('/')[2] + ': ' if '/' in key else ''}{reason_words(reason).lower()}"
            for key, reason in run.dropped_packages.items()
            if key.partition("/")[0] == name
        ]
        title = CATALOGUE[name].title if name in CATALOGUE else name
        figures = (part["to_buy"], part["reused"], part["skipped"], part["cost_micros"])
        lines.append(PackageLine(title, *figures, ", ".join(dropped)))
    return lines


def _announcement(run: Run, name: str, done: str) -> str:
    if run.state == Run.State.PAUSED:
        return f"Run {run.pk} paused: {words.pause_words(run.reason)}"
    if run.state == Run.State.RUNNING:
        return f"{name}: {done} done"
    return f"Run {run.pk} is {run.state}"
