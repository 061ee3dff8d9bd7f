"""The pages of contacts: the table with its filters, and one contact with all that is known of it."""

from typing import Any

from django.db import OperationalError, connection, transaction
from django.http import HttpResponse
from django.shortcuts import render

from bulk_lookup.core.contact_filter import ContactFilter, Scope, read_filter
from bulk_lookup.core.role import Right
from bulk_lookup.models import Contact, ContactList, Import, Run
from bulk_lookup.models.contact_filtering import Count, count, counts_by_scope, facets, is_covered, matching
from bulk_lookup.models.contact_search import TooShort
from bulk_lookup.web.access import PageRequest, found, is_fragment, page
from bulk_lookup.web.contacts.chips import chips
from bulk_lookup.web.contacts.columns import CHOOSABLE, chosen, own_columns
from bulk_lookup.web.contacts.drawer import drawer_of
from bulk_lookup.web.contacts.paging import Page, order_of, page_of, read_cursor

STATEMENT_MILLISECONDS = 2000
"""A filter that no index serves is cut off here, and the page says so."""

FACET_FIELDS = ("country_code", "line_type", "carrier_name", "reason")


@page()
def contacts(request: PageRequest) -> HttpResponse:
    """The table: a tab, a filter, a page of rows."""
    wanted, problems = read_filter(dict(request.GET.lists()))
    lists = {one.pk: one for one in ContactList.objects.present().order_by("-created_at")[:200]}
    own = own_columns(list(Import.objects.filter(contact_list_id__in=wanted.list))) if len(wanted.list) == 1 else []
    shown, number, sentence = _rows(wanted, request.GET.get("at", ""), request, exact="exact" in request.GET)
    asked_now = _processing(shown.rows)
    context: dict[str, Any] = {
        "filter": wanted,
        "query": wanted.as_query(),
        "problems": [*problems, *([sentence] if sentence else [])],
        "page": shown,
        "order": order_of(wanted),
        "number": number,
        "covered": is_covered(wanted),
        "columns": chosen(request, own),
        "choosable": [*CHOOSABLE, *own],
        "processing": asked_now,
        "tabs": _tabs(wanted),
        "chips": chips(wanted, lists),
        "lists": lists.values(),
        "facets": {field: facets(wanted, field) for field in FACET_FIELDS},
        "simulated": any(contact.simulated for contact in shown.rows),
        "less": _less(wanted) if not shown.rows and wanted.narrowed else None,
    }
    template = "contacts/table.html" if is_fragment(request) else "contacts/page.html"
    return render(request, template, context)


@page()
def contact(request: PageRequest, contact_id: int) -> HttpResponse:
    """One contact: its answers with their ages and prices, its receipts, its original row. A drawer, or a page of its own."""
    one = found(Contact.objects.filter(pk=contact_id).first())
    context = drawer_of(one, sees_money=request.may(Right.SEE_MONEY))
    template = "contacts/drawer.html" if is_fragment(request) else "contacts/contact.html"
    return render(request, template, context)


def _rows(wanted: ContactFilter, at: str, request: PageRequest, *, exact: bool) -> tuple[Page, Count, str]:
    """A page of rows and how many there are in all; the sentence says why there are none."""
    nothing = Page([], 1, None, None)
    region = request.organization.country_code
    # A filter that the kept counts know to be empty would be looked for to the end of the table.
    if is_covered(wanted) and not count(wanted).contacts:
        return nothing, Count(0), ""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            if not exact:
                cursor.execute(f"set local statement_timeout = {STATEMENT_MILLISECONDS}")
            order = order_of(wanted)
            rows = page_of(matching(wanted, region=region), order, read_cursor(at, order))
            number = count(wanted, region=region, exact=exact)
            cursor.execute("set local statement_timeout = 0")
    except TooShort as problem:
        return nothing, Count(0), str(problem)
    except OperationalError:
        return nothing, Count(0), "This filter takes too long over so many contacts. Add a list, a country or a date."
    return rows, number, ""


def _processing(rows: list[Contact]) -> set[int]:
    """Which of the rows are being asked for right now."""
    pending = [row.pk for row in rows if row.status == Contact.Status.PENDING]
    if not pending or not Run.objects.filter(state=Run.State.RUNNING).exists():
        return set()
    return set(Contact.objects.processing().filter(pk__in=pending).values_list("pk", flat=True))


def _tabs(wanted: ContactFilter) -> list[dict[str, Any]]:
    counts = counts_by_scope(wanted)
    known = is_covered(ContactFilter(**{name: getattr(wanted, name) for name in _BESIDE}))
    if known and Run.objects.filter(state=Run.State.RUNNING).exists():
        of_lists = Contact.objects.processing()
        if wanted.list:
            of_lists = of_lists.filter(contact_list_id__in=wanted.list)
        counts[Scope.PROCESSING] = of_lists.count()
    return [
        {
            "scope": scope,
            "title": scope.value.replace("_", " ").capitalize(),
            "count": counts.get(scope, 0) if known else None,
            "query": wanted.as_query(scope=scope),
            "current": scope is wanted.scope,
            "line": scope in (Scope.MOBILE, Scope.LANDLINE, Scope.VOIP),
        }
        for scope in Scope
    ]


_BESIDE = (
    "q", "run", "valid", "duplicate", "created_from", "created_to", "cost_from", "cost_to", "looked_up_from", "looked_up_to",
)  # fmt: skip


def _less(wanted: ContactFilter) -> dict[str, Any] | None:
    """Which condition to drop where nothing is found, and how many there would be without it."""
    best: tuple[int, str, ContactFilter] | None = None
    for chip in chips(wanted, {}):
        without, _ = read_filter(chip.without)
        if is_covered(without) and (best is None or count(without).contacts > best[0]):
            best = (count(without).contacts, chip.title, without)
    return {"contacts": best[0], "title": best[1], "query": best[2].as_query()} if best and best[0] else None
