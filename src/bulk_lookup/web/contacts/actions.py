"""What may be done with contacts: selected rows, or all that a filter finds."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse

from bulk_lookup.core.contact_filter import ContactFilter, read_filter
from bulk_lookup.core.role import Right
from bulk_lookup.engine.change_contacts import Change, change_contacts
from bulk_lookup.models.contact_filtering import count
from bulk_lookup.models.scope import organization_scope
from bulk_lookup.queue import Job, defer
from bulk_lookup.web.access import WRITES, PageRequest, page

MOST_AT_ONCE = 5_000
"""Contacts changed while the person waits; more are changed by a job."""

_DONE = {Change.MARK_PENDING: "{:,} contacts are pending again.", Change.DELETE: "{:,} contacts are deleted."}
_WILL = {
    Change.MARK_PENDING: "{:,} contacts are being marked as pending.",
    Change.DELETE: "{:,} contacts are being deleted.",
}


@page(Right.EDIT, methods=WRITES, scope=False)
def mark_pending(request: PageRequest) -> HttpResponse:
    """Let the next run ask for them again; their answers stay, and nothing is bought by this."""
    return _change(request, Change.MARK_PENDING)


@page(Right.DELETE, methods=WRITES, scope=False)
def delete(request: PageRequest) -> HttpResponse:
    """Delete contacts once their number was typed; what was paid for them stays in the costs."""
    number = _number(request)
    if request.POST.get("typed", "").replace(",", "").strip() != str(number):
        context = {
            "number": number,
            "ids": _ids(request),
            "query": request.POST.get("filter", ""),
            "wrong": "typed" in request.POST,
        }
        return render(request, "contacts/delete.html", context, status=422 if "typed" in request.POST else 200)
    return _change(request, Change.DELETE)


def _change(request: PageRequest, verb: Change) -> HttpResponseRedirect:
    organization = request.organization
    ids = _ids(request)
    if not ids and not _all(request):
        messages.warning(request, "Tick the contacts first.")
    elif ids:
        done = change_contacts(organization.pk, verb.value, ids=ids)
        messages.success(request, _DONE[verb].format(done))
    elif (number := _number(request)) <= MOST_AT_ONCE:
        wanted = _filter(request)
        parameters = {name: list(values) for name, values in wanted.parameters().items()}
        done = change_contacts(organization.pk, verb.value, parameters=parameters, region=organization.country_code)
        messages.success(request, _DONE[verb].format(done))
    else:
        _later(request, verb)
        messages.success(request, _WILL[verb].format(number))
    return redirect(f"{reverse('contacts')}?{_filter(request).as_query()}")


def _later(request: PageRequest, verb: Change) -> None:
    parameters = {name: list(values) for name, values in _filter(request).parameters().items()}
    region = request.organization.country_code
    with organization_scope(request.organization.pk):
        defer(Job.CHANGE_CONTACTS, request.organization.pk, change=verb.value, parameters=parameters, region=region)


def _number(request: PageRequest) -> int:
    """How many contacts this is about."""
    if ids := _ids(request):
        return len(ids)
    if not _all(request):
        return 0
    with organization_scope(request.organization.pk):
        return count(_filter(request), region=request.organization.country_code, exact=True).contacts


def _ids(request: PageRequest) -> list[int]:
    """The ticked rows; none where "all that match" was chosen."""
    if _all(request):
        return []
    given = (text for text in request.POST.getlist("contact") if text.isascii() and text.isdigit() and len(text) < 19)
    return sorted({int(text) for text in given})


def _all(request: PageRequest) -> bool:
    return request.POST.get("all") == "yes"


def _filter(request: PageRequest) -> ContactFilter:
    """The filter of the page that the form stood on."""
    wanted, _ = read_filter(dict(QueryDict(request.POST.get("filter", "")).lists()))
    return wanted
