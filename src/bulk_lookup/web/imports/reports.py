"""The wizard's third step: live counts while the rows come in, then what came in."""

import csv
import io
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import suppress
from datetime import timedelta
from itertools import islice
from pathlib import PurePath
from typing import Any, Final

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header

from bulk_lookup.core.contact_filter import ContactFilter, Scope
from bulk_lookup.core.country import name_of, region_of
from bulk_lookup.core.role import Right
from bulk_lookup.engine.import_file import rejects
from bulk_lookup.engine.import_report import count_by_country, count_repairs
from bulk_lookup.engine.import_upload import FileGone, read_again
from bulk_lookup.engine.keep_upload import in_their_words
from bulk_lookup.lib.tables.formula import neutralise
from bulk_lookup.models import ContactList, Import, Upload, Worker
from bulk_lookup.models.imports import ImportMoved
from bulk_lookup.models.scope import organization_scope
from bulk_lookup.web.access import WRITES, PageRequest, found, is_fragment, page
from bulk_lookup.web.imports.steps import wizard_steps
from bulk_lookup.web.imports.words import REASONS, REPAIRS, ROW_PROBLEMS, sentence_case
from bulk_lookup.web.templatetags.bars import Segment
from bulk_lookup.web.templatetags.figures import share_text

_LIVE: Final = (Import.State.WAITING, Import.State.RUNNING)
_COUNTED_AT_ONCE: Final = 100_000  # rows whose repairs are counted with the page; more are counted after it
_LINES_AT_ONCE: Final = 1_000
_WORKER_SEEN: Final = timedelta(seconds=20)
_PATIENCE: Final = timedelta(seconds=5)


@page()
def report(request: PageRequest, import_id: int) -> HttpResponse:
    """How far the import is, or what came of it; its fragment tells the page to come again when it is over."""
    one = _import(import_id)
    if not is_fragment(request):
        return _show(request, one)
    if one.state in _LIVE:
        return render(request, "imports/_progress.html", _progress(one))
    return HttpResponse(headers={"HX-Refresh": "true"})


@page()
def repairs(request: PageRequest, import_id: int) -> HttpResponse:
    """What was repaired, of an import with so many rows that the report does not wait for it."""
    one = _import(import_id)
    if is_fragment(request):
        return render(request, "imports/_repairs.html", {"import": one, "repairs": _repairs(one)})
    return _show(request, one, repairs=_repairs(one))


@page(Right.IMPORT, methods=WRITES)
def cancellation(request: PageRequest, import_id: int) -> HttpResponse:
    """Stop the import; the rows that are stored stay. One that has ended meanwhile is shown as it ended."""
    one = _import(import_id)
    with suppress(ImportMoved):
        one.cancel()
    return redirect("import", one.pk)


@page(Right.IMPORT, methods=WRITES)
def second_reading(request: PageRequest, import_id: int) -> HttpResponse:
    """Import the same file once more, into a list of its own, with another country for numbers that say none."""
    one = _import(import_id)
    region = region_of(request.POST.get("region", ""))
    if region is None:
        return _show(request, one, problem="Choose the country whose numbers these are.", status=422)
    try:
        again = read_again(request.organization.pk, one.pk, region=region)
    except FileGone:
        return _show(
            request, one, problem="The file is not kept any more. Nothing was imported; give it again.", status=410
        )
    return redirect("import", again.pk)


