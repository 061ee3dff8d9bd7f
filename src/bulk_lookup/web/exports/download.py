"""The file of an export, for its organization alone."""

from collections.abc import AsyncIterator
from pathlib import PurePath
from typing import Any, Final

from asgiref.sync import sync_to_async
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.core.handlers.asgi import ASGIRequest
from django.http import FileResponse, Http404, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header

from bulk_lookup.core.role import Right
from bulk_lookup.models import Export
from bulk_lookup.models.scope import organization_scope
from bulk_lookup.web.access import PageRequest, found, page

_BLOCK: Final = 256 * 1024
_TYPES: Final = {
    "csv": "text/csv; charset=utf-8",
    "tsv": "text/tab-separated-values; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "jsonl": "application/jsonl",
    "parquet": "application/vnd.apache.parquet",
}
_NOT_IN_NAMES: Final = str.maketrans(dict.fromkeys('\\/:*?"<>|', "_"))


@page(Right.EXPORT, scope=False)
def export_file(request: PageRequest, export_id: int) -> HttpResponseBase:
    """The whole file, a block at a time."""
    with organization_scope(request.organization.pk):
        ready = Export.objects.downloads(timezone.now()).filter(pk=export_id, state=Export.State.READY)
        one: Export = found(ready.first())
    try:
        file = default_storage.open(one.file, "rb")
    except FileNotFoundError:
        raise Http404 from None
    kind = _TYPES[one.format]
    answer: StreamingHttpResponse
    if isinstance(request, ASGIRequest):
        # A server of the asynchronous kind gathers what a plain iterator gives in memory before it sends it.
        answer = StreamingHttpResponse(_blocks(file), content_type=kind)
    else:
        answer = FileResponse(file, content_type=kind)
    answer.headers["Content-Length"] = str(one.bytes)
    answer.headers["Content-Disposition"] = content_disposition_header(True, file_name(one)) or "attachment"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def file_name(export: Export) -> str:
    """What the file is called: no name leads out of a folder, hides, or passes as another kind of file."""
    name = export.name.translate(_NOT_IN_NAMES).strip(". ") or "contacts"
    name = name.removesuffix(PurePath(f"x.{export.format}").suffix)
    return f"{name}{' (simulated)' if export.simulated else ''}.{export.format}"


async def _blocks(file: "File[Any]") -> AsyncIterator[bytes]:
    try:
        while block := await sync_to_async(file.read)(_BLOCK):
            yield block
    finally:
        await sync_to_async(file.close)()
