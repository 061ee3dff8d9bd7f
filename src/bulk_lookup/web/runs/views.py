"""The runs, and one run as it goes on."""

from typing import Any, Final

from django.http import HttpResponse
from django.shortcuts import render

from bulk_lookup.core.role import Right
from bulk_lookup.models import ContactList, Run
from bulk_lookup.web.access import PageRequest, found, is_fragment, page
from bulk_lookup.web.runs.figures import LIVING, live_context, segments, spend_segments, spend_whole
from bulk_lookup.web.runs.receipt import COUNTED_AT_ONCE, receipt_of
from bulk_lookup.web.runs.words import pause_words
from bulk_lookup.web.templatetags.figures import share_text

RUNS_AT_ONCE: Final = 50


@page()
def runs(request: PageRequest) -> HttpResponse:
    """The newest runs first, a page at a time."""
    before = request.GET.get("before", "")
    wanted = Run.objects.order_by("-id")
    if before.isascii() and before.isdigit() and len(before) < 19:
        wanted = wanted.filter(id__lt=int(before))
    some = list(wanted[: RUNS_AT_ONCE + 1])
    shown = some[:RUNS_AT_ONCE]
    names = dict(ContactList.objects.filter(pk__in={run.contact_list_id for run in shown}).values_list("pk", "name"))
    context = {
        "section": "runs",
        "rows": [_row(run, names.get(run.contact_list_id, "")) for run in shown],
        "simulated": any(run.simulated for run in shown),
        "live": any(run.state in LIVING for run in shown),
        "older": f"?before={shown[-1].pk}" if len(some) > RUNS_AT_ONCE else "",
        "newest": bool(before),
        "here": request.get_full_path(),
    }
    return render(request, "runs/_table.html" if is_fragment(request) else "runs/runs.html", context)


@page()
def run(request: PageRequest, run_id: int) -> HttpResponse:
    """One run: how far, how fast, until when, at what cost, and what goes wrong; its fragment is what changes."""
    return show(request, find(run_id))


@page()
def receipt(request: PageRequest, run_id: int) -> HttpResponse:
    """What was billed, free and unknown, of a run with so many numbers that the page does not wait for the count."""
    one = find(run_id)
    if is_fragment(request):
        return render(request, "runs/_receipt.html", {"run": one, "receipt": receipt_of(one)})
    return show(request, one, counted=True)


def find(run_id: int) -> Run:
    """The run, or 404."""
    one: Run = found(Run.objects.filter(pk=run_id).first())
    return one


def show(
    request: PageRequest, one: Run, *, problem: str = "", status: int = 200, counted: bool = False
) -> HttpResponse:
    """The page of a run, with the sentence of what could not be done."""
    money = request.may(Right.SEE_MONEY)
    context: dict[str, Any] = {"section": "runs", "problem": problem, **live_context(one, sees_money=money)}
    # A page says what it shows: what has not changed is not put in its place again, so that nobody's focus or click is lost.
    context["head_changed"] = request.GET.get("head") != context["head_key"]
    context["failures_changed"] = request.GET.get("failures") != context["failures_key"]
    if money and one.over and (counted or one.numbers <= COUNTED_AT_ONCE):
        context["receipt"] = receipt_of(one)
    return render(request, "runs/_fragment.html" if is_fragment(request) else "runs/run.html", context, status=status)


def _row(one: Run, name: str) -> dict[str, Any]:
    return {
        "run": one,
        "name": name,
        "why": pause_words(one.reason).capitalize() if one.state == Run.State.PAUSED else "",
        "segments": segments(one, 0),
        "spend": spend_segments(one),
        "spend_whole": spend_whole(one),
        "done": share_text(one.settled, one.numbers) if one.numbers else "",
        "active": one.state in (*LIVING, Run.State.PAUSED),
    }
