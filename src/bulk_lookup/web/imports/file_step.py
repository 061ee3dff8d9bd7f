"""The wizard's first step: a file is dropped, chosen or pasted."""

from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile, File
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from bulk_lookup.core.role import Right
from bulk_lookup.engine.keep_upload import UploadRefused, keep_upload
from bulk_lookup.web.access import BOTH, PageRequest, page
from bulk_lookup.web.imports.body_limit import is_too_large
from bulk_lookup.web.imports.steps import wizard_steps
from bulk_lookup.web.templatetags.figures import NARROW_SPACE, size_text

PASTED_NAME = "Pasted numbers"

_NOTHING_GIVEN = "No file was chosen and nothing was pasted."
_CHOOSE = "Choose a file with a list in it, or paste the numbers."
_UNHARMED = "Nothing was stored. Give another file, or paste the numbers."


@page(Right.IMPORT, methods=BOTH, scope=False)
def file_step(request: PageRequest) -> HttpResponse:
    """Offer the ways to give a list, take it, and go on to its columns."""
    if is_too_large(request):
        return _again(request, _too_large(request), _UNHARMED, status=413)
    if request.method != "POST":
        return _again(request)
    content = _given(request)
    if content is None:
        return _again(request, _NOTHING_GIVEN, _CHOOSE, status=422)
    if content.size > settings.UPLOAD_LIMIT:
        return _again(request, _too_large(request), _UNHARMED, status=413)
    try:
        upload = keep_upload(request.organization, file_name=content.name or "", content=content)
    except UploadRefused as refused:
        return _again(request, str(refused), _UNHARMED, status=422)
    columns = reverse("imports_columns", args=[upload.pk])
    if "X-Upload" in request.headers:  # the page's own script, which would follow a redirect before it goes there
        return HttpResponse(status=HTTPStatus.CREATED, headers={"X-Location": columns})
    return redirect(columns)


def _given(request: PageRequest) -> "File[Any] | None":
    """The file, or what was pasted as one; None where there is neither."""
    chosen = request.FILES.get("file")
    if chosen is not None:
        return chosen
    pasted = request.POST.get("numbers", "")
    if not pasted.strip():
        return None
    return ContentFile(pasted.encode("utf-8", "replace"), name=PASTED_NAME)


def _too_large(request: HttpRequest) -> str:
    limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE if "numbers" in request.GET else settings.UPLOAD_LIMIT
    return f"That is more than {_limit_words(limit)}, the most that can be given here at once."


def _limit_words(limit: int) -> str:
    return size_text(limit).replace(f".0{NARROW_SPACE}", NARROW_SPACE)


def _again(request: HttpRequest, problem: str = "", advice: str = "", *, status: int = 200) -> HttpResponse:
    context = {
        "problem": problem,
        "advice": advice,
        "limit": settings.UPLOAD_LIMIT,
        "steps": wizard_steps("File"),
        "section": "lists",
        "limit_words": _limit_words(settings.UPLOAD_LIMIT),
        "paste_words": _limit_words(settings.DATA_UPLOAD_MAX_MEMORY_SIZE),
        "pasted": request.POST.get("numbers", "")[:100_000] if request.method == "POST" else "",
    }
    return render(request, "imports/file.html", context, status=status)
