"""The pages of exports: the table, the form, and what may be done with one."""

from typing import Any, Final

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from bulk_lookup.core.role import Right
from bulk_lookup.engine.export_choice import offered_columns
from bulk_lookup.engine.export_contacts import does_not_fit, kept_until
from bulk_lookup.engine.order_export import TooManyExports, order_export
from bulk_lookup.engine.remove_exports import remove_export
from bulk_lookup.models import Export
from bulk_lookup.models.export import ExportMoved
from bulk_lookup.web.access import BOTH, WRITES, PageRequest, found, is_fragment, page
from bulk_lookup.web.exports.order_form import clean_name, form_context, formats, read_key, subject_of
from bulk_lookup.web.templatetags.bars import Segment
from bulk_lookup.web.templatetags.figures import share_text

SHOWN: Final = 100
WORDS: Final = {"csv": "CSV", "tsv": "TSV", "xlsx": "XLSX", "jsonl": "JSON Lines", "parquet": "Parquet"}


@page(methods=BOTH)
def exports(request: PageRequest) -> HttpResponseBase:
    """What there is to download and what is being made; a post orders one more."""
    if request.method == "POST":
        return order(request)
    rows = [_row(one) for one in Export.objects.downloads(timezone.now()).order_by("-id")[:SHOWN]]
    context = {
        "exports": rows,
        "again": [row for row in rows if row["export"].is_active],
        "simulated": any(row["export"].simulated for row in rows),
        "shown": SHOWN if len(rows) == SHOWN else None,
    }
    return render(request, "exports/table.html" if is_fragment(request) else "exports/exports.html", context)


@page(Right.EXPORT, methods=WRITES)
def order(request: PageRequest) -> HttpResponse:
    """Order an export; the same form twice is one export."""
    subject = subject_of(request.POST)
    offer = offered_columns(subject.wanted, subject.ids, sees_money=request.may(Right.SEE_MONEY))
    choice = offer.choose(request.POST.getlist("column"))
    name, format = clean_name(request.POST.get("name", "")), request.POST.get("format", "csv")
    number, problem = subject.counted(request.organization.country_code)
    if format not in formats():
        problem = "Choose one of the formats."
    elif format == "xlsx" and number is not None:
        problem = problem or does_not_fit(number.contacts)
    if number is not None and not number.contacts:
        problem = problem or "There is no such contact, so there is nothing to export."
    try:
        if not problem:
            order_export(
                request.organization.pk,
                form_key=read_key(request.POST),
                made_by=request.user.name or request.user.email,
                name=name,
                format=format,
                wanted=subject.wanted,
                choice=choice,
                contact_ids=subject.ids,
            )
            return redirect("exports")
    except TooManyExports as refused:
        problem = str(refused)
    ticked = {one.key for one in choice.own} | set(choice.found)
    changes = {"problem": problem, "name": name, "ticked": ticked, "format": "csv" if format == "xlsx" else format}
    return render(request, "exports/new.html", form_context(request, subject, offer, **changes), status=422)


@page(Right.EXPORT)
def new(request: PageRequest) -> HttpResponse:
    """The form, for the contacts that the address says."""
    if "csrfmiddlewaretoken" in request.GET:  # from the form around the contacts' table: no token stays in an address
        return redirect(f"{reverse('exports_new')}?{_without_token(request.GET)}")
    subject = subject_of(request.GET)
    offer = offered_columns(subject.wanted, subject.ids, sees_money=request.may(Right.SEE_MONEY))
    chosen: dict[str, Any] = {"format": request.GET["format"]} if request.GET.get("format") in formats() else {}
    return render(request, "exports/new.html", form_context(request, subject, offer, **chosen))


@page(Right.EXPORT, methods=WRITES)
def cancellation(request: PageRequest, export_id: int) -> HttpResponse:
    """Give an export up; one that is ready already stays so."""
    now = timezone.now()
    one = _export(export_id)
    try:
        one.cancel(now=now, kept_until=kept_until(now))
    except ExportMoved:
        messages.info(request, "It was over before it could be cancelled.")
    return redirect("exports")


@page(Right.EXPORT, methods=WRITES)
def deletion(request: PageRequest, export_id: int) -> HttpResponse:
    """Remove an export and its file; the contacts are not touched."""
    one = _export(export_id)
    remove_export(one)
    messages.success(request, f"{one.name} is removed.")
    return redirect("exports")


def _export(export_id: int) -> Export:
    one: Export = found(Export.objects.downloads(timezone.now()).filter(pk=export_id).first())
    return one


def _row(one: Export) -> dict[str, Any]:
    whole = one.rows_total or 0
    text = f"{share_text(one.rows, whole)}, {one.rows:,} of {whole:,} rows" if whole else "not begun"
    return {
        "export": one,
        "format": WORDS[one.format],
        "columns": len(one.columns.get("own", ())) + len(one.columns.get("found", ())),
        "segments": [Segment("chart-1", one.rows)],
        "whole": max(whole, 1),
        "bar": f"export-bar-{one.pk}",
        "text": text,
        "as_csv": _as_csv(one) if one.format == "xlsx" and one.state == Export.State.FAILED else "",
    }


def _as_csv(one: Export) -> str:
    """The form again, for the same contacts and another format."""
    given = QueryDict(one.filter, mutable=True)
    given.setlist("contact", [str(number) for number in one.contact_ids])
    given["format"] = "csv"
    return f"{reverse('exports_new')}?{given.urlencode()}"


def _without_token(given: QueryDict) -> str:
    rest = given.copy()
    del rest["csrfmiddlewaretoken"]
    return rest.urlencode()