@page(Right.EXPORT, scope=False)
def rejects_file(request: PageRequest, import_id: int) -> HttpResponseBase:
    """The rejected rows of the list as CSV: row number, the cell as written, and why."""
    with organization_scope(request.organization.pk):
        one = _import(import_id)
    lines = _lines(rejects(request.organization.pk, one.contact_list_id))
    # A server of the asynchronous kind gathers what a plain iterator gives in memory before it sends it.
    content = _stepwise(lines) if isinstance(request, ASGIRequest) else lines
    name = f"{PurePath(one.file_name).stem}.rejects.csv"
    answer = StreamingHttpResponse(content, content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return answer


def _import(import_id: int) -> Import:
    one: Import = found(Import.objects.filter(id=import_id).first())
    return one


def _show(
    request: PageRequest, one: Import, *, repairs: dict[str, Any] | None = None, problem: str = "", status: int = 200
) -> HttpResponse:
    upload = Upload.objects.filter(import_id=one.id).first()
    live = one.state in _LIVE
    context: dict[str, Any] = {
        "import": one,
        "list": ContactList.objects.get(id=one.contact_list_id),
        "live": live,
        "section": "lists",
        "steps": wizard_steps("Report", imported=one),
        "problem": problem,
    }
    context |= _progress(one) if live else _outcome(one, upload)
    if repairs is not None:
        context["repairs"] = repairs
    return render(request, "imports/report.html", context, status=status)


def _progress(one: Import) -> dict[str, Any]:
    stuck = one.state == Import.State.WAITING and timezone.now() - one.created_at > _PATIENCE
    percent = min(100, 100 * one.bytes_read // max(1, one.bytes_total))
    at_work = Worker.objects.filter(seen_at__gte=timezone.now() - _WORKER_SEEN)
    return {
        "import": one,
        "segments": [Segment("chart-1", percent)],
        "read_text": f"{percent} % of the file, {one.rows:,} rows",
        "no_worker": stuck and not at_work.exists(),
    }


def _outcome(one: Import, upload: Upload | None) -> dict[str, Any]:
    ended = one.finished_at and one.started_at and (one.finished_at - one.started_at).total_seconds()
    return {
        "failure": in_their_words(one.problem, upload.file, one.file_name) if upload else one.problem,
        "segments": _segments(one),
        **_notes(one),
        "reasons": _reasons(one),
        "countries": [(name_of(count.country_code), count) for count in count_by_country(one.contact_list_id)],
        "several_imports": Import.objects.filter(contact_list_id=one.contact_list_id).count() > 1,
        "repairs": _repairs(one) if one.rows <= _COUNTED_AT_ONCE else None,
        "row_problems": [
            (problem["rows"], problem["first"], sentence_case(word, ROW_PROBLEMS))
            for word, problem in sorted(one.row_problems.items(), key=lambda item: item[1]["first"])
        ],
        "rows_address": _contacts(one, Scope.ALL),
        "invalid_address": _contacts(one, Scope.INVALID),
        "duplicate_address": _contacts(one, Scope.DUPLICATE),
        "seconds": ended,
        "columns": len(one.header),
        "hint_name": name_of(one.other_region) if one.other_region else "",
        "may_read_again": upload is not None and bool(one.other_region),
    }


def _notes(one: Import) -> dict[str, str]:
    """The lines under the figures of the equation, and the bar in words."""
    valid, invalid, twice = (share_text(part, one.rows) for part in (one.valid, one.invalid, one.duplicates))
    return {
        "valid_note": f"{valid}, can be looked up",
        "invalid_note": f"{invalid}, never asked, never paid",
        "duplicate_note": f"{twice}, answered once, filled in",
        "rows_text": f"valid {valid}, invalid {invalid}, duplicate {twice}",
    }


def _contacts(one: Import, scope: Scope, *reasons: str) -> str:
    """The address of some of the list's contacts."""
    return f"{reverse('contacts')}?{ContactFilter(list=(one.contact_list_id,), scope=scope, reason=reasons).as_query()}"


def _segments(one: Import) -> list[Segment]:
    return [
        Segment("done", one.valid, "Valid"),
        Segment("invalid", one.invalid, "Invalid", _contacts(one, Scope.INVALID)),
        Segment("duplicate", one.duplicates, "Duplicate", _contacts(one, Scope.DUPLICATE)),
    ]


def _reasons(one: Import) -> list[Segment]:
    """Why rows were rejected, the most frequent first, each with the address of its rows."""
    ranked = sorted(one.reasons.items(), key=lambda item: (-item[1], item[0]))
    return [
        Segment("invalid", rows, sentence_case(word, REASONS), _contacts(one, Scope.INVALID, word))
        for word, rows in ranked
    ]


def _repairs(one: Import) -> dict[str, Any]:
    counted = count_repairs(one)
    return {
        "rows": counted.rows,
        "words": [(sentence_case(word, REPAIRS), rows) for word, rows in counted.words.most_common()],
        "other_numbers": counted.other_numbers,
    }


def _lines(rows: Iterable[tuple[int, str, str]]) -> Iterator[str]:
    """CSV text, many lines at a time; what a spreadsheet would run is made text."""
    rows = iter(rows)
    part: list[tuple[Any, ...]] = [("row_number", "raw_phone_number", "reason")]
    while part:
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(part)
        yield text.getvalue()
        part = [(number, neutralise(raw), reason) for number, raw, reason in islice(rows, _LINES_AT_ONCE)]


async def _stepwise(lines: Iterator[str]) -> AsyncIterator[str]:
    def step() -> str | None:
        return next(lines, None)

    while (part := await sync_to_async(step)()) is not None:
        yield part
