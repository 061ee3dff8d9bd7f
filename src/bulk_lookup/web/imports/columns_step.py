"""The wizard's second step: which column is what, with the first rows as they would be read."""

from dataclasses import dataclass
from http import HTTPStatus
from pathlib import PurePath
from typing import Any, Final

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from bulk_lookup.core.country import name_of
from bulk_lookup.core.role import Right
from bulk_lookup.engine.import_upload import FileGone, import_upload
from bulk_lookup.engine.keep_upload import UploadRefused, choose_sheet
from bulk_lookup.engine.preview_import import MOST_SEARCH_COLUMNS, NO_REGION, Preview, Verdict, preview_import
from bulk_lookup.engine.take_sample import Sample
from bulk_lookup.models import Upload
from bulk_lookup.models.scope import organization_scope
from bulk_lookup.web.access import BOTH, WRITES, PageRequest, found, is_fragment, page
from bulk_lookup.web.imports.choices import SHOWS, WizardChoices, read_choices, regions
from bulk_lookup.web.imports.steps import wizard_steps
from bulk_lookup.web.imports.words import REASONS, REPAIRS, format_sentence, in_a_row
from bulk_lookup.web.templatetags.bars import Segment
from bulk_lookup.web.templatetags.figures import share_text

_SHOWN_ROWS: Final = 14
_SHOWN_COLUMNS: Final = 3  # offered at once as columns of phone numbers
_CELL_LENGTH: Final = 80  # of a cell beside the number


