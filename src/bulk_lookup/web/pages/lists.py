"""The lists, and one list with its imports and runs."""

from typing import Any, Final

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from bulk_lookup.core.contact_filter import ContactFilter, Scope
from bulk_lookup.core.role import Right
from bulk_lookup.engine.change_contacts import Change
from bulk_lookup.models import ContactList, Import, Run, Upload
from bulk_lookup.models.list_summary import ListSummary, summaries
from bulk_lookup.queue import Job, defer
from bulk_lookup.web.access import BOTH, WRITES, PageRequest, found, page
from bulk_lookup.web.templatetags.bars import Segment
from bulk_lookup.web.templatetags.figures import share_text

LISTS_AT_ONCE: Final = 50
_SHOWN: Final = 20  # imports and runs of one list
_LONGEST_NAME: Final = 200
_AT_WORK: Final = (Run.State.DRAFT, Run.State.PLANNING, Run.State.RUNNING, Run.State.PAUSED)


@page()
def lists(request: PageRequest) -> HttpResponse:
    """The newest lists first, a page at a time."""
    before = request.GET.get("before", "")
    wanted = ContactList.objects.present().order_by("-id")
    if before.isascii() and before.isdigit() and len(before) < 19:
        wanted = wanted.filter(id__lt=int(before))
    some = list(wanted[: LISTS_AT_ONCE + 1])
    shown = some[:LISTS_AT_ONCE]
    context = {
        "section": "lists",
        "summaries": [(one, [Segment("done", one.completed)]) for one in summaries(shown)],
        "older": f"?before={shown[-1].pk}" if len(some) > LISTS_AT_ONCE else "",
        "newest": bool(before),
        "nothing": not shown and not before,
    }
    return render(request, "lists/lists.html", context)


@page()
def contact_list(request: PageRequest, list_id: int) -> HttpResponse:
    """One list: its contacts by what became of them, its imports, its runs."""
    return _show(request, _list(list_id))


@page(Right.EDIT, methods=WRITES)
def name(request: PageRequest, list_id: int) -> HttpResponse:
    """Give a list another name."""
    one = _list(list_id)
    given = " ".join(request.POST.get("name", "").replace("\0", "").split())[:_LONGEST_NAME]
    if not given:
        return _show(request, one, problem="A list needs a name. It keeps the one it has.", status=422)
    one.name = given
    one.save(update_fields=["name"])
    return redirect("list", one.pk)


@page(Right.DELETE, methods=BOTH)
def deletion(request: PageRequest, list_id: int) -> HttpResponse:
    """Delete a list's contacts once their number was typed; its runs and what they cost stay."""
    # Whoever orders a run over the list locks it first: no run begins between the look at its runs and its deletion.
    present = ContactList.objects.present()
    locked = present.select_for_update(no_key=True) if request.method == "POST" else present
    one: ContactList = found(locked.filter(id=list_id).first())
    (summary,) = summaries([one])
    typed = request.POST.get("typed", "").replace(",", "").strip()
    context = {"section": "lists", "list": one, "rows": summary.rows, "wrong": False, "busy": _busy(summary)}
    if request.method != "POST":
        return render(request, "lists/deletion.html", context)
    if context["busy"]:
        return render(request, "lists/deletion.html", context, status=409)
    if typed != str(summary.rows):
        return render(request, "lists/deletion.html", context | {"wrong": True}, status=422)
    one.deleted_at = timezone.now()
    one.save(update_fields=["deleted_at"])
    Upload.objects.let_go(one.pk, one.deleted_at)
    parameters = {"list": [str(one.pk)]}
    defer(Job.CHANGE_CONTACTS, request.organization.pk, change=Change.DELETE.value, parameters=parameters, region="")
    messages.success(request, f"{one.name} is deleted")
    return redirect("lists")


def _list(list_id: int) -> ContactList:
    one: ContactList = found(ContactList.objects.present().filter(id=list_id).first())
    return one


def _busy(summary: ListSummary) -> str:
    """What has to end before the list may go, "" for nothing."""
    if summary.importing is not None:
        return "An import into this list is not over. Cancel it first, or wait for it."
    if Run.objects.filter(contact_list_id=summary.of.pk, state__in=_AT_WORK).exists():
        return "A run over this list is not over. Cancel it first, or wait for it."
    return ""


def _show(request: PageRequest, one: ContactList, *, problem: str = "", status: int = 200) -> HttpResponse:
    (summary,) = summaries([one])
    segments = _segments(summary)
    context: dict[str, Any] = {
        "section": "lists",
        "list": one,
        "summary": summary,
        "simulated": any(spend.simulated for spend in summary.spends),
        "segments": segments,
        "imports": Import.objects.filter(contact_list_id=one.pk).order_by("-created_at", "-id")[:_SHOWN],
        "runs": Run.objects.filter(contact_list_id=one.pk).order_by("-created_at", "-id")[:_SHOWN],
        "rows_address": _contacts(one, Scope.ALL),
        "completed_address": _contacts(one, Scope.COMPLETED),
        "invalid_address": _contacts(one, Scope.INVALID),
        "duplicate_address": _contacts(one, Scope.DUPLICATE),
        "export_address": _export(one),
        "looked_up_note": f"{share_text(summary.completed, summary.valid)} looked up" if summary.valid else "",
        "bar_text": ", ".join(f"{one.word} {one.value:,}" for one in segments),
        "deletion_title": f"Delete {one.name}?",
        "rows_text": f"{summary.rows:,}",
        "problem": problem,
    }
    return render(request, "lists/list.html", context, status=status)


def _contacts(one: ContactList, scope: Scope) -> str:
    return f"{reverse('contacts')}?{ContactFilter(list=(one.pk,), scope=scope).as_query()}"


def _export(one: ContactList) -> str:
    try:
        return f"{reverse('exports_new')}?{ContactFilter(list=(one.pk,)).as_query()}"
    except NoReverseMatch:
        return ""


def _segments(summary: ListSummary) -> list[Segment]:
    return [
        Segment("done", summary.completed, "Looked up"),
        Segment("invalid", summary.invalid, "Invalid"),
        Segment("duplicate", summary.duplicates, "Duplicate"),
        Segment("rest", summary.valid - summary.completed, "Not looked up"),
    ]
