"""What may be done with a run: pause, resume, cancel, ask again for what failed, another cap."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render

from bulk_lookup.core.pricing import BadAmount, to_micros
from bulk_lookup.core.role import Right
from bulk_lookup.engine.quote_retry import quote_retry
from bulk_lookup.engine.run_cap import CapTooLow, change_cap
from bulk_lookup.models import ContactList, Run, RunMoved
from bulk_lookup.models.run import AccountHalted
from bulk_lookup.web.access import BOTH, WRITES, PageRequest, page
from bulk_lookup.web.runs.views import find, show
from bulk_lookup.web.runs.words import pause_words

_MOVED = {
    Run.State.DRAFT: "This run is a draft; nothing was changed.",
    Run.State.PLANNING: "This run is still being planned; nothing was changed.",
    Run.State.RUNNING: "This run is going on already; nothing was changed.",
    Run.State.PAUSED: "This run is paused already; nothing was changed.",
    Run.State.FINISHED: "This run has finished; nothing was changed.",
    Run.State.CANCELLED: "This run was cancelled; nothing was changed.",
    Run.State.FAILED: "This run has failed; nothing was changed.",
}


@page(Right.SPEND, methods=WRITES)
def pause(request: PageRequest, run_id: int) -> HttpResponse:
    """Ask nothing more until somebody resumes it; what is in flight is still stored."""
    one = find(run_id)
    try:
        one.pause()
    except RunMoved:
        return _moved(request, run_id)
    return redirect("run", one.pk)


@page(Right.SPEND, methods=WRITES)
def resume(request: PageRequest, run_id: int) -> HttpResponse:
    """Go on with a paused run."""
    one = find(run_id)
    try:
        one.resume()
    except RunMoved:
        return _moved(request, run_id)
    except AccountHalted as error:
        return _halted(request, one, error)
    return redirect("run", one.pk)


@page(Right.SPEND, methods=BOTH)
def cancellation(request: PageRequest, run_id: int) -> HttpResponse:
    """End a run for good, once it was said what is kept and what is dropped."""
    one = find(run_id)
    if one.over:
        return _moved(request, run_id)
    if request.method != "POST":
        left = one.numbers - one.settled
        return _ask(request, "runs/cancellation.html", one, {"left": left, "kept": one.done + one.reused})
    try:
        one.cancel()
    except RunMoved:
        return _moved(request, run_id)
    messages.success(request, f"Run {one.pk} is cancelled")
    return redirect("run", one.pk)


@page(Right.SPEND, methods=BOTH)
def retry(request: PageRequest, run_id: int) -> HttpResponse:
    """Ask again for what failed, once it was said what that may cost."""
    one = find(run_id)
    if one.state != Run.State.FINISHED:
        return _moved(request, run_id)
    if request.method != "POST":
        quote = quote_retry(one)
        room = None if one.cap_micros is None else one.cap_micros - one.spent_micros
        short = room is not None and quote.cost_micros > room
        return _ask(request, "runs/retry.html", one, {"quote": quote, "room": room, "short": short})
    try:
        again = one.retry_failed()
    except RunMoved:
        return _moved(request, run_id)
    except AccountHalted as error:
        return _halted(request, one, error)
    if again:
        messages.success(request, f"{again:,} numbers are asked again")
    return redirect("run", one.pk)


@page(Right.RAISE_CAP, methods=BOTH)
def cap(request: PageRequest, run_id: int) -> HttpResponse:
    """Another cap; a paused run goes on with it where that is asked for."""
    one = find(run_id)
    if one.over:
        return _moved(request, run_id)
    at_cap = one.state == Run.State.PAUSED
    if request.method != "POST":
        return _ask(request, "runs/cap.html", one, {"at_cap": at_cap})
    typed = request.POST.get("cap", "").replace("\0", "").strip()[:40]
    problem = ""
    try:
        micros = to_micros(typed.replace(",", ""))
        with transaction.atomic():  # both, or neither
            change_cap(one, cap_micros=micros)
            if at_cap and request.POST.get("then") == "resume":
                one.resume()
    except (BadAmount, CapTooLow) as error:
        problem = str(error)
    except RunMoved:
        return _moved(request, run_id)
    except AccountHalted as error:
        return _halted(request, one, error)
    if problem:
        return _ask(request, "runs/cap.html", one, {"at_cap": at_cap, "typed": typed, "problem": problem}, status=422)
    return redirect("run", one.pk)


def _ask(request: PageRequest, template: str, one: Run, more: dict[str, object], *, status: int = 200) -> HttpResponse:
    name = ContactList.objects.filter(pk=one.contact_list_id).values_list("name", flat=True).first() or ""
    context = {"section": "runs", "run": one, "list_name": name, "simulated": one.simulated, **more}
    return render(request, template, context, status=status)


def _moved(request: PageRequest, run_id: int) -> HttpResponse:
    """Somebody was quicker, or the run itself: its page, with a sentence."""
    now = find(run_id)
    return show(request, now, problem=_MOVED[Run.State(now.state)], status=409)


def _halted(request: PageRequest, one: Run, error: AccountHalted) -> HttpResponse:
    problem = f"The account is halted: {pause_words(error.reason)}. Test it in the settings first; nothing was changed."
    return show(request, find(one.pk), problem=problem, status=409)