@page(Right.IMPORT, methods=BOTH)
def columns_step(request: PageRequest, upload_id: int) -> HttpResponse:
    """Show what the choices of the address make of the first rows; begin the import with those of the form."""
    upload: Upload = found(Upload.objects.filter(id=upload_id).first())
    if upload.import_id is not None:
        report = reverse("import", args=[upload.import_id])
        return HttpResponse(headers={"HX-Redirect": report}) if is_fragment(request) else redirect(report)
    chosen = read_choices(dict((request.POST if request.method == "POST" else request.GET).lists()))
    preview = preview_import(
        Sample.from_json(upload.sample), chosen.made, organization_country=request.organization.country_code or None
    )
    if request.method != "POST":
        return _show(request, upload, chosen, preview)
    if "look" in request.POST:
        return redirect(f"{reverse('imports_columns', args=[upload.pk])}?{chosen.as_query()}")
    if preview.phone_column is None:
        problem = "Choose the column that holds the phone numbers."
        return _show(request, upload, chosen, preview, problem=problem, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    name = chosen.list_name or PurePath(upload.file_name).stem
    try:
        one = import_upload(request.organization.pk, upload.pk, list_name=name, mapping=preview.mapping)
    except FileGone:
        problem = "The file is not kept any more. Nothing was imported."
        return _show(request, upload, chosen, preview, problem=problem, status=HTTPStatus.GONE)
    return redirect("import", one.pk)


@page(Right.IMPORT, methods=WRITES, scope=False)
def sheet(request: PageRequest, upload_id: int) -> HttpResponse:
    """Look at another sheet of the workbook."""
    with organization_scope(request.organization.pk):
        upload: Upload = found(Upload.objects.filter(id=upload_id).first())
    country = request.organization.country_code or None
    if upload.import_id is None:
        try:
            choose_sheet(upload, request.POST.get("sheet", ""), country=country)
        except UploadRefused as refused:
            chosen = read_choices({})
            before = preview_import(Sample.from_json(upload.sample), chosen.made, organization_country=country)
            with organization_scope(request.organization.pk):
                return _show(request, upload, chosen, before, problem=str(refused), status=422)
    return redirect("imports_columns", upload.pk)


@dataclass(frozen=True, slots=True)
class _Line:
    """A row of the preview's table."""

    number: int
    cells: tuple[str, ...]
    raw: str
    e164: str
    country: str
    kind: str
    note: str


def _show(
    request: PageRequest,
    upload: Upload,
    chosen: WizardChoices,
    preview: Preview,
    *,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    sample = preview.sample
    beside = _beside(preview, wide=chosen.wide)
    offered = [one for one in preview.columns if one.share > 0 or one.guessed][:_SHOWN_COLUMNS] or preview.columns[:1]
    if preview.phone_column is not None and all(one.position != preview.phone_column for one in offered):
        offered = [*offered, *(one for one in preview.columns if one.position == preview.phone_column)]
    context: dict[str, Any] = {
        "upload": upload,
        "section": "lists",
        "steps": wizard_steps("Columns", upload=upload),
        "format": format_sentence(sample),
        "sample": sample,
        "sampled": len(sample.rows),
        "preview": preview,
        "chosen": chosen,
        "list_name": chosen.list_name or PurePath(upload.file_name).stem,
        "offered": offered,
        "more_columns": [one for one in preview.columns if one not in offered],
        "all_columns": [(place, sample.label(place)) for place in range(sample.width)],
        "search_columns": _search_columns(preview),
        "may_add_search": len(preview.mapping.search_columns) < MOST_SEARCH_COLUMNS,
        "regions": regions(),
        "region_value": chosen.made.region or preview.mapping.region or NO_REGION,
        "question": _question(preview),
        **_advice(preview, chosen),
        "phone_label": sample.label(preview.mapping.phone_column),
        "beside": [(place, sample.label(place)) for place in beside],
        "left_out": sample.width - len(beside) - 1,
        "lines": _lines(preview, beside, chosen.show),
        "filters": [
            (kind, preview.counts[kind], chosen.as_query(show=None if kind == "all" else kind)) for kind in SHOWS
        ],
        "wide_query": chosen.as_query(wide=None if chosen.wide else "1"),
        **_expected(preview),
        "problem": problem,
        "problem_url": reverse("imports_new") if status == HTTPStatus.GONE else "",
        "problem_action": "Give it again",
    }
    template = "imports/_columns.html" if is_fragment(request) else "imports/columns.html"
    return render(request, template, context, status=status)


def _beside(preview: Preview, *, wide: bool) -> list[int]:
    """The columns shown beside the phone column: all of them, or the first that says something and the searched ones."""
    mapping, sample = preview.mapping, preview.sample
    others = [place for place in range(sample.width) if place != mapping.phone_column]
    if wide:
        return others
    first = next((place for place in others if _is_words(sample, place)), others[0] if others else None)
    wanted = {first, mapping.country_column, *mapping.search_columns}
    return [place for place in others if place in wanted]


def _is_words(sample: Sample, place: int) -> bool:
    """Whether a column says something of its own: names rather than numbers and repeated words."""
    cells = [row[place] for row in sample.rows[:_SHOWN_ROWS] if place < len(row) and row[place].strip()]
    letters = sum(any(character.isalpha() for character in cell) for cell in cells)
    return letters > len(cells) * 0.8 and len(set(cells)) > len(cells) * 0.8


def _search_columns(preview: Preview) -> list[tuple[int, str, bool]]:
    """Each column with its name and whether it is chosen to be searched."""
    chosen = preview.mapping.search_columns
    full = len(chosen) >= MOST_SEARCH_COLUMNS
    sample, phone = preview.sample, preview.mapping.phone_column
    return [
        (place, sample.label(place), place in chosen)
        for place in range(sample.width)
        if place != phone and (place in chosen or not full)
    ]


def _question(preview: Preview) -> str:
    """What is known of the country of numbers that say none, as a sentence with its evidence."""
    region = preview.mapping.region
    if preview.region_source == "organization" and region:
        return f"{name_of(region)} is your organization's country."
    if preview.region_source == "inferred" and region:
        return f"The numbers look like those of {name_of(region)}."
    if preview.region_source == "not_needed":
        return "All numbers say their country."
    if preview.region_source == "unclear":
        return "It is unclear whose numbers these are. Without an answer they are rejected."
    return ""


def _advice(preview: Preview, chosen: WizardChoices) -> dict[str, str]:
    """What could be chosen besides: a country column that nobody named, a region that the rejects speak for."""
    advice: dict[str, str] = {}
    suggested = preview.sample.country_column
    if suggested is not None and preview.mapping.country_column is None:
        advice["suggested"] = preview.sample.label(suggested)
        advice["suggested_query"] = chosen.as_query(country=suggested)
    if preview.hint is not None:
        advice["hint_name"] = name_of(preview.hint.region)
        advice["hint_query"] = chosen.as_query(region=preview.hint.region)
    return advice


def _expected(preview: Preview) -> dict[str, Any]:
    """The rows of the sample by verdict, in per cent, and what follows for all."""
    counts, rows = preview.counts, len(preview.verdicts)
    parts = (("done", "Valid", "valid"), ("invalid", "Invalid", "rejected"), ("duplicate", "Duplicate", "duplicate"))
    segments = [Segment(paint, counts[kind], word, text=share_text(counts[kind], rows)) for paint, word, kind in parts]
    return {
        "expected": preview.expected_valid,
        "segments": segments,
        "expected_text": ", ".join(f"{one.word} {one.text}" for one in segments),
    }


def _lines(preview: Preview, beside: list[int], show: str) -> list[_Line]:
    wanted = [one for one in preview.verdicts if show in ("all", one.kind)]
    return [_line(preview, one, beside) for one in wanted[:_SHOWN_ROWS]]


def _line(preview: Preview, one: Verdict, beside: list[int]) -> _Line:
    raw = _cell(one, preview.mapping.phone_column)
    return _Line(
        number=one.number,
        cells=tuple(_shortened(_cell(one, place)) for place in beside),
        raw=_shortened(raw),
        e164=one.phone.e164 or "",
        country=one.phone.country_code or "",
        kind=one.kind,
        note=_note(preview, one),
    )


def _note(preview: Preview, one: Verdict) -> str:
    if one.kind == "duplicate":
        return f"of row {one.duplicate_of:,}"
    if one.phone.reason is not None:
        return in_a_row(one.phone.reason, REASONS)
    notes = [in_a_row(repair, REPAIRS) for repair in one.phone.repairs]
    if one.phone.others:
        notes.append("other numbers kept aside")
    national = not _cell(one, preview.mapping.phone_column).lstrip(" (").startswith(("+", "00"))
    if not notes and one.has_country and national and preview.mapping.country_column is not None:
        notes.append(f"from {preview.sample.label(preview.mapping.country_column)}")
    return ", ".join(notes)


def _cell(one: Verdict, place: int) -> str:
    return one.cells[place] if place < len(one.cells) else ""


def _shortened(text: str) -> str:
    return text if len(text) <= _CELL_LENGTH else f"{text[:_CELL_LENGTH]}…"
